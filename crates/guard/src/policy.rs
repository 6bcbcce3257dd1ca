//! Asks the policy. In a component, it is the policy component that is composed into it (`wit/policy.wit`). In a native program, it
//! is the default rule itself.

use axum::http::Method;
use users_core::{Subject, UserId};
use users_policy::Right;

#[cfg(target_family = "wasm")]
use imported as backend;
#[cfg(not(target_family = "wasm"))]
use native as backend;

/// Returns true if the account is an administrator by the default rule. The policy in use may have another rule.
pub(crate) fn is_administrator(subject: &Subject) -> bool {
    holds(subject, Right::ADMINISTRATION)
}

/// Returns true if the account has a right by the default rule. The policy in use may have another rule.
pub(crate) fn holds(subject: &Subject, required: Right<'_>) -> bool {
    users_policy::is_granted(subject.is_admin, granted(subject), required)
}

/// The rights that a subject is granted.
pub(crate) fn granted(subject: &Subject) -> impl Iterator<Item = Right<'_>> {
    let named = subject.permissions.iter().map(|it| Right::new(&it.resource, &it.action));
    named.chain(subject.unnamed.iter().map(|it| Right::new(&it.resource, &it.action)))
}

/// The circumstances of a request.
#[derive(Debug, Clone)]
#[cfg_attr(not(target_family = "wasm"), expect(dead_code, reason = "the default rule does not depend on it"))]
pub(crate) struct Circumstances {
    /// The database's time, in seconds since 1970.
    pub(crate) time: i64,
    pub(crate) method: Method,
    pub(crate) route: &'static str,
    /// The user whom the request is about, if it names one.
    pub(crate) target: Option<UserId>,
}

/// The decision of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Allow,
    /// Denied, with a reason for the client. An empty reason stands for the usual sentence.
    Deny(String),
}

/// Asks the policy whether a subject may exercise a right under these circumstances.
pub(crate) fn evaluate(subject: &Subject, required: Right<'_>, circumstances: &Circumstances) -> Decision {
    backend::evaluate(subject, required, circumstances)
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use super::{Circumstances, Decision, Right, Subject, granted};

    pub(super) fn evaluate(subject: &Subject, required: Right<'_>, _: &Circumstances) -> Decision {
        if users_policy::is_granted(subject.is_admin, granted(subject), required) {
            Decision::Allow
        } else {
            Decision::Deny(String::new())
        }
    }
}

#[cfg(target_family = "wasm")]
mod imported {
    use super::{Circumstances, Decision, Right, Subject, granted};

    wit_bindgen::generate!({ path: "../../wit/policy.wit", world: "policy-user" });

    use users::policy::evaluation;

    pub(super) fn evaluate(
        subject: &Subject,
        required: Right<'_>,
        circumstances: &Circumstances,
    ) -> Decision {
        let granted: Vec<_> = granted(subject).map(|it| permission(it.resource, it.action)).collect();
        let subject = evaluation::Subject {
            user_id: subject.user.get().unsigned_abs(),
            is_admin: subject.is_admin,
            roles: subject.roles.clone(),
        };
        let context = evaluation::Context {
            time: circumstances.time.unsigned_abs(),
            method: circumstances.method.as_str().to_owned(),
            route: circumstances.route.to_owned(),
            target_user: circumstances.target.map(|id| id.get().unsigned_abs()),
        };
        let required = permission(required.resource, required.action);
        match evaluation::evaluate(&subject, &granted, &required, &context) {
            evaluation::Decision::Allow => Decision::Allow,
            evaluation::Decision::Deny(reason) => Decision::Deny(reason),
        }
    }

    fn permission(resource: &str, action: &str) -> evaluation::Permission {
        evaluation::Permission { resource: resource.to_owned(), action: action.to_owned() }
    }
}

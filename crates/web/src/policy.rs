//! Asks the policy who may do what: the component that is composed into this one (`wit/policy.wit`), or on this machine,
//! where there are no components, the default rule itself.

use axum::http::Method;
use users_core::{Permission, UserId};
use users_policy::Right;

#[cfg(target_family = "wasm")]
use imported as backend;
#[cfg(not(target_family = "wasm"))]
use native as backend;

/// An account and what it has been granted.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The account.
    pub user: UserId,
    /// Its own mark, which by the default policy grants everything.
    pub is_admin: bool,
    /// The names of its roles.
    pub roles: Vec<String>,
    /// What its roles grant.
    pub permissions: Vec<Permission>,
}

impl Subject {
    /// Whether it is an administrator by the contract, whatever the policy makes of that.
    pub(crate) fn is_administrator(&self) -> bool {
        users_policy::is_granted(self.is_admin, self.permissions.iter().map(right), Right::ADMINISTRATION)
    }
}

/// What else is known about a request.
#[derive(Debug, Clone)]
#[cfg_attr(not(target_family = "wasm"), expect(dead_code, reason = "the default rule does not depend on it"))]
pub(crate) struct Circumstances {
    /// The database's time, in seconds since 1970.
    pub(crate) time: i64,
    pub(crate) method: Method,
    pub(crate) route: &'static str,
    /// The user that the request is about, when it names one.
    pub(crate) target: Option<UserId>,
}

/// What the policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Allow,
    /// With a reason for the client; empty for the usual one.
    Deny(String),
}

/// What the policy says about a subject, a right and the circumstances.
pub(crate) fn evaluate(subject: &Subject, required: Right<'_>, circumstances: &Circumstances) -> Decision {
    backend::evaluate(subject, required, circumstances)
}

fn right(permission: &Permission) -> Right<'_> {
    Right::new(&permission.resource, &permission.action)
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use super::{Circumstances, Decision, Right, Subject, right};

    pub(super) fn evaluate(subject: &Subject, required: Right<'_>, _: &Circumstances) -> Decision {
        if users_policy::is_granted(subject.is_admin, subject.permissions.iter().map(right), required) {
            Decision::Allow
        } else {
            Decision::Deny(String::new())
        }
    }
}

#[cfg(target_family = "wasm")]
mod imported {
    use super::{Circumstances, Decision, Right, Subject};

    wit_bindgen::generate!({ path: "../../wit/policy.wit", world: "policy-user" });

    use users::policy::evaluation;

    pub(super) fn evaluate(
        subject: &Subject,
        required: Right<'_>,
        circumstances: &Circumstances,
    ) -> Decision {
        let granted: Vec<_> =
            subject.permissions.iter().map(|it| permission(&it.resource, &it.action)).collect();
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

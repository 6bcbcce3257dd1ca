//! The rights of a caller.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use users_core::{Subject, UserId};
use users_policy::Right;
use users_web::openapi::{Describe, Operation};
use users_web::{Code, Context, Problem};

use crate::codes::{ADMIN_REQUIRED, PERMISSION_DENIED};
use crate::policy::{Circumstances, Decision, evaluate, holds, is_administrator};
use crate::{Authority, Caller};

/// The maximum length of a policy's reason in an answer, in characters.
const LONGEST_REASON: usize = 500;

/// The caller's grants, which let a handler ask the policy. The access rule of the route must read [`Rights::EXTRA`].
#[derive(Debug, Clone)]
pub struct Rights {
    /// The caller.
    pub subject: Subject,
    circumstances: Circumstances,
}

impl Rights {
    /// The extra that an access rule must read for the caller's rights: `permissions`.
    pub const EXTRA: &str = "permissions";

    /// Returns without an error if the caller has the right.
    ///
    /// # Errors
    /// 403 `admin_required` if the route requires an administrator and the caller is not one. Otherwise 403 `permission_denied`.
    /// The problem contains the policy's reason, if the policy gives one.
    pub fn require(&self, required: Right<'_>) -> Result<(), Problem> {
        let Decision::Deny(reason) = evaluate(&self.subject, required, &self.circumstances) else {
            return Ok(());
        };
        Err(refusal(code_of_refusal(&self.subject, required), &reason))
    }

    /// How far the caller's administration goes: an administrator's to everything, a holder of the right to a part.
    ///
    /// The policy is asked for both rights. If it refuses the administration to an administrator, the other right cannot replace it:
    /// the default rule grants every right to administrators, so a policy that restrains them would have no effect.
    ///
    /// # Errors
    /// 403 `admin_required` if the caller is no administrator and lacks the right. 403 `permission_denied` if the policy refuses a
    /// right that the caller has. The problem contains the policy's reason, if the policy gives one.
    pub fn administers(&self, required: Right<'_>) -> Result<Authority, Problem> {
        let refused = match self.require(Right::ADMINISTRATION) {
            Ok(()) => return Ok(Authority::Full),
            Err(refused) => refused,
        };
        if is_administrator(&self.subject) {
            return Err(refused);
        }
        match evaluate(&self.subject, required, &self.circumstances) {
            Decision::Allow => Ok(Authority::partial(&self.subject)),
            Decision::Deny(reason) if holds(&self.subject, required) => {
                Err(refusal(PERMISSION_DENIED, &reason))
            }
            Decision::Deny(_) => Err(refused),
        }
    }

    /// The same rights, for a request whose body names a user.
    #[must_use]
    pub fn about(&self, user: UserId) -> Self {
        let circumstances = Circumstances { target: Some(user), ..self.circumstances.clone() };
        Self { subject: self.subject.clone(), circumstances }
    }

    /// Returns true if the policy would grant a right to another subject under the circumstances of this request.
    #[must_use]
    pub fn would_allow(&self, subject: &Subject, required: Right<'_>) -> bool {
        evaluate(subject, required, &self.circumstances) == Decision::Allow
    }
}

/// A custom policy may refuse a right even to an administrator. The code then is not `admin_required`.
fn code_of_refusal(subject: &Subject, required: Right<'_>) -> Code {
    if required == Right::ADMINISTRATION && !is_administrator(subject) {
        ADMIN_REQUIRED
    } else {
        PERMISSION_DENIED
    }
}

fn refusal(code: Code, reason: &str) -> Problem {
    let problem = Problem::new(code);
    if reason.is_empty() {
        problem
    } else {
        problem.with_detail(reason.chars().take(LONGEST_REASON).collect::<String>())
    }
}

/// The user id in the path, from `{user_id}`.
async fn target(request: &mut Parts) -> Option<UserId> {
    let parameters = RawPathParams::from_request_parts(request, &()).await.ok()?;
    parameters.iter().find(|(name, _)| *name == "user_id").and_then(|(_, value)| value.parse().ok())
}

impl<S: Sync> FromRequestParts<S> for Rights {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = Caller::of(parts)?;
        let subject = Subject {
            user: caller.user.id,
            is_admin: caller.user.is_admin,
            roles: caller.roles.clone(),
            permissions: caller.extra(Self::EXTRA)?,
            unnamed: caller.unnamed_rights()?,
        };
        let circumstances = Circumstances {
            time: caller.now,
            method: parts.method.clone(),
            route: parts.extensions.get::<Context>().and_then(Context::route).unwrap_or_default(),
            target: target(parts).await,
        };
        Ok(Self { subject, circumstances })
    }
}

impl Describe for Rights {
    fn describe(_: &mut Operation) {}
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::{Method, Request};
    use futures::executor::block_on;
    use tower::ServiceExt;
    use users_core::{Permission, PermissionId};

    use super::*;

    fn rights(is_admin: bool, permissions: &[(&str, &str)]) -> Rights {
        let permissions = permissions
            .iter()
            .map(|(resource, action)| Permission {
                id: PermissionId::try_from(1).unwrap(),
                name: format!("{resource}:{action}"),
                description: None,
                resource: (*resource).to_owned(),
                action: (*action).to_owned(),
            })
            .collect();
        let user = UserId::try_from(7).unwrap();
        Rights {
            subject: Subject { user, is_admin, roles: vec![], permissions, unnamed: vec![] },
            circumstances: Circumstances { time: 0, method: Method::GET, route: "/", target: None },
        }
    }

    #[test]
    fn a_refusal_names_the_missing_administrator_or_permission() {
        let code = |rights: &Rights, right| rights.require(right).err().map(|problem| problem.code());
        let reader = rights(false, &[("user", "read")]);
        assert_eq!(code(&reader, Right::ADMINISTRATION), Some(ADMIN_REQUIRED));
        assert_eq!(code(&reader, Right::new("user", "write")), Some(PERMISSION_DENIED));
        assert_eq!(code(&reader, Right::new("user", "read")), None);
        for administrator in [rights(true, &[]), rights(false, &[("admin", "all")])] {
            assert_eq!(code(&administrator, Right::ADMINISTRATION), None);
            assert_eq!(code(&administrator, Right::new("user", "write")), None);
        }
    }

    #[test]
    fn a_part_of_the_administration_needs_its_own_right_or_an_administrator() {
        let authority = |rights: Rights| {
            let authority = rights.administers(Right::new("accounts", "write"));
            authority.map_err(|problem| problem.code())
        };
        for administrator in [rights(true, &[]), rights(false, &[("admin", "all")])] {
            assert_eq!(authority(administrator), Ok(Authority::Full));
        }
        for held in [("accounts", "write"), ("accounts", "all")] {
            let partial = Authority::Partial {
                caller: UserId::try_from(7).unwrap(),
                rights: vec![format!("{}:{}", held.0, held.1)],
            };
            assert_eq!(authority(rights(false, &[held])), Ok(partial));
        }
        for held in [("accounts", "read"), ("rbac", "write"), ("rbac", "all"), ("admin", "write")] {
            assert_eq!(authority(rights(false, &[held])), Err(ADMIN_REQUIRED), "{held:?}");
        }
    }

    #[test]
    fn an_administrator_whom_a_policy_refuses_is_not_told_to_become_one() {
        for administrator in [rights(true, &[]), rights(false, &[("admin", "all")])] {
            assert_eq!(code_of_refusal(&administrator.subject, Right::ADMINISTRATION), PERMISSION_DENIED);
        }
        let reader = rights(false, &[("user", "read")]).subject;
        assert_eq!(code_of_refusal(&reader, Right::ADMINISTRATION), ADMIN_REQUIRED);
        assert_eq!(code_of_refusal(&reader, Right::new("user", "write")), PERMISSION_DENIED);
    }

    #[test]
    fn rights_can_be_checked_for_another_subject() {
        let (reader, other) = (rights(false, &[("user", "read")]), rights(false, &[]));
        assert!(reader.would_allow(&reader.subject, Right::new("user", "read")));
        assert!(!reader.would_allow(&reader.subject, Right::new("user", "write")));
        assert!(!reader.would_allow(&other.subject, Right::new("user", "read")));
    }

    #[test]
    fn rights_about_a_user_are_the_same_for_another_target() {
        let user = UserId::try_from(8).unwrap();
        let rights = rights(true, &[]).about(user);
        assert_eq!((rights.subject.user.get(), rights.subject.is_admin), (7, true));
        assert_eq!(rights.circumstances.target, Some(user));
        assert_eq!(rights.circumstances.route, "/");
    }

    #[test]
    fn the_target_is_the_user_that_the_path_names() {
        assert_eq!(target_of("/users/{user_id}/roles/{role_id}", "/users/7/roles/8"), "Some(7)");
        assert_eq!(target_of("/roles/{role_id}/users/{user_id}", "/roles/8/users/7"), "Some(7)");
        assert_eq!(target_of("/roles/{role_id}", "/roles/8"), "None");
        assert_eq!(target_of("/users/{user_id}", "/users/x"), "None");
        assert_eq!(target_of("/users", "/users"), "None");
    }

    fn target_of(route: &str, path: &str) -> String {
        let tell = async |request: Request<Body>| {
            let (mut parts, _) = request.into_parts();
            format!("{:?}", target(&mut parts).await.map(UserId::get))
        };
        let router = Router::new().route(route, axum::routing::get(tell));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let Ok(answer) = block_on(router.oneshot(request));
        let body = block_on(to_bytes(answer.into_body(), 100)).unwrap();
        String::from_utf8(body.into()).unwrap()
    }

    #[test]
    fn a_reason_is_passed_on_within_limits() {
        assert_eq!(refusal(PERMISSION_DENIED, "x".repeat(501).as_str()).detail(), "x".repeat(500));
        let usual = Problem::new(PERMISSION_DENIED);
        assert_eq!(refusal(PERMISSION_DENIED, "").detail(), usual.detail());
    }
}

//! The access rules that a table of routes may name, beside [`Public`](crate::Public).

use std::borrow::Cow;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use users_core::{StoredProfile, UserId};
use users_policy::Right;

use crate::guard::{Along, Recognised, recognise};
use crate::openapi::Operation;
use crate::policy::{Circumstances, Decision, evaluate};
use crate::{Access, Caller, Code, Context, Guard, Problem, Subject};

/// The longest reason of a policy that is passed on, in characters.
const LONGEST_REASON: usize = 500;

/// Anyone with an active account may. Costs one statement, and leaves the [`Caller`] for the handler to extract; so do the
/// other rules.
#[derive(Debug, Clone, Copy)]
pub struct Account;

/// Anyone with an active account may; what its roles grant is read along, and left as [`Rights`].
#[derive(Debug, Clone, Copy)]
pub struct AccountWithRights;

/// Anyone with an active account may; their own profile is read along, and left as [`OwnProfile`].
#[derive(Debug, Clone, Copy)]
pub struct AccountWithProfile;

/// Administrators may, if the policy agrees.
#[derive(Debug, Clone, Copy)]
pub struct Admin;

/// Whoever the policy grants an action on a resource may, such as `Permitted("user", "read")`.
#[derive(Debug, Clone, Copy)]
pub struct Permitted(pub &'static str, pub &'static str);

impl<S: AsRef<Guard> + Sync> Access<S> for Account {
    fn required(&self) -> Cow<'static, str> {
        "account".into()
    }

    fn describe(&self, operation: &mut Operation) {
        for_accounts(operation);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        let Recognised { caller, .. } = recognise(state.as_ref(), request, Along::default()).await?;
        request.extensions.insert(caller);
        Ok(())
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for AccountWithRights {
    fn required(&self) -> Cow<'static, str> {
        "account".into()
    }

    fn describe(&self, operation: &mut Operation) {
        for_accounts(operation);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        let (caller, rights) = with_rights(state.as_ref(), request).await?;
        request.extensions.insert(caller);
        request.extensions.insert(rights);
        Ok(())
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for AccountWithProfile {
    fn required(&self) -> Cow<'static, str> {
        "account".into()
    }

    fn describe(&self, operation: &mut Operation) {
        for_accounts(operation);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        let along = Along { profile: true, ..Along::default() };
        let Recognised { caller, profile, .. } = recognise(state.as_ref(), request, along).await?;
        request.extensions.insert(caller);
        request.extensions.insert(OwnProfile(profile));
        Ok(())
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for Admin {
    fn required(&self) -> Cow<'static, str> {
        "admin".into()
    }

    fn describe(&self, operation: &mut Operation) {
        for_accounts(operation);
        operation.problems([Code::AdminRequired, Code::PermissionDenied]);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        admit(state.as_ref(), request, Right::ADMINISTRATION).await
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for Permitted {
    fn required(&self) -> Cow<'static, str> {
        format!("{}:{}", self.0, self.1).into()
    }

    fn describe(&self, operation: &mut Operation) {
        for_accounts(operation);
        operation.problems([Code::PermissionDenied]);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        admit(state.as_ref(), request, Right::new(self.0, self.1)).await
    }
}

fn for_accounts(operation: &mut Operation) {
    operation.guarded();
    operation.problems([
        Code::NotAuthenticated,
        Code::InvalidToken,
        Code::InactiveAccount,
        Code::InternalError,
        Code::DatabaseUnavailable,
    ]);
}

/// The one guard of every route that asks for a right.
async fn admit(guard: &Guard, request: &mut Parts, required: Right<'_>) -> Result<(), Problem> {
    let (caller, rights) = with_rights(guard, request).await?;
    rights.require(required)?;
    request.extensions.insert(caller);
    request.extensions.insert(rights);
    Ok(())
}

async fn with_rights(guard: &Guard, request: &mut Parts) -> Result<(Caller, Rights), Problem> {
    let along = Along { permissions: true, ..Along::default() };
    let Recognised { caller, permissions, now, .. } = recognise(guard, request, along).await?;
    let subject = Subject {
        user: caller.user.id,
        is_admin: caller.user.is_admin,
        roles: caller.roles.clone(),
        permissions,
    };
    let circumstances = Circumstances {
        time: now,
        method: request.method.clone(),
        route: request.extensions.get::<Context>().and_then(Context::route).unwrap_or_default(),
        target: target(request).await,
    };
    Ok((caller, Rights { subject, circumstances }))
}

/// The user that the path names as `{user_id}`.
async fn target(request: &mut Parts) -> Option<UserId> {
    let parameters = RawPathParams::from_request_parts(request, &()).await.ok()?;
    parameters.iter().find(|(name, _)| *name == "user_id").and_then(|(_, value)| value.parse().ok())
}

/// What the caller has been granted, and the policy to ask about it. Extracted by handlers behind a rule that reads rights.
#[derive(Debug, Clone)]
pub struct Rights {
    /// The caller.
    pub subject: Subject,
    circumstances: Circumstances,
}

impl Rights {
    /// Lets the caller go on, or gives the problem that says why not.
    ///
    /// # Errors
    /// 403 `admin_required` when the right of administrators is required and the caller is none, else 403
    /// `permission_denied`, with the policy's reason when it has one.
    pub fn require(&self, required: Right<'_>) -> Result<(), Problem> {
        let Decision::Deny(reason) = evaluate(&self.subject, required, &self.circumstances) else {
            return Ok(());
        };
        Err(refusal(lacking(&self.subject, required), &reason))
    }

    /// The same rights for what the request is about, when its body names a user.
    #[must_use]
    pub fn about(&self, user: UserId) -> Self {
        let circumstances = Circumstances { target: Some(user), ..self.circumstances.clone() };
        Self { subject: self.subject.clone(), circumstances }
    }

    /// Whether the policy would allow a subject what the right stands for, as far as this request can tell.
    #[must_use]
    pub fn would_allow(&self, subject: &Subject, required: Right<'_>) -> bool {
        evaluate(subject, required, &self.circumstances) == Decision::Allow
    }
}

/// What a subject lacks whom the policy refuses a right. Another policy may refuse it to an administrator, too.
fn lacking(subject: &Subject, required: Right<'_>) -> Code {
    if required == Right::ADMINISTRATION && !subject.is_administrator() {
        Code::AdminRequired
    } else {
        Code::PermissionDenied
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

impl<S: Sync> FromRequestParts<S> for Rights {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            Problem::internal("a handler wants the caller's rights on a route whose access rule reads none")
        })
    }
}

/// What is kept of the caller's profile, if anything is. Extracted by handlers behind [`AccountWithProfile`].
#[derive(Debug, Clone)]
pub struct OwnProfile(pub Option<StoredProfile>);

impl<S: Sync> FromRequestParts<S> for OwnProfile {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            Problem::internal("a handler wants the caller's profile on a route whose access rule reads none")
        })
    }
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
            subject: Subject { user, is_admin, roles: vec![], permissions },
            circumstances: Circumstances { time: 0, method: Method::GET, route: "/", target: None },
        }
    }

    #[test]
    fn a_refusal_tells_whether_an_administrator_or_a_permission_is_missing() {
        let code = |rights: &Rights, right| rights.require(right).err().map(|problem| problem.code());
        let reader = rights(false, &[("user", "read")]);
        assert_eq!(code(&reader, Right::ADMINISTRATION), Some(Code::AdminRequired));
        assert_eq!(code(&reader, Right::new("user", "write")), Some(Code::PermissionDenied));
        assert_eq!(code(&reader, Right::new("user", "read")), None);
        for administrator in [rights(true, &[]), rights(false, &[("admin", "all")])] {
            assert_eq!(code(&administrator, Right::ADMINISTRATION), None);
            assert_eq!(code(&administrator, Right::new("user", "write")), None);
        }
    }

    #[test]
    fn an_administrator_whom_a_policy_refuses_is_not_told_to_become_one() {
        for administrator in [rights(true, &[]), rights(false, &[("admin", "all")])] {
            assert_eq!(lacking(&administrator.subject, Right::ADMINISTRATION), Code::PermissionDenied);
        }
        let reader = rights(false, &[("user", "read")]).subject;
        assert_eq!(lacking(&reader, Right::ADMINISTRATION), Code::AdminRequired);
        assert_eq!(lacking(&reader, Right::new("user", "write")), Code::PermissionDenied);
    }

    #[test]
    fn rights_tell_what_the_policy_would_allow_anyone() {
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
        assert_eq!(refusal(Code::PermissionDenied, "x".repeat(501).as_str()).detail(), "x".repeat(500));
        let usual = Problem::new(Code::PermissionDenied);
        assert_eq!(refusal(Code::PermissionDenied, "").detail(), usual.detail());
    }
}

//! The access rules for a table of routes. [`Public`](users_web::Public) is another one.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use users_policy::Right;
use users_web::openapi::Operation;
use users_web::{Access, Code, Problem};

use crate::caller::Refusal;
use crate::codes::{
    ADMIN_REQUIRED, API_KEY_NOT_ALLOWED, INACTIVE_ACCOUNT, INSUFFICIENT_USER_AUTHENTICATION, INVALID_TOKEN,
    NOT_AUTHENTICATED, PERMISSION_DENIED, SECOND_FACTOR_NEEDED,
};
use crate::guard::recognise;
use crate::{Caller, Guard, Rights};

/// Anyone with an active account may use the route, by an access token or an API key. Like the other rules, it runs one statement, and
/// stores the [`Caller`] for the handler.
#[derive(Debug, Clone, Copy)]
pub struct Account;

/// Anyone who has logged in may use the route. A program with an API key may not: the route is about sessions, passwords, or keys
/// themselves.
#[derive(Debug, Clone, Copy)]
pub struct OwnSession;

/// Anyone whose session is fresh may use the route (see [`FRESH_FOR`](users_core::FRESH_FOR)), and no program with an API key. Where a second
/// factor is set up, only a factor makes a session fresh. The same statement reads that.
#[derive(Debug, Clone, Copy)]
pub struct FreshSession;

/// The route asks for the password itself. Anyone who has logged in may use it, but where a second factor is set up, the session must be fresh
/// as for [`FreshSession`]: the password does not replace the factor.
#[derive(Debug, Clone, Copy)]
pub struct FreshFactor;

/// Anyone who has logged in may use the route. Only the handler knows whether the session must be fresh:
/// see [`Caller::require_fresh`](crate::Caller::require_fresh).
#[derive(Debug, Clone, Copy)]
pub struct SessionWithProof;

/// Anyone with an active account may use the route. The same statement reads these extras: see
/// [`Caller::extra`](crate::Caller::extra).
#[derive(Debug, Clone, Copy)]
pub struct AccountWith(pub &'static [&'static str]);

/// Everyone may use the route. If the token is valid, the caller is recognized as by [`OwnSession`]. Otherwise the handler decides,
/// see [`MaybeCaller`](crate::MaybeCaller).
#[derive(Debug, Clone, Copy)]
pub struct MaybeAccount;

/// Everyone may use the route. Without a token, the handler finds none: see [`MaybeCaller`](crate::MaybeCaller). A token that is sent has to be
/// a good one, of a session.
#[derive(Debug, Clone, Copy)]
pub struct OptionalSession;

/// Administrators may use the route, if the policy agrees.
#[derive(Debug, Clone, Copy)]
pub struct Admin;

/// Administrators may use the route, and callers whom the policy grants an action on a resource, such as
/// `Administers("accounts", "write")`. The rule stores the caller's [`Authority`](crate::Authority) for the handler.
#[derive(Debug, Clone, Copy)]
pub struct Administers(pub &'static str, pub &'static str);

/// A caller may use the route if the policy grants an action on a resource, such as `Permitted("user", "read")`.
#[derive(Debug, Clone, Copy)]
pub struct Permitted(pub &'static str, pub &'static str);

impl<S: AsRef<Guard> + Sync> Access<S> for Account {
    fn required(&self) -> Cow<'static, str> {
        "account".into()
    }

    fn describe(&self, operation: &mut Operation) {
        describe(operation, &[]);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        recognise(state.as_ref(), request, &[]).await
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for OwnSession {
    fn required(&self) -> Cow<'static, str> {
        "session".into()
    }

    fn describe(&self, operation: &mut Operation) {
        describe(operation, &[API_KEY_NOT_ALLOWED]);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        recognise_session(state.as_ref(), request, &[]).await
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for SessionWithProof {
    fn required(&self) -> Cow<'static, str> {
        "session".into()
    }

    fn describe(&self, operation: &mut Operation) {
        describe(operation, &[API_KEY_NOT_ALLOWED, INSUFFICIENT_USER_AUTHENTICATION, SECOND_FACTOR_NEEDED]);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        recognise_session(state.as_ref(), request, &[Caller::PROOF]).await
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for FreshSession {
    fn required(&self) -> Cow<'static, str> {
        "session".into()
    }

    fn describe(&self, operation: &mut Operation) {
        Access::<S>::describe(&SessionWithProof, operation);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        SessionWithProof.admit(state, request).await?;
        Caller::of(request)?.require_fresh()
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for FreshFactor {
    fn required(&self) -> Cow<'static, str> {
        "session".into()
    }

    fn describe(&self, operation: &mut Operation) {
        Access::<S>::describe(&SessionWithProof, operation);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        SessionWithProof.admit(state, request).await?;
        Caller::of(request)?.require_fresh_factor()
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for AccountWith {
    fn required(&self) -> Cow<'static, str> {
        "account".into()
    }

    fn describe(&self, operation: &mut Operation) {
        describe(operation, &[]);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        recognise(state.as_ref(), request, self.0).await
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for MaybeAccount {
    fn required(&self) -> Cow<'static, str> {
        "session".into()
    }

    fn describe(&self, operation: &mut Operation) {
        describe(operation, &[API_KEY_NOT_ALLOWED]);
        operation.token_is_optional();
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        match recognise_session(state.as_ref(), request, &[]).await {
            Err(problem)
                if [NOT_AUTHENTICATED, INVALID_TOKEN, INACTIVE_ACCOUNT].contains(&problem.code()) =>
            {
                request.extensions.insert(Refusal(problem));
                Ok(())
            }
            recognised => recognised,
        }
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for OptionalSession {
    fn required(&self) -> Cow<'static, str> {
        "optional".into()
    }

    fn describe(&self, operation: &mut Operation) {
        describe_token(operation, &[API_KEY_NOT_ALLOWED]);
        operation.token_is_optional();
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        match recognise_session(state.as_ref(), request, &[]).await {
            Err(problem) if problem.code() == NOT_AUTHENTICATED => {
                request.extensions.insert(Refusal(problem));
                Ok(())
            }
            recognised => recognised,
        }
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for Admin {
    fn required(&self) -> Cow<'static, str> {
        "admin".into()
    }

    fn is_administrative(&self) -> bool {
        true
    }

    fn describe(&self, operation: &mut Operation) {
        describe(operation, &[ADMIN_REQUIRED, PERMISSION_DENIED]);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        admit(state.as_ref(), request, Right::ADMINISTRATION).await
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for Administers {
    fn required(&self) -> Cow<'static, str> {
        format!("{}:{}", self.0, self.1).into()
    }

    fn is_administrative(&self) -> bool {
        true
    }

    fn describe(&self, operation: &mut Operation) {
        describe(operation, &[ADMIN_REQUIRED, PERMISSION_DENIED]);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        recognise(state.as_ref(), request, &[Rights::EXTRA]).await?;
        let rights = Rights::from_request_parts(request, &()).await?;
        request.extensions.insert(rights.administers(Right::new(self.0, self.1))?);
        Ok(())
    }
}

impl<S: AsRef<Guard> + Sync> Access<S> for Permitted {
    fn required(&self) -> Cow<'static, str> {
        format!("{}:{}", self.0, self.1).into()
    }

    fn describe(&self, operation: &mut Operation) {
        describe(operation, &[PERMISSION_DENIED]);
    }

    async fn admit(&self, state: &S, request: &mut Parts) -> Result<(), Problem> {
        admit(state.as_ref(), request, Right::new(self.0, self.1)).await
    }
}

/// Describes the problems of every guarded route, and the problems of one rule.
fn describe(operation: &mut Operation, of_rule: &[Code]) {
    operation.problems([NOT_AUTHENTICATED]);
    describe_token(operation, of_rule);
}

/// Describes the problems of every route that reads a token, and the problems of one rule.
fn describe_token(operation: &mut Operation, of_rule: &[Code]) {
    operation.guarded();
    operation.problems([INVALID_TOKEN, INACTIVE_ACCOUNT, Code::INTERNAL_ERROR, Code::DATABASE_UNAVAILABLE]);
    operation.problems(of_rule.iter().copied());
}

/// Recognizes a caller with an access token, and reads these extras.
async fn recognise_session(
    guard: &Guard,
    request: &mut Parts,
    extras: &'static [&'static str],
) -> Result<(), Problem> {
    recognise(guard, request, extras).await?;
    Caller::of(request)?.own_session().map(|_| ())
}

/// The guard of every route that requires a right.
async fn admit(guard: &Guard, request: &mut Parts, required: Right<'_>) -> Result<(), Problem> {
    recognise(guard, request, &[Rights::EXTRA]).await?;
    Rights::from_request_parts(request, &()).await?.require(required)
}

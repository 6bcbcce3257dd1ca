//! The caller of a guarded route.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use users_core::{ApiKeyId, Proof, SessionId, User};
use users_web::Problem;
use users_web::openapi::{Describe, Operation};

use crate::codes::{API_KEY_NOT_ALLOWED, INSUFFICIENT_USER_AUTHENTICATION, SECOND_FACTOR_NEEDED};

/// The caller, as the database describes the account at the time of the request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub user: User,
    /// The proof that the caller is the account.
    pub credential: Credential,
    /// The names of the account's roles, sorted. An API key with a list of permissions has none.
    pub roles: Vec<String>,
    /// The names of the extras that the access rule asks for.
    pub(crate) asked_for: &'static [&'static str],
    /// The extras by name, as JSON: only the handler knows their types, and it parses them once.
    pub(crate) extras: BTreeMap<String, Box<RawValue>>,
    /// The database's time, in seconds since 1970.
    pub(crate) now: i64,
}

/// The proof that a caller is an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// An access token of this session.
    Session(SessionId),
    /// This API key. [`Caller::user`] and [`Caller::roles`] say what the key may do, which may be less than the account may.
    ApiKey(ApiKeyId),
}

impl Caller {
    /// The session of the access token, if the caller has one.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(session) => Some(session),
            Credential::ApiKey(_) => None,
        }
    }

    /// The API key of the request, if the caller has one.
    #[must_use]
    pub fn api_key(&self) -> Option<ApiKeyId> {
        match self.credential {
            Credential::Session(_) => None,
            Credential::ApiKey(key) => Some(key),
        }
    }

    /// The session of the access token, for an operation that belongs to sessions.
    ///
    /// # Errors
    /// 403 `api_key_not_allowed`. The access rule [`OwnSession`](crate::OwnSession) refuses API keys before.
    pub fn own_session(&self) -> Result<SessionId, Problem> {
        self.session().ok_or_else(|| API_KEY_NOT_ALLOWED.into())
    }

    /// The extra that an access rule must read for [`Self::proof`].
    pub const PROOF: &str = "authentication";

    /// The proof that the session of the access token is: when and how its owner was authenticated. An API key proves nothing.
    ///
    /// # Errors
    /// A defect of the component: the access rule of the route does not read [`Self::PROOF`], or the caller has no session.
    pub fn proof(&self) -> Result<Proof, Problem> {
        self.extra(Self::PROOF)
    }

    /// Returns without an error if the session is fresh, by the clock of the database.
    ///
    /// # Errors
    /// 401 `insufficient_user_authentication`; and as for [`Self::proof`].
    pub fn require_fresh(&self) -> Result<(), Problem> {
        let proof = self.proof()?;
        if proof.is_fresh(self.now) { Ok(()) } else { Err(refusal(&proof)) }
    }

    /// Returns without an error if the session is fresh, or the account has no second factor. It is for operations that ask for the password:
    /// without a factor, the password is the proof.
    ///
    /// # Errors
    /// As for [`Self::require_fresh`].
    pub fn require_fresh_factor(&self) -> Result<(), Problem> {
        let proof = self.proof()?;
        if !proof.has_factor || proof.is_fresh(self.now) { Ok(()) } else { Err(refusal(&proof)) }
    }

    /// Returns without an error if the account has no second factor, so that a password alone is a proof.
    ///
    /// # Errors
    /// 401 `insufficient_user_authentication`; and as for [`Self::proof`].
    pub fn require_single_factor(&self) -> Result<(), Problem> {
        if self.proof()?.has_factor { Err(SECOND_FACTOR_NEEDED.into()) } else { Ok(()) }
    }

    /// The extra with this name, or `null` if the database has no value for it.
    ///
    /// # Errors
    /// A defect of the component: the table of routes does not ask for the extra, or the extra has another type.
    pub fn extra<T: DeserializeOwned>(&self, name: &str) -> Result<T, Problem> {
        if !self.asked_for.contains(&name) {
            return Err(Problem::internal(format!("the access rule of this route does not read {name}")));
        }
        let json = self.extras.get(name).map_or("null", |extra| extra.get());
        serde_json::from_str(json)
            .map_err(|_| Problem::internal(format!("{name} is not of the expected type")))
    }

    /// The caller of this request, for extractors that need a part of it.
    ///
    /// # Errors
    /// A defect of the component: the access rule of the route recognizes no caller.
    pub fn of(parts: &Parts) -> Result<&Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .ok_or_else(|| Problem::internal("the access rule of this route recognises no caller"))
    }
}

/// The challenge (RFC 9470 section 3) for a session that is not fresh.
fn refusal(proof: &Proof) -> Problem {
    if proof.has_factor { SECOND_FACTOR_NEEDED.into() } else { INSUFFICIENT_USER_AUTHENTICATION.into() }
}

/// The caller, or the problem that [`Account`](crate::Account) would answer with. Use it only behind
/// [`MaybeAccount`](crate::MaybeAccount) or [`OptionalSession`](crate::OptionalSession).
#[derive(Debug, Clone)]
pub struct MaybeCaller(pub Result<Caller, Problem>);

/// The reason why the caller was not recognized.
#[derive(Debug, Clone)]
pub(crate) struct Refusal(pub(crate) Problem);

impl<S: Sync> FromRequestParts<S> for MaybeCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.remove::<Refusal>() {
            Some(Refusal(problem)) => Ok(Self(Err(problem))),
            None => Caller::of(parts).cloned().map(Ok).map(Self),
        }
    }
}

impl Describe for MaybeCaller {
    fn describe(_: &mut Operation) {}
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(parts).cloned()
    }
}

impl Describe for Caller {
    fn describe(_: &mut Operation) {}
}

//! Who is calling.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::Deserialize;
use users_core::{Permission, SessionId, StoredProfile, User};
use users_crypto::{AccessTokens, Claims};
use users_db::{Db, DbSettings};

use crate::{Code, Context, Database, Problem, store};

/// What it takes to recognise a caller.
#[derive(Debug, Clone)]
pub struct Guard {
    /// Verifies tokens.
    pub tokens: Arc<AccessTokens>,
    /// Knows accounts and sessions.
    pub db: Db,
}

/// What an operator sets for a component that recognises callers.
#[derive(Clone)]
pub struct Settings {
    /// Where the database is.
    pub db: DbSettings,
    /// Signs access tokens; at least 32 bytes.
    pub jwt_secret: String,
    /// Another secret whose access tokens are accepted; at least 32 bytes, or empty for none.
    pub jwt_secret_previous: String,
    /// `iss` of access tokens.
    pub jwt_issuer: String,
    /// `aud` of access tokens.
    pub jwt_audience: String,
}

impl Guard {
    /// The guard for these settings.
    ///
    /// # Errors
    /// A problem whose cause tells which setting cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, Problem> {
        let Settings { db, jwt_secret, jwt_secret_previous, jwt_issuer, jwt_audience } = settings;
        let tokens = AccessTokens::new(jwt_secret.as_bytes(), jwt_issuer, jwt_audience)
            .and_then(|tokens| tokens.with_previous_secret(jwt_secret_previous.as_bytes()))
            .map_err(Problem::internal)?;
        Ok(Self { tokens: Arc::new(tokens), db: Db::new(db)? })
    }
}

/// A guard is all the state that a component needs which only looks after the database.
impl AsRef<Self> for Guard {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl AsRef<Db> for Guard {
    fn as_ref(&self) -> &Db {
        &self.db
    }
}

/// Who is calling, as the database knew it when the request came.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub user: User,
    /// The session that the token belongs to.
    pub session: SessionId,
    /// The names of the account's roles, in order.
    pub roles: Vec<String>,
}

/// What is read about a caller besides the account, in the same statement.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Along {
    pub(crate) permissions: bool,
    pub(crate) profile: bool,
}

/// Who is calling.
pub(crate) async fn recognise(guard: &Guard, request: &Parts, along: Along) -> Result<Recognised, Problem> {
    let claims =
        guard.tokens.verify(bearer(&request.headers)?).map_err(|_| Problem::new(Code::InvalidToken))?;
    let context = request.extensions.get::<Context>();
    let db = context.map_or_else(|| Database(guard.db.clone()), |context| Database::of(&guard.db, context)).0;
    let found = store::caller(&db, &claims, along).await?;
    let recognised = judge(found, &claims)?;
    if let Some(context) = context {
        context.set_user(recognised.caller.user.id);
        context.set_time(recognised.now);
    }
    Ok(recognised)
}

/// A caller, and what was read along.
pub(crate) struct Recognised {
    pub(crate) caller: Caller,
    /// What the caller's roles grant; empty when it was not asked for.
    pub(crate) permissions: Vec<Permission>,
    /// The caller's profile; none also when it was not asked for.
    pub(crate) profile: Option<StoredProfile>,
    /// The database's time, in seconds since 1970.
    pub(crate) now: i64,
}

/// What the database says about the claims of a token.
#[derive(Debug, Deserialize)]
pub(crate) struct Found {
    pub(crate) user: User,
    pub(crate) roles: Vec<String>,
    /// Empty when it was not asked for.
    pub(crate) permissions: Vec<Permission>,
    /// None also when it was not asked for.
    pub(crate) profile: Option<StoredProfile>,
    /// The session exists, belongs to the user and is not over.
    pub(crate) has_session: bool,
    /// The database's time, in seconds since 1970.
    pub(crate) now: i64,
}

fn judge(found: Option<Found>, claims: &Claims) -> Result<Recognised, Problem> {
    let found = found.ok_or_else(|| Problem::new(Code::InvalidToken))?;
    if claims.has_expired(found.now) {
        return Err(Problem::new(Code::InvalidToken));
    }
    // Before the session: a deactivation ends the sessions, and should still be told apart from a logout.
    if !found.user.is_active {
        return Err(Problem::new(Code::InactiveAccount));
    }
    if !found.has_session {
        return Err(Problem::new(Code::InvalidToken));
    }
    let caller = Caller { user: found.user, session: claims.session, roles: found.roles };
    Ok(Recognised { caller, permissions: found.permissions, profile: found.profile, now: found.now })
}

/// The token in `Authorization: Bearer …` (RFC 6750 section 2.1), the one place where a token is read from.
fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = sent.next() else {
        return Err(Problem::new(Code::NotAuthenticated));
    };
    if sent.next().is_some() {
        return Err(Problem::new(Code::InvalidToken));
    }
    let value = value.to_str().map_err(|_| Problem::new(Code::InvalidToken))?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        // Credentials of another scheme are none for this service.
        Err(Problem::new(Code::NotAuthenticated))
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            Problem::internal("a handler wants the caller on a route whose access rule finds none")
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use users_core::Timestamp;
    use users_crypto::OsRandom;
    use users_db::SslMode;

    use super::*;

    /// When the token of [`claims`] was issued.
    const ISSUED: i64 = 1_780_000_000;

    fn token(tokens: &AccessTokens) -> String {
        tokens.issue(7.try_into().unwrap(), 9_i64.try_into().unwrap(), ISSUED, &OsRandom).unwrap()
    }

    fn claims() -> Claims {
        let tokens = AccessTokens::new(&[b'x'; 32], "users", "users-api").unwrap();
        tokens.verify(&token(&tokens)).unwrap()
    }

    fn settings(jwt_secret: &str, jwt_secret_previous: &str) -> Settings {
        Settings {
            db: DbSettings {
                host: "127.0.0.1".to_owned(),
                port: 1,
                name: "users".to_owned(),
                user: "users".to_owned(),
                password: String::new(),
                sslmode: SslMode::Disable,
            },
            jwt_secret: jwt_secret.to_owned(),
            jwt_secret_previous: jwt_secret_previous.to_owned(),
            jwt_issuer: "users".to_owned(),
            jwt_audience: "users-api".to_owned(),
        }
    }

    fn found(is_active: bool, has_session: bool, now: i64) -> Found {
        let time = Timestamp::from_utc(chrono::DateTime::UNIX_EPOCH.naive_utc());
        let user = User {
            id: 7.try_into().unwrap(),
            email: "ada@example.com".to_owned(),
            full_name: None,
            is_active,
            is_admin: false,
            created_at: time,
            updated_at: time,
        };
        Found { user, roles: vec!["user".to_owned()], permissions: vec![], profile: None, has_session, now }
    }

    fn token_in(values: &[&str]) -> Result<String, Code> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        bearer(&headers).map(ToOwned::to_owned).map_err(|problem| problem.code())
    }

    #[test]
    fn the_scheme_is_compared_without_case() {
        for value in ["Bearer x.y.z", "bearer x.y.z", "BEARER  x.y.z"] {
            assert_eq!(token_in(&[value]), Ok("x.y.z".to_owned()));
        }
    }

    #[test]
    fn without_bearer_credentials_nobody_is_authenticated() {
        assert_eq!(token_in(&[]), Err(Code::NotAuthenticated));
        assert_eq!(token_in(&["Basic dXNlcjpwYXNz"]), Err(Code::NotAuthenticated));
    }

    #[test]
    fn a_caller_has_an_active_account_a_session_and_a_token_whose_time_is_not_over() {
        let judged = judge(Some(found(true, true, ISSUED + 899)), &claims()).ok().unwrap();
        let Recognised { caller, now, .. } = judged;
        assert_eq!((caller.user.id.get(), caller.session.get(), now), (7, 9, ISSUED + 899));
        assert_eq!(caller.roles, ["user"]);
        for (found, code) in [
            (None, Code::InvalidToken),
            (Some(found(true, true, ISSUED + 900)), Code::InvalidToken),
            (Some(found(true, false, ISSUED)), Code::InvalidToken),
            (Some(found(false, true, ISSUED)), Code::InactiveAccount),
            (Some(found(false, false, ISSUED)), Code::InactiveAccount),
            (Some(found(false, true, ISSUED + 900)), Code::InvalidToken),
        ] {
            let told = format!("{found:?}");
            assert_eq!(judge(found, &claims()).err().map(|problem| problem.code()), Some(code), "{told}");
        }
    }

    #[test]
    fn a_guard_takes_tokens_of_both_secrets_and_signs_with_the_first() {
        let [current, previous, other] = ["1", "2", "3"].map(|it| it.repeat(32));
        let guard = Guard::new(&settings(&current, &previous)).unwrap();
        let tokens = |secret: &str| AccessTokens::new(secret.as_bytes(), "users", "users-api").unwrap();
        for (secret, is_taken) in [(&current, true), (&previous, true), (&other, false)] {
            assert_eq!(guard.tokens.verify(&token(&tokens(secret))).is_ok(), is_taken, "{secret}");
        }
        assert!(tokens(&current).verify(&token(&guard.tokens)).is_ok());
        let refused = Guard::new(&settings(&current, "short")).err().unwrap();
        assert!(refused.cause().unwrap().starts_with("jwt_secret_previous has fewer than 32 bytes"));
    }

    #[test]
    fn two_tokens_are_none() {
        assert_eq!(token_in(&["Bearer a", "Bearer b"]), Err(Code::InvalidToken));
    }
}

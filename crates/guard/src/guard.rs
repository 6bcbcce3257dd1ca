//! Recognizes the caller.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use users_crypto::{AccessTokens, ApiKeySecret, Claims};
use users_db::Db;
use users_web::{Context, Database, Problem, Variables, read_db};

use crate::caller::Credential;
use crate::codes::{INACTIVE_ACCOUNT, INVALID_TOKEN, NOT_AUTHENTICATED};
use crate::store::Found;
use crate::{Caller, api_key, store};

/// Verifies tokens and finds accounts. A component that needs nothing but the database has no other state.
#[derive(Debug, Clone)]
pub struct Guard {
    /// Verifies tokens.
    pub tokens: Arc<AccessTokens>,
    /// Contains accounts and sessions.
    pub db: Db,
}

/// The operator's settings for access tokens.
#[derive(Clone)]
pub struct Settings {
    /// The secret that signs access tokens; at least 32 bytes.
    pub jwt_secret: String,
    /// A second secret. Access tokens that were signed with it are accepted. At least 32 bytes, or empty for none.
    pub jwt_secret_previous: String,
    /// `iss` of access tokens.
    pub jwt_issuer: String,
    /// `aud` of access tokens.
    pub jwt_audience: String,
}

impl Settings {
    /// Reads the variables `jwt_…`.
    ///
    /// # Errors
    /// A defect of the deployment: a variable is missing.
    pub async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        Ok(Self {
            jwt_secret: variables.get("jwt_secret").await?,
            jwt_secret_previous: variables.get("jwt_secret_previous").await?,
            jwt_issuer: variables.get("jwt_issuer").await?,
            jwt_audience: variables.get("jwt_audience").await?,
        })
    }
}

impl Guard {
    /// Creates the guard of a component from these variables.
    ///
    /// # Errors
    /// A defect of the deployment. The cause of the problem names the variable.
    pub async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        Self::new(&Settings::read(variables).await?, read_db(variables).await?)
    }

    /// Creates a guard from these settings and a database.
    ///
    /// # Errors
    /// The cause of the problem names the invalid setting.
    pub fn new(settings: &Settings, db: Db) -> Result<Self, Problem> {
        let Settings { jwt_secret, jwt_secret_previous, jwt_issuer, jwt_audience } = settings;
        let tokens = AccessTokens::new(jwt_secret.as_bytes(), jwt_issuer, jwt_audience)
            .and_then(|tokens| tokens.with_previous_secret(jwt_secret_previous.as_bytes()))
            .map_err(Problem::internal)?;
        Ok(Self { tokens: Arc::new(tokens), db })
    }
}

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

/// Recognizes the caller by an access token or an API key, and reads the extras, with one statement. Stores the [`Caller`] in the request.
///
/// # Errors
/// 401 without a valid token or key, 403 `inactive_account`.
pub(crate) async fn recognise(
    guard: &Guard,
    request: &mut Parts,
    extras: &'static [&'static str],
) -> Result<(), Problem> {
    let presented = bearer(&request.headers)?;
    let context = request.extensions.get::<Context>();
    let db = context.map_or_else(|| Database(guard.db.clone()), |context| Database::of(&guard.db, context)).0;
    let caller = if ApiKeySecret::is_meant_by(presented) {
        api_key::recognise(&db, presented, context.and_then(Context::client), extras).await?
    } else {
        let claims = guard.tokens.verify(presented).map_err(|_| INVALID_TOKEN)?;
        let found = store::caller(&db, &claims, extras).await?;
        Caller { asked_for: extras, ..admitted(found, &claims)? }
    };
    if let Some(context) = context {
        context.set_user(caller.user.id.get());
        context.set_time(caller.now);
    }
    request.extensions.insert(caller);
    Ok(())
}

/// The caller, if the token, the account and the session are still valid.
fn admitted(found: Option<Found>, claims: &Claims) -> Result<Caller, Problem> {
    let found = found.ok_or(INVALID_TOKEN)?;
    if claims.has_expired(found.now) {
        return Err(INVALID_TOKEN.into());
    }
    // Check this before the session. Deactivation ends the sessions, but the answer must differ from the answer after a logout.
    if !found.user.is_active {
        return Err(INACTIVE_ACCOUNT.into());
    }
    if !found.has_session {
        return Err(INVALID_TOKEN.into());
    }
    let Found { user, roles, extras, now, .. } = found;
    let credential = Credential::Session(claims.session);
    Ok(Caller { user, credential, roles, asked_for: &[], extras, now })
}

/// The token in `Authorization: Bearer …` (RFC 6750 section 2.1). A token in any other place of a request is ignored.
fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let value = sent.next().ok_or(NOT_AUTHENTICATED)?;
    if sent.next().is_some() {
        return Err(INVALID_TOKEN.into());
    }
    let value = value.to_str().map_err(|_| INVALID_TOKEN)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        // The service accepts no other scheme.
        Err(NOT_AUTHENTICATED.into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::http::HeaderValue;
    use users_core::{Lifetime, Timestamp, User};
    use users_crypto::OsRandom;
    use users_web::Code;

    use super::*;

    /// The time when the token of [`claims`] was issued.
    const ISSUED: i64 = 1_780_000_000;

    fn token(tokens: &AccessTokens) -> String {
        tokens
            .issue(
                7.try_into().unwrap(),
                9_i64.try_into().unwrap(),
                ISSUED,
                Lifetime::AccessToken.default(),
                &OsRandom,
            )
            .unwrap()
    }

    fn claims() -> Claims {
        let tokens = AccessTokens::new(&[b'x'; 32], "users", "users-api").unwrap();
        tokens.verify(&token(&tokens)).unwrap()
    }

    fn settings(jwt_secret: &str, jwt_secret_previous: &str) -> Settings {
        Settings {
            jwt_secret: jwt_secret.to_owned(),
            jwt_secret_previous: jwt_secret_previous.to_owned(),
            jwt_issuer: "users".to_owned(),
            jwt_audience: "users-api".to_owned(),
        }
    }

    /// A database without a connection.
    fn db() -> Db {
        let address = "host=127.0.0.1 port=1 dbname=users user=users sslmode=disable password=";
        Db::new(&address.parse().unwrap()).unwrap()
    }

    fn found(is_active: bool, has_session: bool, now: i64) -> Found {
        let time = Timestamp::from_utc(chrono::DateTime::UNIX_EPOCH.naive_utc());
        let user = User {
            id: 7.try_into().unwrap(),
            email: Some("ada@example.com".to_owned()),
            full_name: None,
            is_active,
            is_admin: false,
            created_at: time,
            updated_at: time,
            email_verified: false,
            kind: users_core::AccountKind::Person,
        };
        Found { user, roles: vec!["user".to_owned()], extras: BTreeMap::new(), has_session, now }
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
        assert_eq!(token_in(&[]), Err(NOT_AUTHENTICATED));
        assert_eq!(token_in(&["Basic dXNlcjpwYXNz"]), Err(NOT_AUTHENTICATED));
    }

    #[test]
    fn a_caller_has_an_active_account_a_session_and_a_token_that_has_not_expired() {
        let caller = admitted(Some(found(true, true, ISSUED + 899)), &claims()).unwrap();
        assert_eq!((caller.user.id.get(), caller.now), (7, ISSUED + 899));
        assert_eq!(caller.credential, Credential::Session(9.try_into().unwrap()));
        assert_eq!(caller.roles, ["user"]);
        for (found, code) in [
            (None, INVALID_TOKEN),
            (Some(found(true, true, ISSUED + 900)), INVALID_TOKEN),
            (Some(found(true, false, ISSUED)), INVALID_TOKEN),
            (Some(found(false, true, ISSUED)), INACTIVE_ACCOUNT),
            (Some(found(false, false, ISSUED)), INACTIVE_ACCOUNT),
            (Some(found(false, true, ISSUED + 900)), INVALID_TOKEN),
        ] {
            let told = format!("{found:?}");
            assert_eq!(admitted(found, &claims()).err().map(|problem| problem.code()), Some(code), "{told}");
        }
    }

    #[test]
    fn a_guard_accepts_tokens_of_both_secrets_and_signs_with_the_first() {
        let [current, previous, other] = ["1", "2", "3"].map(|it| it.repeat(32));
        let guard = Guard::new(&settings(&current, &previous), db()).unwrap();
        let tokens = |secret: &str| AccessTokens::new(secret.as_bytes(), "users", "users-api").unwrap();
        for (secret, is_taken) in [(&current, true), (&previous, true), (&other, false)] {
            assert_eq!(guard.tokens.verify(&token(&tokens(secret))).is_ok(), is_taken, "{secret}");
        }
        assert!(tokens(&current).verify(&token(&guard.tokens)).is_ok());
        let refused = Guard::new(&settings(&current, "short"), db()).err().unwrap();
        assert!(refused.cause().unwrap().starts_with("jwt_secret_previous has fewer than 32 bytes"));
    }

    #[test]
    fn two_tokens_authenticate_nobody() {
        assert_eq!(token_in(&["Bearer a", "Bearer b"]), Err(INVALID_TOKEN));
    }
}

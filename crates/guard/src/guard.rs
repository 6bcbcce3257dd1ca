//! Recognizes the caller.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use users_crypto::{ApiKeySecret, Claims};
use users_db::Db;
use users_web::{Context, Database, Problem, Variables, read_db};

use crate::caller::Credential;
use crate::codes::{INACTIVE_ACCOUNT, INVALID_TOKEN, NOT_AUTHENTICATED};
use crate::store::Found;
use crate::tokens::Tokens;
use crate::{Caller, Settings, api_key, store};

/// Verifies tokens and finds accounts. A component that needs nothing but the database has no other state.
#[derive(Debug, Clone)]
pub struct Guard {
    tokens: Arc<Tokens>,
    /// Contains accounts and sessions.
    pub db: Db,
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
        Ok(Self { tokens: Arc::new(Tokens::new(settings.verifier()?)), db })
    }

    /// Finds the caller whose access token this is, and reads the extras, with one statement at most. `db` is the guard's database, as the
    /// request uses it.
    ///
    /// Before the token is verified, nothing of the answer is used but the key.
    ///
    /// # Errors
    /// 401 `invalid_token`, 403 `inactive_account`.
    pub async fn caller(
        &self,
        db: &Db,
        token: &str,
        extras: &'static [&'static str],
    ) -> Result<Caller, Problem> {
        let pending = self.tokens.begin(token).map_err(|_| INVALID_TOKEN)?;
        let found = store::caller(db, &pending, extras).await?;
        let claims =
            self.tokens.settle(pending, found.key.as_deref(), found.now).map_err(|_| INVALID_TOKEN)?;
        Ok(Caller { asked_for: extras, ..admitted(found, &claims)? })
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
        guard.caller(&db, presented, extras).await?
    };
    if let Some(context) = context {
        context.set_user(caller.user.id.get());
        context.set_time(caller.now);
    }
    request.extensions.insert(caller);
    Ok(())
}

/// The caller, if the token, the account and the session are still valid.
fn admitted(found: Found, claims: &Claims) -> Result<Caller, Problem> {
    if claims.has_expired(found.now) {
        return Err(INVALID_TOKEN.into());
    }
    // Deactivation ends the sessions, but the answer must differ from the answer after a logout.
    if found.is_active == Some(false) {
        return Err(INACTIVE_ACCOUNT.into());
    }
    let Found { user, roles, extras, now, .. } = found;
    let user = user.ok_or(INVALID_TOKEN)?;
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
    use users_core::{Authentication, Lifetime, Timestamp, User};
    use users_crypto::{Holder, OsRandom, TokenIssuer, TokenKey, TokenSecret};
    use users_web::Code;

    use super::*;

    /// The time when the token of [`claims`] was issued.
    const ISSUED: i64 = 1_780_000_000;

    fn token(secret: &str) -> String {
        let secret = TokenSecret::current(secret.as_bytes()).unwrap().unwrap();
        let authentication = Authentication::by_password(ISSUED);
        let holder = Holder {
            user: 7.try_into().unwrap(),
            session: 9_i64.try_into().unwrap(),
            authentication: &authentication,
        };
        let lifetime = Lifetime::AccessToken.default();
        TokenIssuer::new("users", "users-api")
            .issue(TokenKey::Secret(&secret), holder, ISSUED, lifetime, &OsRandom)
            .unwrap()
    }

    fn verified(guard: &Guard, token: &str) -> Option<Claims> {
        guard.tokens.settle(guard.tokens.begin(token).ok()?, None, ISSUED).ok()
    }

    fn claims() -> Claims {
        let secret = "x".repeat(32);
        verified(&Guard::new(&settings(&secret, ""), db()).unwrap(), &token(&secret)).unwrap()
    }

    fn settings(jwt_secret: &str, jwt_secret_previous: &str) -> Settings {
        Settings {
            public_url: "https://users.example.com".to_owned(),
            jwt_secret: jwt_secret.to_owned(),
            jwt_secret_previous: jwt_secret_previous.to_owned(),
            jwt_issuer: String::new(),
            jwt_audience: "users-api".to_owned(),
        }
    }

    /// A database without a connection.
    fn db() -> Db {
        let address = "host=127.0.0.1 port=1 dbname=users user=users sslmode=disable password=";
        Db::new(&address.parse().unwrap()).unwrap()
    }

    fn user() -> User {
        let time = Timestamp::from_utc(chrono::DateTime::UNIX_EPOCH.naive_utc());
        User {
            id: 7.try_into().unwrap(),
            email: Some("ada@example.com".to_owned()),
            full_name: None,
            is_active: true,
            is_admin: false,
            created_at: time,
            updated_at: time,
            email_verified: false,
            kind: users_core::AccountKind::Person,
        }
    }

    /// What the database answers.
    fn found(is_active: Option<bool>, has_session: bool, now: i64) -> Found {
        let user = (is_active.is_none() && has_session).then(user);
        Found { user, is_active, roles: vec!["user".to_owned()], extras: BTreeMap::new(), key: None, now }
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
        let caller = admitted(found(None, true, ISSUED + 899), &claims()).unwrap();
        assert_eq!((caller.user.id.get(), caller.now), (7, ISSUED + 899));
        assert_eq!(caller.credential, Credential::Session(9.try_into().unwrap()));
        assert_eq!(caller.roles, ["user"]);
        for (found, code) in [
            (found(None, false, ISSUED), INVALID_TOKEN),
            (found(None, true, ISSUED + 900), INVALID_TOKEN),
            (found(Some(false), true, ISSUED), INACTIVE_ACCOUNT),
            (found(Some(false), false, ISSUED), INACTIVE_ACCOUNT),
            (found(Some(false), true, ISSUED + 900), INVALID_TOKEN),
        ] {
            let told = format!("{found:?}");
            assert_eq!(admitted(found, &claims()).err().map(|problem| problem.code()), Some(code), "{told}");
        }
    }

    #[test]
    fn a_guard_accepts_tokens_of_both_secrets_and_of_none_without_any() {
        let [current, previous, other] = ["1", "2", "3"].map(|it| it.repeat(32));
        let guard = |current: &str, previous: &str| Guard::new(&settings(current, previous), db());
        for (set, accepted) in [
            ((current.as_str(), previous.as_str()), vec![&current, &previous]),
            (("", previous.as_str()), vec![&previous]),
            (("", ""), vec![]),
        ] {
            let guard = guard(set.0, set.1).unwrap();
            for secret in [&current, &previous, &other] {
                assert_eq!(
                    verified(&guard, &token(secret)).is_some(),
                    accepted.contains(&secret),
                    "{set:?} {secret}"
                );
            }
        }
        for (current, previous, cause) in [
            ("short", "", "jwt_secret has fewer"),
            ("", "short", "jwt_secret_previous has fewer than 32 bytes"),
        ] {
            let refused = guard(current, previous).err().unwrap();
            assert!(refused.cause().unwrap().starts_with(cause));
        }
    }

    #[test]
    fn two_tokens_authenticate_nobody() {
        assert_eq!(token_in(&["Bearer a", "Bearer b"]), Err(INVALID_TOKEN));
    }
}

//! `POST /auth/login`: opens a session.

use serde::Deserialize;
use users_core::Password;
use users_crypto::{HashError, RefreshToken, Verdict};
use users_web::{Checks, Code, Context, Database, Extension, Field, Form, Json, Problem, State};

use crate::tokens::TokenPair;
use crate::{App, store};

/// The form of OAuth 2.0's password grant (RFC 6749 section 4.3.2).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Login {
    grant_type: Field<String>,
    username: Field<String>,
    password: Field<Password>,
}

impl Login {
    fn check(self) -> Result<(String, Password), Problem> {
        let mut checks = Checks::new();
        let grant_type = match checks.optional("/grant_type", self.grant_type) {
            Some(Some(other)) if other != "password" => {
                checks.broken("/grant_type", "must be password, or left out")
            }
            fine => fine,
        };
        let username = checks.required("/username", self.username);
        let password = checks.required("/password", self.password);
        match (grant_type, username, password) {
            (Some(_), Some(username), Some(password)) => Ok((username, password)),
            _ => Err(checks.into_problem()),
        }
    }
}

/// 200 with a pair of tokens. An unknown address costs the same work and gets the same answer as a wrong password.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    Form(login): Form<Login>,
) -> Result<Json<TokenPair>, Problem> {
    let (username, password) = login.check()?;
    let account = store::credentials(&db, username.trim()).await?;
    let stored = account.as_ref().map(|account| account.password_hash.as_str());
    let verdict = app.hasher().verify(&password, stored).await.map_err(unverifiable)?;
    let (Some(account), Verdict::Right { outdated }) = (&account, verdict) else {
        return Err(Problem::new(Code::InvalidCredentials));
    };
    context.set_user(account.id);
    if !account.is_active {
        return Err(Problem::new(Code::InactiveAccount));
    }
    let new_hash = if outdated {
        Some(app.hasher().hash(&password, app.random()).await.map_err(Problem::internal)?)
    } else {
        None
    };
    let refresh = RefreshToken::generate(app.random());
    let grant = store::open_session(&db, account, new_hash.as_deref(), &refresh)
        .await?
        // The account changed while its password was verified.
        .ok_or_else(|| Problem::new(Code::InvalidCredentials))?;
    TokenPair::issue(&app, &grant, &refresh).map(Json)
}

/// An account whose stored hash is damaged has no password that is right; the log tells the operator.
fn unverifiable(error: HashError) -> Problem {
    match error {
        HashError::Unreadable => Problem::new(Code::InvalidCredentials).because(error),
        HashError::Failed(_) => Problem::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(body: &str) -> Vec<String> {
        let login: Login = serde_json::from_str(body).unwrap();
        login.check().err().iter().flat_map(Problem::errors).map(|it| it.pointer.clone()).collect()
    }

    #[test]
    fn both_credentials_are_required_and_only_the_password_grant_is_allowed() {
        assert_eq!(broken("{}"), ["/username", "/password"]);
        assert_eq!(
            broken(r#"{"grant_type": "client_credentials", "username": "a", "password": "b"}"#),
            ["/grant_type"]
        );
        assert!(
            broken(r#"{"grant_type": "password", "username": "a", "password": "b", "scope": ""}"#).is_empty()
        );
    }
}

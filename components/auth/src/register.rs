//! `POST /auth/register`: opens an account.

use serde::Deserialize;
use users_core::{Email, FullName, NewPassword, Password, User};
use users_web::{Checks, Code, Created, Database, Field, Input, JsonInput, Problem, State};

use crate::{App, store};

/// What a new account is made of. Whatever else is sent is ignored, `is_admin` too.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Registration {
    email: Field<Email>,
    password: Field<NewPassword>,
    full_name: Field<FullName>,
}

pub(crate) struct Accepted {
    email: Email,
    password: Password,
    full_name: Option<FullName>,
}

impl Input for Registration {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks) -> Option<Accepted> {
        let email = checks.required("/email", self.email);
        let password = checks.required("/password", self.password).and_then(|password| {
            match password.validate(email.as_ref()) {
                Ok(password) => Some(password),
                Err(rule) => checks.broken("/password", rule.to_string()),
            }
        });
        let full_name = checks.optional("/full_name", self.full_name);
        Some(Accepted { email: email?, password: password?, full_name: full_name? })
    }
}

/// 201 with the account and its place, 409 when the address has one already.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    JsonInput(accepted): JsonInput<Registration>,
) -> Result<Created<User>, Problem> {
    let Accepted { email, password, full_name } = accepted;
    let hash = app.hasher().hash(&password, app.random()).await.map_err(Problem::internal)?;
    let user = store::insert_user(&db, &email, full_name.as_ref(), &hash)
        .await?
        .ok_or_else(|| Problem::new(Code::EmailTaken))?;
    Ok(Created { location: format!("/users/{}", user.id), object: user })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(body: &str) -> Vec<String> {
        let registration: Registration = serde_json::from_str(body).unwrap();
        let errors = Checks::new().judge(registration).err();
        errors.iter().flat_map(Problem::errors).map(|it| it.pointer.clone()).collect()
    }

    #[test]
    fn every_broken_field_is_listed() {
        assert_eq!(broken("{}"), ["/email", "/password"]);
        assert_eq!(
            broken(r#"{"email": "x", "password": "short", "full_name": 1}"#),
            ["/email", "/password", "/full_name"]
        );
        assert_eq!(
            broken(r#"{"email": null, "password": null, "full_name": null}"#),
            ["/email", "/password"]
        );
        assert!(broken(r#"{"email": "a@b.co", "password": "a fine password", "is_admin": true}"#).is_empty());
    }

    #[test]
    fn the_password_is_judged_against_the_address() {
        assert_eq!(broken(r#"{"email": "alice@b.co", "password": "ALICE@b.co"}"#), ["/password"]);
    }
}

//! `POST /auth/register`: opens an account.

use serde::Deserialize;
use serde_json::json;
use users_core::{Email, FullName, NewPassword, Password, User};
use users_guard::TOO_BUSY;
use users_guard::codes::EMAIL_TAKEN;
use users_guard::{Passwords, check_password};
use users_web::{
    About, Checks, Client, Code, Created, Database, Field, Input, JsonInput, Problem, State, StatusCode,
};

use crate::App;
use crate::store::accounts;
use crate::store::limits::{self, Attempt};

/// 403: the deployment admits no registrations.
const REGISTRATION_CLOSED: Code = Code::new(
    StatusCode::FORBIDDEN,
    "registration_closed",
    "Nobody can register here; ask an administrator for an account.",
);

/// The fields of a new account. Any other field is ignored, `is_admin` too.
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

impl Input<Passwords> for Registration {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks<Passwords>) -> Option<Accepted> {
        let email = checks.required("/email", self.email);
        let name = self.full_name.valid().map(FullName::as_str);
        let password = checks
            .required("/password", self.password)
            .and_then(|password| check_password(checks, "/password", password, email.as_ref(), name));
        let full_name = checks.optional("/full_name", self.full_name);
        Some(Accepted { email: email?, password: password?, full_name: full_name? })
    }
}

pub(crate) fn about() -> About {
    About::new("register", "Register an account", "The account.")
        .text(
            "The account gets every role with `is_default`. The password must not be a common one, nor the email address, nor contain a \
             word that the operator denies; there are no rules about its characters. A link that verifies the address is sent to it.",
        )
        .example(json!({
            "email": "ada@example.com", "password": "correct horse battery staple", "full_name": "Ada Lovelace",
        }))
        .leads_to(&["getUser", "getUserProfile", "activateUser", "deactivateUser", "deleteUser"], "user_id")
        .problems([REGISTRATION_CLOSED, EMAIL_TAKEN, Code::TOO_MANY_REQUESTS, TOO_BUSY])
}

/// 201 with the account and its place; 403 where registration is closed, 409 when another account has the address. 429 when the client's
/// address has registered too often; that is decided before the password is hashed. 503 when too many passwords are to be hashed; then
/// nothing is counted.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    client: Client,
    JsonInput(accepted): JsonInput<Registration, Passwords>,
) -> Result<Created<User>, Problem> {
    if !app.admits_registrations() {
        return Err(REGISTRATION_CLOSED.into());
    }
    let counter = app.limits().registrations(&client);
    let asking = app.hash_slot();
    let (counted, turn) = match limits::count_for_slot(&db, &counter, &asking).await? {
        Ok(counted) => counted,
        Err(retry_after) => return Err(counter.exceeded(retry_after)),
    };
    let slot = match asking.settle(&db, turn).await {
        Ok(slot) => slot,
        Err(problem) => {
            limits::uncount(&db, &counted, &Attempt::default()).await?;
            return Err(problem);
        }
    };
    let Accepted { email, password, full_name } = accepted;
    let hash = app.hasher().hash(&password, app.random()).await.map_err(Problem::internal)?;
    let user = accounts::insert(&db, &email, full_name.as_ref(), &hash, slot).await?.ok_or(EMAIL_TAKEN)?;
    Ok(Created::at(format!("/users/{}", user.id), user))
}

#[cfg(test)]
mod tests {
    use users_web::validate_input;

    use super::*;

    fn broken(body: &str) -> Vec<String> {
        let registration: Registration = serde_json::from_str(body).unwrap();
        let errors = validate_input(registration, Checks::new().under(Passwords::default())).err();
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

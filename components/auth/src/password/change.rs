//! `PUT /auth/password`: changes the caller's password.

use serde::Deserialize;
use serde_json::json;
use users_core::{NewPassword, Password, User};
use users_guard::codes::INVALID_TOKEN;
use users_guard::{Caller, Passwords, TOO_BUSY};
use users_web::{
    About, Checks, Client, Code, Context, Database, Extension, Field, Input, JsonInput, NoContent, Problem,
    State,
};

use super::{POINTER, check_against, new_password};
use crate::App;
use crate::codes::WRONG_PASSWORD;
use crate::reauthentication::Reauthentication;
use crate::store::accounts;

/// The password that the account has, and the one that it gets.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PasswordChange {
    current_password: Field<Password>,
    new_password: Field<NewPassword>,
}

pub(crate) struct Accepted {
    current: Password,
    new: Password,
}

impl Input<Passwords> for PasswordChange {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks<Passwords>) -> Option<Accepted> {
        let current = checks.required("/current_password", self.current_password);
        let new = new_password(checks, self.new_password)?;
        let current = current?;
        if new.as_bytes() == current.as_bytes() {
            return checks.broken(POINTER, "must not be the current password");
        }
        Some(Accepted { current, new })
    }
}

pub(crate) fn about() -> About {
    About::new("changePassword", "Change the password", "The password is changed.")
        .text(
            "Ends all other sessions of the account at their next request, and all links that were sent to it. The session of the \
             access token goes on. An e-mail tells the owner. The rules for the new password are those of a registration.",
        )
        .example(json!({
            "current_password": "correct horse battery staple", "new_password": "a stapled battery of horses",
        }))
        .problems([WRONG_PASSWORD, Code::TOO_MANY_REQUESTS, TOO_BUSY])
}

/// 204; the account's other sessions fail from the next request on.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    caller: Caller,
    client: Client,
    JsonInput(Accepted { current, new }): JsonInput<PasswordChange, Passwords>,
) -> Result<NoContent, Problem> {
    let session = caller.own_session()?;
    let User { email, full_name, .. } = &caller.user;
    check_against(app.passwords(), &new, email.as_deref().unwrap_or_default(), full_name.as_deref())?;
    let mut check = Reauthentication::begin(&app, &db, &context, &caller, &client).await?;
    // A login may replace an outdated hash while this one is verified; the second try reads the new hash.
    for is_first in [true, false] {
        let verified = check.verified_hash(&current).await?;
        let hash = app.hasher().hash(&new, app.random()).await.map_err(Problem::internal)?;
        if accounts::change_password(&db, caller.user.id, session, verified, check.attempt(), &hash).await? {
            return Ok(NoContent);
        }
        if is_first {
            check.read_again().await?;
        }
    }
    Err(INVALID_TOKEN.into())
}

#[cfg(test)]
mod tests {
    use users_web::validate_input;

    use super::*;

    fn broken(body: &str) -> Vec<String> {
        let change: PasswordChange = serde_json::from_str(body).unwrap();
        let errors = validate_input(change, Checks::new().under(Passwords::default())).err();
        errors.iter().flat_map(Problem::errors).map(|it| it.pointer.clone()).collect()
    }

    #[test]
    fn both_passwords_are_required_and_only_the_new_one_is_judged() {
        assert_eq!(broken("{}"), ["/current_password", "/new_password"]);
        assert_eq!(broken(r#"{"current_password": "x", "new_password": "short"}"#), ["/new_password"]);
        assert!(broken(r#"{"current_password": "x", "new_password": "long enough"}"#).is_empty());
    }

    #[test]
    fn the_new_password_may_not_be_the_current_one_however_it_is_composed() {
        for (current, new) in [("long enough", "long enough"), ("cafe\u{301} au lait", "café au lait")] {
            let body = json!({"current_password": current, "new_password": new});
            assert_eq!(broken(&body.to_string()), ["/new_password"]);
        }
        assert!(broken(r#"{"current_password": "Long enough", "new_password": "long enough"}"#).is_empty());
    }
}

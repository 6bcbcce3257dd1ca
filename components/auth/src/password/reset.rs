//! `POST /auth/password/reset`: sets a password by the token of a link.

use serde::Deserialize;
use serde_json::json;
use users_core::{NewPassword, Password};
use users_crypto::OneTimeToken;
use users_guard::{Passwords, TOO_BUSY};
use users_web::{
    About, Checks, Client, Context, Database, Extension, Field, Input, JsonInput, NoContent, Problem, State,
};

use super::{check_against, new_password};
use crate::App;
use crate::codes::LINK_INVALID;
use crate::store::links;

/// The token of a link, and the password that the account gets.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PasswordReset {
    token: Field<String>,
    new_password: Field<NewPassword>,
}

pub(crate) struct Accepted {
    token: String,
    password: Password,
}

impl Input<Passwords> for PasswordReset {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks<Passwords>) -> Option<Accepted> {
        let token = checks.required("/token", self.token);
        let password = new_password(checks, self.new_password);
        Some(Accepted { token: token?, password: password? })
    }
}

pub(crate) fn about() -> About {
    About::new("resetPassword", "Set a new password", "The password is set.")
        .text(
            "Takes the token of a link that was sent to the account's address, after a forgotten password or as an invitation. Ends \
             all sessions of the account, all its API keys and all its links, and marks the address as verified, because the link went there. Wrong \
             passwords until then count no longer. Second factors stay, unless the address is verified for the first time: somebody else may have \
             added them. A password that breaks a rule leaves the link as it is.",
        )
        .example(json!({
            "token": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA", "new_password": "correct horse battery staple",
        }))
        .problems([LINK_INVALID, TOO_BUSY])
}

/// 204; every session and every API key of the account fails from the next request on.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    client: Client,
    JsonInput(Accepted { token, password }): JsonInput<PasswordReset, Passwords>,
) -> Result<NoContent, Problem> {
    let token = OneTimeToken::hash_of(&token);
    let asking = app.hash_slot();
    // Looked up first, so that a guessed token costs neither a slot nor a hash of a password.
    let (link, turn) = links::find_for_password(&db, &token, &asking).await?.ok_or(LINK_INVALID)?;
    context.set_user(link.user.get());
    let slot = asking.settle(&db, turn).await?;
    if let Err(problem) =
        check_against(app.passwords(), &password, &link.former_email, link.full_name.as_deref())
    {
        slot.give_back(&db).await;
        return Err(problem);
    }
    let hash = app.hasher().hash(&password, app.random()).await.map_err(Problem::internal)?;
    let network = app.limits().network(&client);
    if links::reset_password(&db, &token, &hash, network.as_ref(), slot).await? {
        Ok(NoContent)
    } else {
        Err(LINK_INVALID.into())
    }
}

#[cfg(test)]
mod tests {
    use users_web::validate_input;

    use super::*;

    #[test]
    fn every_broken_field_is_listed_and_any_text_may_be_a_token() {
        for (body, expected) in [
            ("{}", &["/token", "/new_password"][..]),
            (r#"{"token": 1, "new_password": "short"}"#, &["/token", "/new_password"]),
            (r#"{"token": "", "new_password": "password"}"#, &["/new_password"]),
            (r#"{"token": "", "new_password": "a fine password"}"#, &[]),
        ] {
            let reset: PasswordReset = serde_json::from_str(body).unwrap();
            let errors = validate_input(reset, Checks::new().under(Passwords::default())).err();
            let broken: Vec<&str> =
                errors.iter().flat_map(Problem::errors).map(|it| it.pointer.as_str()).collect();
            assert_eq!(broken, expected, "{body}");
        }
    }
}

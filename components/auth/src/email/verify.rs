//! `POST /auth/email/verify`: verifies an address by the token of a link.

use serde::Deserialize;
use serde_json::json;
use users_crypto::OneTimeToken;
use users_guard::codes::EMAIL_TAKEN;
use users_web::{About, Checks, Context, Database, Extension, Field, Input, JsonInput, NoContent, Problem};

use crate::codes::LINK_INVALID;
use crate::store::links::{self, Outcome};

/// The token of a link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Verify {
    token: Field<String>,
}

impl Input for Verify {
    type Accepted = String;

    fn check(self, checks: &mut Checks) -> Option<String> {
        checks.required("/token", self.token)
    }
}

pub(crate) fn about() -> About {
    About::new("verifyEmail", "Verify an email address", "The address is verified.")
        .text(
            "Takes the token of a link that was sent to the account's address, or to the address that the account is to get. The \
             latter becomes the account's address, unless another account has it by now: then nothing changes. A changed address \
             ends all other links of the account, and an e-mail tells the former address.",
        )
        .example(json!({"token": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA"}))
        .problems([LINK_INVALID, EMAIL_TAKEN])
}

/// 204. The account now has the address to which the link was sent, and the address is verified.
pub(crate) async fn handle(
    Database(db): Database,
    Extension(context): Extension<Context>,
    JsonInput(token): JsonInput<Verify>,
) -> Result<NoContent, Problem> {
    let token = OneTimeToken::hash_of(&token);
    let link = links::find(&db, &token, &links::EMAIL).await?.ok_or(LINK_INVALID)?;
    context.set_user(link.user.get());
    match links::verify_email(&db, &token, &link).await? {
        Outcome::Done => Ok(NoContent),
        Outcome::Ended => Err(LINK_INVALID.into()),
        Outcome::Taken => Err(EMAIL_TAKEN.into()),
    }
}

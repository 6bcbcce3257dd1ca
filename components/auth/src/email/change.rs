//! `PUT /auth/email`: asks for another address of the caller's account.

use serde::Deserialize;
use serde_json::json;
use users_core::{Email, Password};
use users_guard::codes::{EMAIL_TAKEN, INVALID_TOKEN};
use users_guard::{Caller, TOO_BUSY};
use users_web::{
    About, Checks, Client, Code, Context, Database, Extension, Field, Input, JsonInput, Problem, Queued,
    State,
};

use crate::App;
use crate::codes::WRONG_PASSWORD;
use crate::reauthentication::Reauthentication;
use crate::store::events::{self, ChangeRequest};

/// The new address, and the current password as a proof of identity.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct EmailChange {
    email: Field<Email>,
    password: Field<Password>,
}

pub(crate) struct Accepted {
    email: Email,
    password: Password,
}

impl Input for EmailChange {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks) -> Option<Accepted> {
        let email = checks.required("/email", self.email);
        let password = checks.required("/password", self.password);
        Some(Accepted { email: email?, password: password? })
    }
}

pub(crate) fn about() -> About {
    About::new("changeEmail", "Change the email address", "The request is recorded.")
        .text(
            "A link is sent to the new address, valid for 3 days, and a notice to the current one. The address changes when the token \
             of the link comes back in `POST /auth/email/verify`; until then the current one counts. A newer request replaces it.",
        )
        .example(json!({"email": "ada@example.org", "password": "correct horse battery staple"}))
        .problems([WRONG_PASSWORD, EMAIL_TAKEN, Code::TOO_MANY_REQUESTS, TOO_BUSY])
}

/// 202. The address only changes when somebody uses the link that is sent to the new address.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    caller: Caller,
    client: Client,
    JsonInput(Accepted { email, password }): JsonInput<EmailChange>,
) -> Result<Queued, Problem> {
    if caller.user.email.as_deref() == Some(email.as_str()) {
        return Err(Problem::broken("/email", "must not be the current address"));
    }
    let session = caller.own_session()?;
    let mut check = Reauthentication::begin(&app, &db, &context, &caller, &client).await?;
    // While this request verifies an outdated hash, a login may replace the hash. The second try reads the new hash.
    for is_first in [true, false] {
        let verified = check.verified_hash(&password).await?;
        match events::email_change(&db, caller.user.id, session, verified, check.attempt(), &email).await? {
            ChangeRequest::Recorded => return Ok(Queued),
            ChangeRequest::Taken => return Err(EMAIL_TAKEN.into()),
            ChangeRequest::CallerChanged if is_first => check.read_again().await?,
            ChangeRequest::CallerChanged => {}
        }
    }
    Err(INVALID_TOKEN.into())
}

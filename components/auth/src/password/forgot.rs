//! `POST /auth/password/forgot`: asks for a link that sets a new password.

use serde::Deserialize;
use serde_json::json;
use users_core::Email;
use users_web::{About, Checks, Client, Code, Database, Field, Input, JsonInput, Problem, Queued, State};

use crate::App;
use crate::store::events;

/// The address of the account.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ForgottenPassword {
    email: Field<Email>,
}

impl Input for ForgottenPassword {
    type Accepted = Email;

    fn check(self, checks: &mut Checks) -> Option<Email> {
        checks.required("/email", self.email)
    }
}

pub(crate) fn about() -> About {
    About::new("forgotPassword", "Ask for a new password", "The request is recorded.")
        .text(
            "If an active account has the address, a link is sent to it: valid for 30 minutes, good for one use, and replaced by the \
             next one. The answer is the same for every address, in the same time, so it does not show who has an account.",
        )
        .example(json!({"email": "ada@example.com"}))
        .problems([Code::TOO_MANY_REQUESTS])
}

/// 202, whatever the address is. Nobody looks for the account here: the worker does, so that neither the answer nor its time can depend
/// on one. 429 when the client's address has asked too often.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    client: Client,
    JsonInput(email): JsonInput<ForgottenPassword>,
) -> Result<Queued, Problem> {
    let counter = app.limits().forgotten(&client);
    match events::password_forgotten(&db, &email, &counter).await? {
        None => Ok(Queued),
        Some(retry_after) => Err(counter.exceeded(retry_after)),
    }
}

//! `POST /auth/password/forgot`: asks for a link that sets a new password.

use serde::Deserialize;
use serde_json::json;
use users_core::Email;
use users_web::{About, Checks, Database, Field, Input, JsonInput, Problem, Queued};

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
}

/// 202, whatever the address is. Nobody looks for the account here: the worker does, so that neither the answer nor its time can depend
/// on one.
pub(crate) async fn handle(
    Database(db): Database,
    JsonInput(email): JsonInput<ForgottenPassword>,
) -> Result<Queued, Problem> {
    events::password_forgotten(&db, &email).await?;
    Ok(Queued)
}

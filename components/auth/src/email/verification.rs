//! `POST /auth/email/verification`: sends another link that verifies the caller's address.

use users_guard::Caller;
use users_guard::codes::INVALID_TOKEN;
use users_web::{About, Database, Problem, Queued};

use crate::store::events;

pub(crate) fn about() -> About {
    About::new("sendVerification", "Send the verification link again", "The request is recorded.").text(
        "A link is sent to the account's address, valid for 3 days, unless the address is verified already. The registration sent the \
         first one.",
    )
}

/// 202, also when the address is already verified.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<Queued, Problem> {
    let session = caller.own_session()?;
    if caller.user.email_verified || events::email_verification(&db, caller.user.id, session).await? {
        Ok(Queued)
    } else {
        Err(INVALID_TOKEN.into())
    }
}

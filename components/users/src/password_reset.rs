//! `POST /users/{user_id}/password-reset`: an administrator sends the owner of an account a link that sets a password.

use users_guard::{Authority, UserPath};
use users_web::{About, Code, Database, PathInput, Problem, Queued};

use crate::rules::{ACCOUNT_INACTIVE, SERVICE_ACCOUNT};
use crate::store::accounts::{self, Sending};

pub(crate) fn about() -> About {
    About::new("sendPasswordReset", "Send a link that sets a password", "The link will be sent.")
        .text(
            "The person is sent a link to set a new password, or the invitation again while the account has no password. Password and \
             sessions stay until the link is used. A deactivated account is sent nothing, and neither is a service account: 409.",
        )
        .problems([Code::NOT_FOUND, ACCOUNT_INACTIVE, SERVICE_ACCOUNT])
}

/// 202; 404 when there is no such account, 409 when the account is deactivated or a service account.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    PathInput(id): PathInput<UserPath>,
) -> Result<Queued, Problem> {
    match accounts::send_reset(&db, id, &authority).await? {
        Sending::Recorded => Ok(Queued),
        Sending::Refused(overreach) => Err(overreach.into()),
        Sending::Inactive => Err(ACCOUNT_INACTIVE.into()),
        Sending::Service => Err(SERVICE_ACCOUNT.into()),
        Sending::Missing => Err(Code::NOT_FOUND.into()),
    }
}

//! `DELETE /users/{user_id}/factors`: removes the second factors of somebody who has lost them.

use users_guard::{Authority, Caller, UserPath};
use users_web::{About, Code, Context, Database, Extension, NoContent, PathInput, Problem, warn};

use crate::rules::{CANNOT_TARGET_SELF, not_oneself};
use crate::store::factors::{self, Reset};

pub(crate) fn about() -> About {
    About::new(
        "resetUserFactors",
        "Remove the second factors of an account",
        "The account has no second factor, and no recovery codes.",
    )
    .text(
        "For a person who has lost an authenticator app or a passkey, and all recovery codes. Make sure first that the person who asks is \
         the owner of the account: the password alone is enough afterwards. If the account had a factor, all of its sessions end, the owner \
         is told by e-mail, and its API keys count as made without a factor. You remove your own factors with `DELETE /auth/totp` and \
         `DELETE /auth/passkeys/{passkey_id}`.",
    )
    .problems([Code::NOT_FOUND, CANNOT_TARGET_SELF])
}

/// 204, also when there was no factor; 403 when the caller may not change the account, 404 when there is none, 409 when it is the caller's.
pub(crate) async fn handle(
    Extension(context): Extension<Context>,
    Database(db): Database,
    caller: Caller,
    authority: Authority,
    PathInput(id): PathInput<UserPath>,
) -> Result<NoContent, Problem> {
    not_oneself(&caller, &[id])?;
    match factors::reset(&db, id, &authority).await? {
        Reset::Done { had_factor } => {
            if had_factor {
                warn(&context, &format!("the second factors of account {id} were reset"));
            }
            Ok(NoContent)
        }
        Reset::Refused(overreach) => Err(overreach.into()),
        Reset::Missing => Err(Code::NOT_FOUND.into()),
    }
}

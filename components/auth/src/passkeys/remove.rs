//! `DELETE /auth/passkeys/{passkey_id}`: removes a passkey of the current account.

use users_guard::Caller;
use users_guard::codes::INVALID_TOKEN;
use users_web::{About, Code, Database, NoContent, PathInput, Problem};

use super::PasskeyPath;
use crate::store::passkeys::{self, Outcome};

pub(crate) fn about() -> About {
    About::new("removePasskey", "Remove a passkey of the current account", "The passkey is removed.")
        .text(
            "With the last second factor, passkey or authenticator, the recovery codes go, and a password is enough again. An e-mail tells \
             the owner. The authenticator keeps its part, which works no longer: a page may call `PublicKeyCredential.signalUnknownCredential()`. \
             A passkey of another account is 404.",
        )
        .problems([Code::NOT_FOUND])
}

/// 204; 404 when the caller has no such passkey.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    PathInput(passkey): PathInput<PasskeyPath>,
) -> Result<NoContent, Problem> {
    match passkeys::remove(&db, caller.user.id, caller.own_session()?, passkey).await? {
        Outcome::Done(()) => Ok(NoContent),
        Outcome::Missing => Err(Code::NOT_FOUND.into()),
        Outcome::Refused => Err(INVALID_TOKEN.into()),
    }
}

//! `DELETE /auth/totp`: removes the authenticator.

use users_guard::Caller;
use users_guard::codes::INVALID_TOKEN;
use users_web::{About, Database, NoContent, Problem};

use crate::store::factors::{self, Change};

pub(crate) fn about() -> About {
    About::new("removeTotp", "Remove the authenticator", "The account has no authenticator.").text(
        "Its codes work no longer. If it was the last second factor, the recovery codes end, and the password alone is enough again. An e-mail \
         tells the owner.",
    )
}

/// 204, also when there was none.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<NoContent, Problem> {
    match factors::remove_totp(&db, caller.user.id, caller.own_session()?).await? {
        Change::Made | Change::Missing => Ok(NoContent),
        Change::Refused => Err(INVALID_TOKEN.into()),
    }
}

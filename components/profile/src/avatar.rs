//! `DELETE /profile/avatar`: the picture goes.

use users_web::{Caller, Code, Database, IfMatch, NoContent, OwnProfile, Problem};

use crate::store::{self, Expected};

/// 204, also when there was none; 412 when the profile has another version than the client expects.
pub(crate) async fn handle(
    Database(db): Database,
    Caller { user, .. }: Caller,
    OwnProfile(stored): OwnProfile,
    wanted: IfMatch,
) -> Result<NoContent, Problem> {
    let expected = Expected::of(&wanted, &user, stored.as_ref())?;
    if store::remove_avatar(&db, user.id, expected).await? {
        Ok(NoContent)
    } else {
        Err(Problem::new(Code::PreconditionFailed))
    }
}

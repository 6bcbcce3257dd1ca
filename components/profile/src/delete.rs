//! `DELETE /profile/`: the fields and preferences are cleared, the account stays.

use users_web::{Caller, Code, Database, IfMatch, NoContent, OwnProfile, Problem};

use crate::store::{self, Expected};

/// 204, also when there was nothing; 412 when the profile has another version than the client expects.
pub(crate) async fn handle(
    Database(db): Database,
    Caller { user, .. }: Caller,
    OwnProfile(stored): OwnProfile,
    wanted: IfMatch,
) -> Result<NoContent, Problem> {
    let expected = Expected::of(&wanted, &user, stored.as_ref())?;
    if store::delete(&db, user.id, expected).await? {
        Ok(NoContent)
    } else {
        Err(Problem::new(Code::PreconditionFailed))
    }
}

//! `DELETE /profile/`: the fields and preferences are cleared, the account stays.

use users_web::{About, Code, Database, IfMatch, NoContent, Problem};

use crate::own::OwnProfile;
use crate::store;

pub(crate) fn about() -> About {
    About::new(
        "deleteProfile",
        "Clear your own profile and preferences",
        "They are empty; the account stays.",
    )
}

/// 204, also when there was nothing; 412 when the profile has another version than the client expects.
pub(crate) async fn handle(
    Database(db): Database,
    profile: OwnProfile,
    wanted: IfMatch,
) -> Result<NoContent, Problem> {
    let expected = profile.expected(&wanted)?;
    if store::delete(&db, profile.user.id, expected).await? {
        Ok(NoContent)
    } else {
        Err(Code::PRECONDITION_FAILED.into())
    }
}

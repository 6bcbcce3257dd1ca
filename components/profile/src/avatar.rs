//! `DELETE /profile/avatar`: removes the picture.

use users_web::{About, Code, Database, IfMatch, NoContent, Problem};

use crate::own::OwnProfile;
use crate::store;

pub(crate) fn about() -> About {
    About::new("deleteAvatar", "Remove your own picture", "The profile has no picture.")
}

/// 204, even if there was no picture. 412 if the profile has another version than the client expects.
pub(crate) async fn handle(
    Database(db): Database,
    profile: OwnProfile,
    wanted: IfMatch,
) -> Result<NoContent, Problem> {
    let expected = profile.expected(&wanted)?;
    if store::remove_avatar(&db, profile.user.id, expected).await? {
        Ok(NoContent)
    } else {
        Err(Code::PRECONDITION_FAILED.into())
    }
}

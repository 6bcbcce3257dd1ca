//! `DELETE /profile/`: clears the fields and the preferences. The account stays.

use users_web::{About, Code, Database, IfMatch, NoContent, Problem};

use crate::own::OwnProfile;
use crate::store;

pub(crate) fn about() -> About {
    About::new(
        "deleteProfile",
        "Clear your own profile and preferences",
        "The profile is empty; the account stays.",
    )
}

/// 204, even if there was no profile. 412 if the profile has another version than the client expects.
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

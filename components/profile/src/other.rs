//! `GET /profile/{user_id}`: gets the part of a user's profile that the caller may see.

use users_core::{Profile, Reader, View};
use users_guard::{Caller, Right, Rights, UserPath};
use users_web::{About, Code, Database, Json, PathInput, Problem};

use crate::store;

pub(crate) fn about() -> About {
    About::new("getUserProfile", "Get the profile of a user", "The part of the profile that the caller may see.")
        .text(
            "The owner and administrators see all of it. Others see it if `privacy_public_profile` is true, without email address, \
             phone number, birth date and preferences; a private profile is answered like one that does not exist.",
        )
        .problems([Code::NOT_FOUND])
}

/// 200 with the whole profile for its owner and for administrators, and with its public part for other users. 404 if the profile is
/// private or the user does not exist.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    rights: Rights,
    PathInput(id): PathInput<UserPath>,
) -> Result<Json<View>, Problem> {
    let reader = if caller.user.id == id {
        Reader::Owner
    } else if rights.require(Right::ADMINISTRATION).is_ok() {
        Reader::Administrator
    } else {
        Reader::Stranger
    };
    let (user, stored) = store::find(&db, id, reader).await?.ok_or(Code::NOT_FOUND)?;
    let view = Profile::new(user, stored).seen_by(reader);
    view.map(Json).ok_or_else(|| Code::NOT_FOUND.into())
}

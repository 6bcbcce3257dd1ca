//! `GET /profile/{user_id}`: somebody's profile, as far as the caller may see it.

use users_core::{Profile, Reader, View};
use users_web::{Caller, Code, Database, Json, PathInput, Problem, Right, Rights, UserPath};

use crate::store;

/// 200 with the whole profile for its owner and for administrators, with its public part for others; 404 when it is private,
/// and alike when there is no such user.
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
    let (user, stored) = store::find(&db, id, reader).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let view = Profile::new(user, stored).seen_by(reader);
    view.map(Json).ok_or_else(|| Problem::new(Code::NotFound))
}

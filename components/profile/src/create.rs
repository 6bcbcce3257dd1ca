//! `POST /profile/`: creates the caller's profile.

use users_web::{Caller, Code, Database, Json, JsonInput, Problem, Response, StatusCode, header};

use crate::body::Body;
use crate::store::{self, Condition, Saved};

/// 201 with the profile; 409 when there is one.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    JsonInput(changes): JsonInput<Body>,
) -> Result<Response, Problem> {
    match store::save(&db, caller.user.id, Condition::New, &changes).await? {
        Saved::Profile(profile, version) => {
            let location = format!("/profile/{}", profile.id);
            Ok(version.with((StatusCode::CREATED, [(header::LOCATION, location)], Json(profile))))
        }
        Saved::TooLarge => Err(store::too_large("/preferences")),
        Saved::Nothing => Err(Problem::new(Code::ProfileExists)),
        Saved::NoAccount => Err(Problem::new(Code::InvalidToken)),
    }
}

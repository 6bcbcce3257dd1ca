//! `POST /profile/`: creates the caller's profile.

use users_core::Profile;
use users_web::{Caller, Code, Created, Database, JsonInput, Problem, Versioned};

use crate::body::Body;
use crate::store::{self, Condition, Saved};

/// 201 with the profile; 409 when there is one.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    JsonInput(changes): JsonInput<Body>,
) -> Result<Versioned<Created<Profile>>, Problem> {
    match store::save(&db, caller.user.id, Condition::New, &changes).await? {
        Saved::Profile(profile, version) => {
            let location = format!("/profile/{}", profile.id);
            Ok(Versioned::new(version, Created { location, object: *profile }))
        }
        Saved::TooLarge => Err(store::too_large("/preferences")),
        Saved::Nothing => Err(Problem::new(Code::ProfileExists)),
        Saved::NoAccount => Err(Problem::new(Code::InvalidToken)),
    }
}

//! `PUT /profile/`: changes the caller's profile, which need not have been created.

use users_web::{Caller, Code, Database, IfMatch, Json, JsonInput, OwnProfile, Problem, Response};

use crate::body::Body;
use crate::store::{self, Condition, Expected, Saved, version};

/// 200 with the profile as it is now; 412 when it has changed since the client read it, if the client asks for that.
pub(crate) async fn handle(
    Database(db): Database,
    Caller { user, .. }: Caller,
    OwnProfile(stored): OwnProfile,
    wanted: IfMatch,
    JsonInput(changes): JsonInput<Body>,
) -> Result<Response, Problem> {
    wanted.allows(&version(&user, stored.as_ref()))?;
    let condition = if wanted.names_a_version() {
        Condition::Expected(Expected { user: &user, stored: stored.as_ref() })
    } else {
        Condition::Any
    };
    match store::save(&db, user.id, condition, &changes).await? {
        Saved::Profile(profile, version) => Ok(version.with(Json(profile))),
        Saved::TooLarge => Err(store::too_large("/preferences")),
        Saved::Nothing => Err(Problem::new(Code::PreconditionFailed)),
        Saved::NoAccount => Err(Problem::new(Code::InvalidToken)),
    }
}

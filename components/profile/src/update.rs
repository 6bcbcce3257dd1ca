//! `PUT /profile/`: changes the caller's profile, which need not have been created.

use users_core::Profile;
use users_web::{Caller, Code, Database, IfMatch, Json, JsonInput, OwnProfile, Problem, Versioned};

use crate::body::Body;
use crate::store::{self, Condition, Expected, Saved};

/// 200 with the profile as it is now; 412 when it has changed since the client read it, if the client asks for that.
pub(crate) async fn handle(
    Database(db): Database,
    Caller { user, .. }: Caller,
    OwnProfile(stored): OwnProfile,
    wanted: IfMatch,
    JsonInput(changes): JsonInput<Body>,
) -> Result<Versioned<Json<Profile>>, Problem> {
    let expected = Expected::of(&wanted, &user, stored.as_ref())?;
    let condition = expected.map_or(Condition::Any, Condition::Expected);
    match store::save(&db, user.id, condition, &changes).await? {
        Saved::Profile(profile, version) => Ok(Versioned::new(version, Json(*profile))),
        Saved::TooLarge => Err(store::too_large("/preferences")),
        Saved::Nothing => Err(Problem::new(Code::PreconditionFailed)),
        Saved::NoAccount => Err(Problem::new(Code::InvalidToken)),
    }
}

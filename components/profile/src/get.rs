//! `GET /profile/`: the caller's own profile.

use users_core::Profile;
use users_web::{Caller, IfNoneMatch, Json, OwnProfile, Versioned};

use crate::store::version;

/// 200 with the profile, whose fields are null until they are set; 304 when the client has this version. The guard's statement
/// is the only one.
pub(crate) async fn handle(
    Caller { user, .. }: Caller,
    OwnProfile(stored): OwnProfile,
    known: IfNoneMatch,
) -> Versioned<Json<Profile>> {
    let version = version(&user, stored.as_ref());
    Versioned::unless_known(version, &known, Json(Profile::new(user, stored)))
}

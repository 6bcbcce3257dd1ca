//! `GET /profile/`: the caller's own profile.

use users_core::Profile;
use users_web::{About, IfNoneMatch, Json, Versioned};

use crate::own::OwnProfile;

pub(crate) fn about() -> About {
    About::new("getProfile", "Get your own profile", "The profile; fields are null until they are set.")
}

/// 200 with the profile, whose fields are null until they are set. 304 if the client already has this version. Only the guard runs
/// a statement.
pub(crate) async fn handle(profile: OwnProfile, known: IfNoneMatch) -> Versioned<Json<Profile>> {
    let version = profile.version();
    Versioned::unless_known(version, &known, Json(Profile::new(profile.user, profile.stored)))
}

//! Versions of profiles and preferences.

use users_core::{StoredProfile, Timestamp, User};
use users_web::ETag;

/// The version of a profile. It moves when the profile changes, and when the account does, whose name the profile shows.
pub(crate) fn version(user: &User, stored: Option<&StoredProfile>) -> ETag {
    ETag::of(&[user.updated_at.micros(), stored.map_or(0, |stored| stored.updated_at.micros())])
}

/// The version of preferences that last changed at this time; none have been set if there is no time.
pub(crate) fn preferences_version(updated_at: Option<Timestamp>) -> ETag {
    ETag::of(&[updated_at.map_or(0, Timestamp::micros)])
}

//! Versions of profiles and preferences.

use users_core::{StoredProfile, Timestamp, User};
use users_web::ETag;

/// The version of a profile. It changes with the profile, and also with the account, because the profile shows the account's name.
pub(crate) fn version(user: &User, stored: Option<&StoredProfile>) -> ETag {
    ETag::of(&[user.updated_at.micros(), stored.map_or(0, |stored| stored.updated_at.micros())])
}

/// The version of preferences. `updated_at` is the time of their last change, or `None` if no preferences have been set.
pub(crate) fn preferences_version(updated_at: Option<Timestamp>) -> ETag {
    ETag::of(&[updated_at.map_or(0, Timestamp::micros)])
}

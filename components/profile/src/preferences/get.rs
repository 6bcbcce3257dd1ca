//! `GET /profile/preferences`: the caller's preferences.

use users_core::Preferences;
use users_web::{About, IfNoneMatch, Json, Versioned};

use crate::own::OwnProfile;
use crate::version::preferences_version;

pub(crate) fn about() -> About {
    About::new("getPreferences", "Get your own preferences", "The preferences.")
}

/// 200 with the object, which is empty until a preference is set. 304 if the client already has this version. Only the guard runs a
/// statement.
pub(crate) async fn handle(
    OwnProfile { stored, .. }: OwnProfile,
    known: IfNoneMatch,
) -> Versioned<Json<Preferences>> {
    let version = preferences_version(stored.as_ref().map(|stored| stored.updated_at));
    let preferences = stored.map(|stored| stored.preferences).unwrap_or_default();
    Versioned::unless_known(version, &known, Json(preferences))
}

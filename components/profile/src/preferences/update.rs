//! `PUT /profile/preferences`: merges preferences into the caller's, key by key.

use serde::Deserialize;
use users_core::Preferences;
use users_web::{
    Caller, Checks, Code, Database, IfMatch, Input, Json, JsonInput, OwnProfile, Problem, Versioned,
};
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::body::{Patch, patch};
use crate::store::{self, Expected, SavedPreferences, preferences_version};

/// The preferences that are sent; null removes one.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Body(Preferences);

impl Input for Body {
    type Accepted = Patch;

    fn check(self, checks: &mut Checks) -> Option<Patch> {
        patch("", self.0, checks)
    }

    fn schema() -> RefOr<Schema> {
        Preferences::schema()
    }
}

/// 200 with all preferences as they are now; 412 when they have changed since the client read them, if the client asks for
/// that.
pub(crate) async fn handle(
    Database(db): Database,
    Caller { user, .. }: Caller,
    OwnProfile(stored): OwnProfile,
    wanted: IfMatch,
    JsonInput(patch): JsonInput<Body>,
) -> Result<Versioned<Json<Preferences>>, Problem> {
    wanted.allows(&preferences_version(stored.as_ref().map(|stored| stored.updated_at)))?;
    let expected = wanted.names_a_version().then_some(Expected { user: &user, stored: stored.as_ref() });
    match store::merge(&db, user.id, expected, &patch).await? {
        SavedPreferences::Preferences(preferences, version) => Ok(Versioned::new(version, Json(preferences))),
        SavedPreferences::TooLarge => Err(store::too_large("")),
        SavedPreferences::Stale => Err(Problem::new(Code::PreconditionFailed)),
        SavedPreferences::NoAccount => Err(Problem::new(Code::InvalidToken)),
    }
}

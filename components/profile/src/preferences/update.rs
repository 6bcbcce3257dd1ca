//! `PUT /profile/preferences`: merges the sent preferences into the caller's preferences, key by key.

use serde::Deserialize;
use serde_json::json;
use users_core::{Preferences, PreferencesPatch};
use users_guard::codes::INVALID_TOKEN;
use users_web::{About, Checks, Code, Database, IfMatch, Input, Json, JsonInput, Problem, Versioned};
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::body::{patch, too_large};
use crate::own::OwnProfile;
use crate::store::{self, SavedPreferences};
use crate::version::preferences_version;

/// The preferences that were sent. Null removes a preference.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Body(Preferences);

impl Input for Body {
    type Accepted = PreferencesPatch;

    fn check(self, checks: &mut Checks) -> Option<PreferencesPatch> {
        patch("", self.0, checks)
    }

    fn own_schema() -> Option<RefOr<Schema>> {
        Some(Preferences::schema())
    }
}

pub(crate) fn about() -> About {
    About::new("updatePreferences", "Change your own preferences", "All preferences after the change.")
        .text("Merges key by key; null removes a key. Concurrent changes of different keys are all kept.")
        .example(json!({"theme": "dark", "timezone": "Europe/London", "privacy_public_profile": true}))
}

/// 200 with all preferences after the change. 412 if the client names a version and the preferences have changed since.
pub(crate) async fn handle(
    Database(db): Database,
    own: OwnProfile,
    wanted: IfMatch,
    JsonInput(patch): JsonInput<Body>,
) -> Result<Versioned<Json<Preferences>>, Problem> {
    wanted.allows(&preferences_version(own.stored.as_ref().map(|stored| stored.updated_at)))?;
    match store::merge(&db, own.user.id, own.expected_if_named(&wanted), &patch).await? {
        SavedPreferences::Preferences(preferences, updated_at) => {
            Ok(Versioned::new(preferences_version(Some(updated_at)), Json(preferences)))
        }
        SavedPreferences::TooLarge => Err(too_large("")),
        SavedPreferences::Stale => Err(Code::PRECONDITION_FAILED.into()),
        SavedPreferences::NoAccount => Err(INVALID_TOKEN.into()),
    }
}

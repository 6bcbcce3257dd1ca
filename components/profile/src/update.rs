//! `PUT /profile/`: changes the caller's profile, even if it has not been created.

use serde_json::json;
use users_core::Profile;
use users_guard::codes::INVALID_TOKEN;
use users_web::{About, Code, Database, IfMatch, Json, JsonInput, Problem, Versioned};

use crate::body::{Body, too_large};
use crate::own::OwnProfile;
use crate::store::{self, Condition, Saved};
use crate::version::version;

pub(crate) fn about() -> About {
    About::new("updateProfile", "Change your own profile", "The changed profile.")
        .text("Changes only the fields that are sent; null clears a field. Creates the profile if there is none.")
        .example(json!({
            "full_name": "Ada King", "website": "https://example.com/ada", "phone_number": "+44 20 7946 0958",
        }))
}

/// 200 with the profile after the change. 412 if the client names a version and the profile has changed since.
pub(crate) async fn handle(
    Database(db): Database,
    own: OwnProfile,
    wanted: IfMatch,
    JsonInput(changes): JsonInput<Body>,
) -> Result<Versioned<Json<Profile>>, Problem> {
    let condition = own.expected(&wanted)?.map_or(Condition::Any, Condition::Expected);
    match store::save(&db, own.user.id, condition, &changes).await? {
        Saved::Profile(saved) => {
            let (user, stored) = *saved;
            let version = version(&user, Some(&stored));
            Ok(Versioned::new(version, Json(Profile::new(user, Some(stored)))))
        }
        Saved::TooLarge => Err(too_large("/preferences")),
        Saved::Unchanged => Err(Code::PRECONDITION_FAILED.into()),
        Saved::NoAccount => Err(INVALID_TOKEN.into()),
    }
}

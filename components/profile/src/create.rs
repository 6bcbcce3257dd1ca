//! `POST /profile/`: creates the caller's profile.

use serde_json::json;
use users_core::Profile;
use users_guard::Caller;
use users_guard::codes::INVALID_TOKEN;
use users_web::{About, Code, Created, Database, JsonInput, Problem, StatusCode, Versioned};

use crate::body::{Body, too_large};
use crate::store::{self, Condition, Saved};
use crate::version::version;

/// 409: the caller already has a profile.
const PROFILE_EXISTS: Code =
    Code::new(StatusCode::CONFLICT, "profile_exists", "There is a profile already; change it with PUT.");

pub(crate) fn about() -> About {
    About::new("createProfile", "Create your own profile", "The profile.")
        .text("Keeps preferences that were set before.")
        .example(json!({"bio": "Poetical science", "location": "London", "birth_date": "1990-12-10"}))
        .problems([PROFILE_EXISTS])
}

/// 201 with the profile, 409 if there is one already.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    JsonInput(changes): JsonInput<Body>,
) -> Result<Versioned<Created<Profile>>, Problem> {
    match store::save(&db, caller.user.id, Condition::New, &changes).await? {
        Saved::Profile(saved) => {
            let (user, stored) = *saved;
            let version = version(&user, Some(&stored));
            let profile = Profile::new(user, Some(stored));
            Ok(Versioned::new(version, Created::within(profile.id, profile)))
        }
        Saved::TooLarge => Err(too_large("/preferences")),
        Saved::Unchanged => Err(PROFILE_EXISTS.into()),
        Saved::NoAccount => Err(INVALID_TOKEN.into()),
    }
}

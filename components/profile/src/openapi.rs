//! What the OpenAPI document says of the routes beside what their types tell.

use serde_json::json;
use users_web::Code;
use users_web::openapi::{About, Part, about};

use crate::{NAME, routes};

/// This component's part of the document.
#[must_use]
pub fn part() -> Part {
    Part::new(NAME, "What people tell about themselves, and what they prefer.", routes(), abouts())
}

fn abouts() -> Vec<About> {
    vec![
        about("GET /profile", "getProfile", "Read one's own profile", "The profile; fields are null until they are set."),
        about("POST /profile", "createProfile", "Create one's own profile", "The profile.")
            .text("Preferences that were set before are kept.")
            .example(json!({"bio": "Poetical science", "location": "London", "birth_date": "1990-12-10"}))
            .problems([Code::ProfileExists]),
        about("PUT /profile", "updateProfile", "Change one's own profile", "The profile as it is now.")
            .text("Only the fields that are sent change, null clears one. Creates the profile when there is none.")
            .example(json!({"full_name": "Ada King", "website": "https://example.com/ada", "phone_number": "+44 20 7946 0958"})),
        about("DELETE /profile", "deleteProfile", "Clear one's own profile and preferences", "They are empty; the account stays."),
        about("GET /profile/preferences", "getPreferences", "Read one's own preferences", "The preferences."),
        about("PUT /profile/preferences", "updatePreferences", "Change one's own preferences", "All preferences as they are now.")
            .text("They are merged key by key, null removes a key; changes of different keys at the same moment are all kept.")
            .example(json!({"theme": "dark", "timezone": "Europe/London", "privacy_public_profile": true})),
        about("DELETE /profile/avatar", "deleteAvatar", "Remove one's own picture", "There is none any more."),
        about("GET /profile/{user_id}", "getUserProfile", "Read somebody's profile", "As much of it as the caller may see.")
            .text(
                "All of it for its owner and for administrators. Others see it when `privacy_public_profile` is true, without \
                 email address, telephone number, birth date and preferences; a private profile is as good as none.",
            )
            .problems([Code::NotFound]),
    ]
}

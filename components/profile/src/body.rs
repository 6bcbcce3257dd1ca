//! The body that creates or changes a profile.

use serde::Deserialize;
use users_core::{
    Bio, BirthDate, Change, FullName, Location, PhoneNumber, Preferences, PreferencesPatch, ProfileChanges,
    WebUrl,
};
use users_web::{Checks, Field, Input, Problem};

/// The fields of a profile as they were sent. A missing field stays unchanged. Null clears a field.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    full_name: Field<FullName>,
    bio: Field<Bio>,
    avatar_url: Field<WebUrl>,
    location: Field<Location>,
    website: Field<WebUrl>,
    phone_number: Field<PhoneNumber>,
    birth_date: Field<BirthDate>,
    preferences: Field<Preferences>,
}

/// 422: preferences at this place of the body exceed 16 KiB of compact JSON.
pub(crate) fn too_large(pointer: &str) -> Problem {
    Problem::broken(pointer, "must be at most 16 KiB together")
}

/// Validates preferences at this place of the body.
pub(crate) fn patch(
    pointer: &str,
    preferences: Preferences,
    checks: &mut Checks,
) -> Option<PreferencesPatch> {
    let broken = preferences.invalid();
    for it in &broken {
        checks.broken::<()>(&format!("{pointer}/{}", it.key), it.rule);
    }
    if preferences.is_too_deep() {
        return checks.broken(pointer, "must not be nested deeper than 100 levels");
    }
    broken.is_empty().then(|| PreferencesPatch::of(preferences.0))
}

impl Input for Body {
    type Accepted = ProfileChanges;

    fn check(self, checks: &mut Checks) -> Option<ProfileChanges> {
        let full_name = checks.change("/full_name", self.full_name);
        let bio = checks.change("/bio", self.bio);
        let avatar_url = checks.change("/avatar_url", self.avatar_url);
        let location = checks.change("/location", self.location);
        let website = checks.change("/website", self.website);
        let phone_number = checks.change("/phone_number", self.phone_number);
        let birth_date = birth_date(checks, self.birth_date);
        let preferences = match checks.change("/preferences", self.preferences) {
            Some(Change::Set(Some(preferences))) => {
                patch("/preferences", preferences, checks).map(|patch| Change::Set(Some(patch)))
            }
            Some(Change::Set(None)) => Some(Change::Set(None)),
            Some(Change::Keep) => Some(Change::Keep),
            None => None,
        };
        Some(ProfileChanges {
            full_name: full_name?,
            bio: bio?,
            avatar_url: avatar_url?,
            location: location?,
            website: website?,
            phone_number: phone_number?,
            birth_date: birth_date?,
            preferences: preferences?,
        })
    }
}

fn birth_date(checks: &mut Checks, field: Field<BirthDate>) -> Option<Change<BirthDate>> {
    let change = checks.change("/birth_date", field)?;
    let past = match (&change, checks.time()) {
        (Change::Set(Some(date)), Some(now)) => date.is_past(now),
        _ => true,
    };
    if past { Some(change) } else { checks.broken("/birth_date", BirthDate::MUST_BE_PAST) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use users_web::validate_input;

    use super::*;

    /// 2026-05-15T12:00:00Z
    const NOW: i64 = 1_778_846_400;

    fn broken(body: Value) -> Vec<String> {
        let body = serde_json::from_value::<Body>(body).unwrap();
        validate_input(body, Checks::at(Some(NOW)))
            .err()
            .iter()
            .flat_map(Problem::errors)
            .map(|it| it.pointer.clone())
            .collect()
    }

    #[test]
    fn every_broken_field_is_told() {
        let bad = json!({
            "full_name": 1, "bio": "x".repeat(2001), "avatar_url": "ftp://x.co", "location": [], "website": "x",
            "phone_number": "12", "birth_date": "2026-05-15", "preferences": {"theme": "blue", "language": "?"},
        });
        let mut told = broken(bad);
        told.sort_unstable();
        assert_eq!(
            told,
            [
                "/avatar_url",
                "/bio",
                "/birth_date",
                "/full_name",
                "/location",
                "/phone_number",
                "/preferences/language",
                "/preferences/theme",
                "/website",
            ]
        );
        assert!(
            broken(json!({"birth_date": "2026-05-14", "preferences": null, "bio": null, "other": 1}))
                .is_empty()
        );
    }
}

//! What a profile is made and changed of.

use serde::Deserialize;
use serde_json::{Map, Value};
use users_core::{Bio, BirthDate, FullName, Location, PhoneNumber, Preferences, WebUrl};
use users_web::{Change, Checks, Field, Input};

/// The fields of a profile as they are sent. Those that are missing stay as they are, null clears one.
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

/// What is to become of the fields.
pub(crate) struct Changes {
    pub(crate) full_name: Change<FullName>,
    pub(crate) bio: Change<Bio>,
    pub(crate) avatar_url: Change<WebUrl>,
    pub(crate) location: Change<Location>,
    pub(crate) website: Change<WebUrl>,
    pub(crate) phone_number: Change<PhoneNumber>,
    pub(crate) birth_date: Change<BirthDate>,
    pub(crate) preferences: Change<Patch>,
}

/// Preferences to be set, and those to be removed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Patch {
    pub(crate) set: Map<String, Value>,
    pub(crate) removed: Vec<String>,
}

impl Patch {
    /// Null removes a key.
    pub(crate) fn of(preferences: Map<String, Value>) -> Self {
        let (removed, set): (Map<_, _>, Map<_, _>) =
            preferences.into_iter().partition(|(_, value)| value.is_null());
        Self { set, removed: removed.into_iter().map(|(key, _)| key).collect() }
    }
}

/// Judges preferences that stand at a place of the body.
pub(crate) fn patch(pointer: &str, preferences: Preferences, checks: &mut Checks) -> Option<Patch> {
    let broken = preferences.invalid();
    for it in &broken {
        checks.broken::<()>(&format!("{pointer}/{}", it.key), it.rule);
    }
    if preferences.is_too_deep() {
        return checks.broken(pointer, "must not be nested deeper than 100 levels");
    }
    broken.is_empty().then(|| Patch::of(preferences.0))
}

impl Input for Body {
    type Accepted = Changes;

    fn check(self, checks: &mut Checks) -> Option<Changes> {
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
        Some(Changes {
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
    use serde_json::json;
    use users_web::Problem;

    use super::*;

    /// 2026-05-15T12:00:00Z
    const NOW: i64 = 1_778_846_400;

    fn broken(body: Value) -> Vec<String> {
        let judged = Checks::at(Some(NOW)).judge(serde_json::from_value::<Body>(body).unwrap());
        judged.err().iter().flat_map(Problem::errors).map(|it| it.pointer.clone()).collect()
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

    #[test]
    fn null_removes_a_preference() {
        let Value::Object(preferences) = json!({"theme": null, "x": {"y": null}}) else { unreachable!() };
        let patch = Patch::of(preferences);
        assert_eq!(
            (Value::Object(patch.set), patch.removed),
            (json!({"x": {"y": null}}), vec!["theme".to_owned()])
        );
    }
}

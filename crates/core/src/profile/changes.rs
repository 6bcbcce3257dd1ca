//! Changes of a profile.

use serde_json::{Map, Value};

use crate::{Bio, BirthDate, Change, FullName, Location, PhoneNumber, WebUrl};

/// A change of a profile, of the account's name and of the preferences.
#[derive(Debug, Clone)]
pub struct ProfileChanges {
    /// The account's name.
    pub full_name: Change<FullName>,
    /// A text about the person.
    pub bio: Change<Bio>,
    /// The address of a picture.
    pub avatar_url: Change<WebUrl>,
    /// The location of the person.
    pub location: Change<Location>,
    /// The person's website.
    pub website: Change<WebUrl>,
    /// As the client sent it.
    pub phone_number: Change<PhoneNumber>,
    /// A date in the past.
    pub birth_date: Change<BirthDate>,
    /// Null clears all preferences.
    pub preferences: Change<PreferencesPatch>,
}

/// Preferences to set and preferences to remove.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PreferencesPatch {
    /// The new values by key.
    pub set: Map<String, Value>,
    /// The keys to remove.
    pub removed: Vec<String>,
}

impl PreferencesPatch {
    /// Splits an object that a client sends: null removes a key.
    #[must_use]
    pub fn of(preferences: Map<String, Value>) -> Self {
        let (removed, set): (Map<_, _>, Map<_, _>) =
            preferences.into_iter().partition(|(_, value)| value.is_null());
        Self { set, removed: removed.into_iter().map(|(key, _)| key).collect() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_removes_a_preference() {
        let Value::Object(preferences) = json!({"theme": null, "x": {"y": null}}) else { unreachable!() };
        let patch = PreferencesPatch::of(preferences);
        assert_eq!(
            (Value::Object(patch.set), patch.removed),
            (json!({"x": {"y": null}}), vec!["theme".to_owned()])
        );
    }
}

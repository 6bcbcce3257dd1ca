//! Preferences: an object in which some keys are known and checked, and others are kept as they were sent.

use oxilangtag::LanguageTag;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tzdb_data::TZ_NAMES;

/// What somebody prefers, as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Preferences(pub Map<String, Value>);

/// A key whose value breaks its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenPreference {
    /// The key.
    pub key: &'static str,
    /// What its value must be.
    pub rule: &'static str,
}

/// A rule for a value.
type Rule = fn(&Value) -> bool;

/// How deep arrays and objects may be nested in a value: a parser of JSON that reads them again, within a profile, must not reach
/// its own limit.
const MAX_DEPTH: usize = 100;

/// The parser that made the value has a limit, so this recursion has one.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// The keys that are known; null removes one, so it breaks no rule.
const KNOWN: [(&str, Rule, &str); 6] = [
    ("theme", is_theme, "must be light, dark or system"),
    ("language", is_language, "must be a language tag (BCP 47), such as en or pt-BR"),
    ("timezone", is_timezone, "must be the IANA name of a time zone, such as Europe/Berlin"),
    ("notifications_email", Value::is_boolean, "must be true or false"),
    ("notifications_sms", Value::is_boolean, "must be true or false"),
    ("privacy_public_profile", Value::is_boolean, "must be true or false"),
];

impl Preferences {
    /// Whether arrays and objects are nested deeper than 100 levels in a value.
    #[must_use]
    pub fn is_too_deep(&self) -> bool {
        self.0.values().any(|value| depth(value) > MAX_DEPTH)
    }

    /// The known keys whose values break their rules.
    #[must_use]
    pub fn broken(&self) -> Vec<BrokenPreference> {
        let broken = |(key, holds, rule): &(&'static str, Rule, &'static str)| {
            let value = self.0.get(*key)?;
            (!value.is_null() && !holds(value)).then_some(BrokenPreference { key, rule })
        };
        KNOWN.iter().filter_map(broken).collect()
    }
}

fn is_theme(value: &Value) -> bool {
    matches!(value.as_str(), Some("light" | "dark" | "system"))
}

/// RFC 5646 section 2.1: well-formed, whatever the registry of subtags knows.
fn is_language(value: &Value) -> bool {
    value.as_str().is_some_and(|tag| LanguageTag::parse(tag).is_ok())
}

fn is_timezone(value: &Value) -> bool {
    value.as_str().is_some_and(|name| TZ_NAMES.contains(&name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn broken(preferences: Value) -> Vec<&'static str> {
        let preferences: Preferences = serde_json::from_value(preferences).unwrap();
        preferences.broken().into_iter().map(|it| it.key).collect()
    }

    #[test]
    fn known_keys_have_rules_and_others_have_none() {
        assert!(broken(json!({})).is_empty());
        assert!(
            broken(json!({"theme": null, "language": null, "x": {"y": [1, null]}, "Theme": 1})).is_empty()
        );
        for theme in ["light", "dark", "system"] {
            assert!(broken(json!({"theme": theme})).is_empty());
        }
        for language in ["en", "pt-BR", "zh-Hant-TW", "sr-Latn", "x-private", "i-klingon", "de-CH-1996"] {
            assert!(broken(json!({"language": language})).is_empty(), "{language}");
        }
        for timezone in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert!(broken(json!({"timezone": timezone})).is_empty(), "{timezone}");
        }
    }

    #[test]
    fn values_are_nested_up_to_a_hundred_levels() {
        let nested = |levels: usize| {
            let value = (0..levels)
                .fold(json!(1), |inner, n| if n % 2 == 0 { json!([inner]) } else { json!({"x": inner}) });
            serde_json::from_value::<Preferences>(json!({"flat": 1, "deep": [value]})).unwrap()
        };
        assert!(!nested(99).is_too_deep());
        assert!(nested(100).is_too_deep());
    }

    #[test]
    fn every_broken_key_is_told() {
        assert_eq!(
            broken(json!({
                "theme": "blue", "language": "en_US", "timezone": "Mars/Olympus", "notifications_email": "yes",
                "notifications_sms": 1, "privacy_public_profile": [],
            })),
            [
                "theme",
                "language",
                "timezone",
                "notifications_email",
                "notifications_sms",
                "privacy_public_profile"
            ]
        );
        for language in [json!(""), json!("e"), json!("english-language-tag"), json!(7), json!("en-")] {
            assert_eq!(broken(json!({"language": language})), ["language"], "{language}");
        }
        for timezone in [json!(""), json!("europe/berlin"), json!("+02:00"), json!("Europe/"), json!(0)] {
            assert_eq!(broken(json!({"timezone": timezone})), ["timezone"], "{timezone}");
        }
        assert_eq!(broken(json!({"theme": "Dark"})), ["theme"]);
    }
}

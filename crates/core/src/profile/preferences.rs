//! Preferences: an object whose known keys are validated and whose other keys are kept as they were sent.

use oxilangtag::LanguageTag;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tzdb_data::TZ_NAMES;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, SchemaType, Type};

use crate::schema::{format, inline_schema};

/// The preferences of an account, as they were sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Preferences(pub Map<String, Value>);

/// A known key with an invalid value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPreference {
    /// The key.
    pub key: &'static str,
    /// The rule for the value, such as `must be true or false`.
    pub rule: &'static str,
}

/// Returns true for a valid value.
type Rule = fn(&Value) -> bool;

/// The maximum depth of nested arrays and objects in a value. A profile adds further levels, and serde_json cannot read more than
/// 128 levels.
const MAX_DEPTH: usize = 100;

/// The recursion is bounded: the JSON parser limits the depth of every value.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// The maximum size of all preferences of an account, in octets of compact JSON. The values of unknown keys have no other limit.
const MAX_OCTETS: usize = 16 * 1024;

const THEMES: [&str; 3] = ["light", "dark", "system"];

/// The known keys with their rules. Null is always valid: it removes the key.
const KNOWN: [(&str, Rule, &str); 6] = [
    ("theme", is_theme, "must be light, dark or system"),
    ("language", is_language, "must be a language tag (BCP 47), such as en or pt-BR"),
    ("timezone", is_timezone, "must be the IANA name of a time zone, such as Europe/Berlin"),
    ("notifications_email", Value::is_boolean, "must be true or false"),
    ("notifications_sms", Value::is_boolean, "must be true or false"),
    ("privacy_public_profile", Value::is_boolean, "must be true or false"),
];

inline_schema!(Preferences => schema());

/// The schema for a request, in which null removes a key. In an answer no known key is null.
fn schema() -> ObjectBuilder {
    let known = |kind: Type, description: &str| {
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([kind, Type::Null]))
            .description(Some(description))
    };
    let flag = |description: &str| known(Type::Boolean, description);
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(
            "Known keys have rules; other keys are kept as they were sent. Null removes a key. Limits: 16 KiB of compact JSON \
             in all, 100 levels of nesting in a value, and numbers that are 64-bit integers or doubles.",
        ))
        .property(
            "theme",
            known(Type::String, "The colour scheme.")
                .enum_values(Some(THEMES.map(Value::from).into_iter().chain([Value::Null]))),
        )
        .property(
            "language",
            known(Type::String, "A language tag (BCP 47).")
                .format(format("bcp-47"))
                .max_length(Some(MAX_OCTETS))
                .examples(["en", "pt-BR"]),
        )
        .property(
            "timezone",
            known(Type::String, "The IANA name of a time zone.")
                .format(format("iana-time-zone"))
                .max_length(Some(MAX_OCTETS))
                .examples(["Europe/Berlin"]),
        )
        .property("notifications_email", flag("Send news by email."))
        .property("notifications_sms", flag("Send news by text message."))
        .property("privacy_public_profile", flag("Show the profile to every signed-in user."))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .examples([json!({"theme": "dark", "language": "en", "timezone": "Europe/Berlin"})])
}

impl Preferences {
    /// Returns true when a value nests arrays and objects more than 100 levels deep.
    #[must_use]
    pub fn is_too_deep(&self) -> bool {
        self.0.values().any(|value| depth(value) > MAX_DEPTH)
    }

    /// The known keys with invalid values.
    #[must_use]
    pub fn invalid(&self) -> Vec<InvalidPreference> {
        let check = |(key, is_valid, rule): &(&'static str, Rule, &'static str)| {
            let value = self.0.get(*key)?;
            (!value.is_null() && !is_valid(value)).then_some(InvalidPreference { key, rule })
        };
        KNOWN.iter().filter_map(check).collect()
    }
}

fn is_theme(value: &Value) -> bool {
    value.as_str().is_some_and(|theme| THEMES.contains(&theme))
}

/// Checks the form only (RFC 5646 section 2.2.9, well-formed), not the registry of subtags.
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

    fn invalid(preferences: Value) -> Vec<&'static str> {
        let preferences: Preferences = serde_json::from_value(preferences).unwrap();
        preferences.invalid().into_iter().map(|it| it.key).collect()
    }

    #[test]
    fn known_keys_have_rules_and_others_have_none() {
        assert!(invalid(json!({})).is_empty());
        assert!(
            invalid(json!({"theme": null, "language": null, "x": {"y": [1, null]}, "Theme": 1})).is_empty()
        );
        for theme in ["light", "dark", "system"] {
            assert!(invalid(json!({"theme": theme})).is_empty());
        }
        for language in ["en", "pt-BR", "zh-Hant-TW", "sr-Latn", "x-private", "i-klingon", "de-CH-1996"] {
            assert!(invalid(json!({"language": language})).is_empty(), "{language}");
        }
        for timezone in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert!(invalid(json!({"timezone": timezone})).is_empty(), "{timezone}");
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
    fn every_invalid_key_is_reported() {
        assert_eq!(
            invalid(json!({
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
            assert_eq!(invalid(json!({"language": language})), ["language"], "{language}");
        }
        for timezone in [json!(""), json!("europe/berlin"), json!("+02:00"), json!("Europe/"), json!(0)] {
            assert_eq!(invalid(json!({"timezone": timezone})), ["timezone"], "{timezone}");
        }
        assert_eq!(invalid(json!({"theme": "Dark"})), ["theme"]);
    }
}

//! Fields of a request. Each is validated separately, so that the answer reports every broken field.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use users_core::{Change, IdError};
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, Schema};

use crate::input::ONCE_ONLY;
use crate::{FieldError, OAuthError, Problem};

/// The maximum number of ids in a list of a request.
const MAX_IDS: usize = 1000;

/// A field of a request. Reading a field never fails, so a broken field does not hide the next one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Field<T> {
    /// Not sent.
    #[default]
    Missing,
    /// Sent as null.
    Null,
    /// Sent and valid.
    Valid(T),
    /// Sent, but breaks this rule.
    Invalid(String),
}

impl<T> Field<T> {
    /// The value, if it is valid. The field is still to be checked.
    #[must_use]
    pub fn valid(&self) -> Option<&T> {
        match self {
            Self::Valid(value) => Some(value),
            _ => None,
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::Null,
            value => {
                serde_json::from_value(value).map_or_else(|error| Self::Invalid(rule(&error)), Self::Valid)
            }
        })
    }
}

/// The rule that the field breaks. Serde's own message quotes the sent value, which may be a secret.
fn rule(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(", expected ") {
        Some((_, expected)) if text.starts_with("invalid ") => format!("must be {}", in_words(expected)),
        _ => text,
    }
}

/// JSON's names for types. Serde's messages use the names of Rust.
fn in_words(expected: &str) -> &str {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" => "an integer within its limits",
        // Only ids are read as `f64`, see `users_core::UserId`.
        "f64" => "an integer within its limits",
        "a sequence" => "an array",
        "a map" => "an object",
        expected => expected,
    }
}

/// The ways in which a field may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The field must be sent, and not as null.
    Required,
    /// The field may be left out, or sent as null.
    Optional,
    /// The field may be left out, but not sent as null.
    NotNull,
}

/// The maximum size of a report of broken fields: the octets of its texts. Without a limit, a small request with thousands of
/// broken members and long pointers would cause a large answer.
const LARGEST_REPORT: usize = 128 * 1024;

/// A field that an input reads, for the OpenAPI document.
pub(crate) struct AskedFor {
    pub(crate) pointer: String,
    pub(crate) schema: RefOr<Schema>,
    pub(crate) presence: Presence,
}

impl std::fmt::Debug for AskedFor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.pointer, self.presence)
    }
}

/// Rules for fields that depend on the state of the component, such as words that the operator denies. `()` stands for none.
///
/// The value for the OpenAPI document is the default: its fields do not depend on the rules.
pub trait Rules<S>: Default {
    /// The rules of a component with this state.
    fn of(state: &S) -> Self;
}

impl<S> Rules<S> for () {
    fn of(_: &S) {}
}

/// Collects broken fields, until their report reaches 128 KiB. `R` are the [`Rules`] of the component that the input asks.
#[derive(Debug, Default)]
pub struct Checks<R = ()> {
    rules: R,
    broken: Vec<FieldError>,
    pointers: BTreeSet<String>,
    size: usize,
    time: Option<i64>,
    /// The parameters of a form that were sent more than once.
    repeated: BTreeSet<String>,
    oauth_error: Option<OAuthError>,
    /// Empty in a component, because a component does not describe itself.
    asked_for: Vec<AskedFor>,
}

impl Checks {
    /// Creates a collection without broken fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a collection without broken fields, for a request at this time in seconds since 1970.
    #[must_use]
    pub fn at(time: Option<i64>) -> Self {
        Self { time, ..Self::default() }
    }
}

impl<R> Checks<R> {
    /// The same collection under these rules.
    #[must_use]
    pub fn under<N>(self, rules: N) -> Checks<N> {
        let Self { broken, pointers, size, time, repeated, oauth_error, asked_for, .. } = self;
        Checks { rules, broken, pointers, size, time, repeated, oauth_error, asked_for }
    }

    /// The rules that depend on the state of the component.
    #[must_use]
    pub fn rules(&self) -> &R {
        &self.rules
    }

    /// The fields that the input reads. Empty in a component, because a component does not describe itself.
    pub(crate) fn into_asked_for(self) -> Vec<AskedFor> {
        self.asked_for
    }

    fn note(&mut self, pointer: &str, presence: Presence, schema: impl FnOnce() -> RefOr<Schema>) {
        if cfg!(not(target_family = "wasm")) && !self.asked_for.iter().any(|it| it.pointer == pointer) {
            self.asked_for.push(AskedFor { pointer: pointer.to_owned(), schema: schema(), presence });
        }
    }

    /// The time of the request by the database's clock, in seconds since 1970. Only guarded routes know it.
    #[must_use]
    pub fn time(&self) -> Option<i64> {
        self.time
    }

    /// The value of a required field. `None` means that the field is broken.
    pub fn required<T: PartialSchema>(&mut self, pointer: &str, field: Field<T>) -> Option<T> {
        self.note(pointer, Presence::Required, T::schema);
        self.present(pointer, field, Presence::Required).flatten()
    }

    /// The value of a field that may be missing or null. The outer `None` means that the field is broken.
    pub fn optional<T: PartialSchema>(&mut self, pointer: &str, field: Field<T>) -> Option<Option<T>> {
        self.note(pointer, Presence::Optional, T::schema);
        self.present(pointer, field, Presence::Optional)
    }

    /// The value of a field that may be missing but not null. The outer `None` means that the field is broken.
    pub fn not_null<T: PartialSchema>(&mut self, pointer: &str, field: Field<T>) -> Option<Option<T>> {
        self.note(pointer, Presence::NotNull, T::schema);
        self.present(pointer, field, Presence::NotNull)
    }

    /// Stores the name of a form's parameter that was sent more than once. The parameter counts as broken if the input reads it.
    pub(crate) fn repeated(&mut self, pointer: String) {
        self.repeated.insert(pointer);
    }

    /// Sets the OAuth 2.0 error for the problem, if any field is broken. The default is `invalid_request`.
    pub fn oauth_error(&mut self, error: OAuthError) {
        self.oauth_error = Some(error);
    }

    fn present<T>(&mut self, pointer: &str, field: Field<T>, presence: Presence) -> Option<Option<T>> {
        if self.repeated.contains(pointer) {
            return self.broken(pointer, ONCE_ONLY);
        }
        match (field, presence) {
            (Field::Valid(value), _) => Some(Some(value)),
            (Field::Invalid(rule), _) => self.broken(pointer, rule),
            (Field::Missing | Field::Null, Presence::Required) => self.broken(pointer, "is required"),
            (Field::Null, Presence::NotNull) => self.broken(pointer, "must not be null"),
            (Field::Missing | Field::Null, _) => Some(None),
        }
    }

    /// The change of a value that null clears. `None` means that the field is broken.
    pub fn change<T: PartialSchema>(&mut self, pointer: &str, field: Field<T>) -> Option<Change<T>> {
        self.note(pointer, Presence::Optional, T::schema);
        match field {
            Field::Missing => Some(Change::Keep),
            field => self.present(pointer, field, Presence::Optional).map(Change::Set),
        }
    }

    /// A list of at least `min` and at most 1,000 ids. The outer `None` means that the list or one of its ids is broken.
    pub fn ids<T: DeserializeOwned + PartialSchema>(
        &mut self,
        pointer: &str,
        field: Field<Vec<Value>>,
        presence: Presence,
        min: usize,
    ) -> Option<Option<Vec<T>>> {
        self.note(pointer, presence, || {
            let list = ArrayBuilder::new().items(T::schema()).max_items(Some(MAX_IDS));
            Schema::Array(list.min_items((min > 0).then_some(min)).build()).into()
        });
        let Some(ids) = self.present(pointer, field, presence)? else { return Some(None) };
        if ids.len() > MAX_IDS || ids.len() < min {
            let least = if min == 0 { "at most".to_owned() } else { format!("{min} to") };
            return self.broken(pointer, format!("must hold {least} {MAX_IDS} ids"));
        }
        self.each(pointer, ids, |_| IdError.to_string()).map(Some)
    }

    /// A list of at least `min` and at most `max` items, which may be missing or null. The outer `None` means that the list or one of its
    /// items is broken.
    pub fn items<T: DeserializeOwned + PartialSchema>(
        &mut self,
        pointer: &str,
        field: Field<Vec<Value>>,
        min: usize,
        max: usize,
    ) -> Option<Option<Vec<T>>> {
        self.note(pointer, Presence::Optional, || {
            let list = ArrayBuilder::new().items(T::schema()).max_items(Some(max));
            Schema::Array(list.min_items((min > 0).then_some(min)).build()).into()
        });
        let Some(items) = self.present(pointer, field, Presence::Optional)? else { return Some(None) };
        if items.len() > max || items.len() < min {
            let least = if min == 0 { "at most".to_owned() } else { format!("{min} to") };
            return self.broken(pointer, format!("must hold {least} {max} items"));
        }
        self.each(pointer, items, rule).map(Some)
    }

    fn each<T: DeserializeOwned>(
        &mut self,
        pointer: &str,
        items: Vec<Value>,
        rule: impl Fn(&serde_json::Error) -> String,
    ) -> Option<Vec<T>> {
        let mut accepted: Option<Vec<T>> = Some(Vec::with_capacity(items.len()));
        for (index, item) in items.into_iter().enumerate() {
            match (serde_json::from_value(item), &mut accepted) {
                (Ok(item), Some(accepted)) => accepted.push(item),
                (Ok(_), None) => {}
                (Err(error), _) => {
                    accepted = self.broken(&format!("{pointer}/{index}"), rule(&error));
                }
            }
        }
        accepted
    }

    /// Adds a broken rule. If a field breaks several rules, the first is reported.
    pub fn broken<T>(&mut self, pointer: &str, message: impl Into<String>) -> Option<T> {
        if !self.is_full() && self.pointers.insert(pointer.to_owned()) {
            let error = FieldError { pointer: pointer.to_owned(), message: message.into() };
            self.size += error.pointer.len() + error.message.len();
            self.broken.push(error);
        }
        None
    }

    /// Returns true once the report has reached its maximum size. Further broken fields are dropped.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.size >= LARGEST_REPORT
    }

    /// The accepted value, or the problem that lists every broken field.
    ///
    /// # Errors
    /// 422 `validation_failed`.
    pub(crate) fn into_result<T>(self, accepted: Option<T>) -> Result<T, Problem> {
        match accepted {
            Some(accepted) if self.broken.is_empty() => Ok(accepted),
            _ => {
                let problem = Problem::validation(self.broken);
                Err(match self.oauth_error {
                    Some(error) => problem.with_oauth_error(error),
                    None => problem,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use users_core::{Email, Password};

    use super::*;

    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Body {
        email: Field<Email>,
        password: Field<Password>,
        age: Field<i32>,
        name: Field<String>,
    }

    #[test]
    fn every_broken_field_is_reported_and_nothing_that_was_sent_is_quoted() {
        let body: Body =
            serde_json::from_value(json!({"email": "no address", "password": 12_345_678, "age": "x"}))
                .unwrap();
        let mut checks = Checks::new();
        assert!(checks.required("/email", body.email).is_none());
        assert!(checks.required("/password", body.password).is_none());
        assert!(checks.optional("/age", body.age).is_none());
        assert!(checks.required("/name", body.name).is_none());
        let report: Vec<_> =
            checks.broken.iter().map(|it| (it.pointer.as_str(), it.message.as_str())).collect();
        assert_eq!(
            report,
            [
                ("/email", "must be an email address, such as alice@example.com"),
                ("/password", "must be a string"),
                ("/age", "must be an integer within its limits"),
                ("/name", "is required"),
            ]
        );
    }

    #[test]
    fn a_change_distinguishes_a_missing_field_from_null() {
        let body = |json: Value| serde_json::from_value::<Body>(json).unwrap();
        let mut checks = Checks::new();
        assert_eq!(checks.change("/age", body(json!({})).age), Some(Change::Keep));
        assert_eq!(checks.change("/age", body(json!({"age": null})).age), Some(Change::Set(None)));
        assert_eq!(checks.change("/age", body(json!({"age": 7})).age), Some(Change::Set(Some(7))));
        assert_eq!(checks.not_null("/age", body(json!({})).age), Some(None));
        assert_eq!(checks.not_null("/age", body(json!({"age": 7})).age), Some(Some(7)));
        assert!(checks.broken.is_empty());
        assert_eq!(checks.not_null("/age", body(json!({"age": null})).age), None);
        assert_eq!(checks.change("/age", body(json!({"age": "x"})).age), None);
    }

    #[test]
    fn each_id_of_a_list_is_validated() {
        let validated = |sent: Value, min| {
            let mut checks = Checks::new();
            let ids = checks.ids::<u8>(
                "/ids",
                Field::Valid(sent.as_array().unwrap().clone()),
                Presence::Required,
                min,
            );
            (ids.flatten(), checks.broken.into_iter().map(|it| (it.pointer, it.message)).collect::<Vec<_>>())
        };
        let one = |pointer: &str, message: &str| (pointer.to_owned(), message.to_owned());
        assert_eq!(validated(json!([3, 1, 3]), 1), (Some(vec![3, 1, 3]), vec![]));
        let rule = IdError.to_string();
        assert_eq!(
            validated(json!([1, "x", 256]), 0),
            (None, vec![one("/ids/1", &rule), one("/ids/2", &rule)])
        );
        assert_eq!(validated(json!([]), 0), (Some(vec![]), vec![]));
        assert_eq!(validated(json!([]), 1), (None, vec![one("/ids", "must hold 1 to 1000 ids")]));
        assert_eq!(
            validated(json!(vec![1; 1001]), 0),
            (None, vec![one("/ids", "must hold at most 1000 ids")])
        );
    }

    #[test]
    fn each_item_of_a_list_keeps_its_own_rule() {
        let validated = |sent: Value| {
            let mut checks = Checks::new();
            let field = serde_json::from_value(sent).unwrap();
            let items = checks.items::<Email>("/items", field, 1, 2);
            let items = items.map(|items| items.map(|items| items.len()));
            (items, checks.broken.into_iter().map(|it| (it.pointer, it.message)).collect::<Vec<_>>())
        };
        assert_eq!(validated(Value::Null), (Some(None), vec![]));
        assert_eq!(validated(json!(["a@b.co"])), (Some(Some(1)), vec![]));
        let (items, broken) = validated(json!(["a@b.co", "x"]));
        assert_eq!((items, broken[0].0.as_str()), (None, "/items/1"));
        assert!(broken[0].1.starts_with("must be an email address"), "{broken:?}");
        for wrong in [json!([]), json!(["a@b.co", "b@b.co", "c@b.co"])] {
            assert_eq!(validated(wrong).1, [("/items".to_owned(), "must hold 1 to 2 items".to_owned())]);
        }
    }

    #[test]
    fn rules_of_the_component_are_at_hand_and_broken_fields_stay() {
        let mut checks = Checks::at(Some(7));
        checks.broken::<()>("/a", "is odd");
        let mut checks = checks.under("a rule");
        assert_eq!((*checks.rules(), checks.time()), ("a rule", Some(7)));
        checks.broken::<()>("/b", "is odd");
        let problem = checks.into_result(Some(())).unwrap_err();
        assert_eq!(problem.errors().iter().map(|it| it.pointer.as_str()).collect::<Vec<_>>(), ["/a", "/b"]);
    }

    #[test]
    fn an_optional_field_may_be_missing_or_null() {
        let body: Body = serde_json::from_value(json!({"age": null})).unwrap();
        let mut checks = Checks::new();
        assert_eq!(checks.optional("/age", body.age), Some(None));
        assert_eq!(checks.optional("/name", body.name), Some(None));
        assert!(checks.broken.is_empty());
    }
}

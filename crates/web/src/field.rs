//! Fields of a body, judged one by one, so that every broken one is reported.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use users_core::IdError;
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::openapi::Fields;
use crate::{FieldError, Problem};

/// How many ids one request may name in a list.
const MAX_IDS: usize = 1000;

/// A field of a request: reading it never fails, so that a broken field does not hide the next one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Field<T> {
    /// Not sent.
    #[default]
    Missing,
    /// Sent as null.
    Null,
    /// Sent, and within its rules.
    Valid(T),
    /// Sent, and not within its rules: what it must be.
    Invalid(String),
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

/// What the field must be. Serde's words about a wrong type quote what was sent, which may be a secret.
fn rule(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(", expected ") {
        Some((_, expected)) if text.starts_with("invalid ") => format!("must be {}", in_words(expected)),
        _ => text,
    }
}

/// What is to become of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays as it is.
    Keep,
    /// It becomes this, or nothing.
    Set(Option<T>),
}

impl<T> Change<T> {
    /// Whether it changes at all, and what it becomes then: for `CASE WHEN $1::bool THEN $2 ELSE … END`.
    pub fn parts(&self) -> (bool, Option<&T>) {
        match self {
            Self::Keep => (false, None),
            Self::Set(value) => (true, value.as_ref()),
        }
    }
}

/// JSON's names for what serde calls by Rust's.
fn in_words(expected: &str) -> &str {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" => "an integer within its limits",
        // Only ids are read as one, see `users_core::UserId`.
        "f64" => "an integer within its limits",
        "a sequence" => "an array",
        "a map" => "an object",
        expected => expected,
    }
}

/// What a request is read into: its fields as they were sent, which are then judged together.
pub trait Input: DeserializeOwned + Default {
    /// The values of the fields, within their rules.
    type Accepted;

    /// Judges every field, and gives the values when none of them breaks its rules. It asks for each field whatever became of
    /// the others: so every broken one is reported, and every one is in the OpenAPI document.
    fn check(self, checks: &mut Checks) -> Option<Self::Accepted>;

    /// What it reads, for the OpenAPI document: the fields that [`Self::check`] asks for.
    #[must_use]
    fn schema() -> RefOr<Schema> {
        Fields::of::<Self>().object()
    }
}

/// Whether a field must be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It must, and not as null.
    Required,
    /// It may be left out, or sent as null.
    Optional,
    /// It may be left out, but not sent as null.
    Given,
}

/// How large a report of broken fields may be, in octets of its texts: thousands of broken members, whose pointers may be
/// long, would make a small request a costly one.
const LARGEST_REPORT: usize = 128 * 1024;

/// Collects the fields that break their rules, up to 128 KiB of them.
#[derive(Debug, Default)]
pub struct Checks {
    broken: Vec<FieldError>,
    pointers: BTreeSet<String>,
    size: usize,
    time: Option<i64>,
    /// The fields that were asked for.
    fields: Fields,
}

impl Checks {
    /// Nothing is broken yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing is broken yet, in a request that was made at a time, in seconds since 1970.
    #[must_use]
    pub fn at(time: Option<i64>) -> Self {
        Self { time, ..Self::default() }
    }

    /// The fields that were asked for; none in a component, which does not describe itself.
    pub(crate) fn into_fields(self) -> Fields {
        self.fields
    }

    fn note<T: PartialSchema>(&mut self, pointer: &str, presence: Presence) {
        if cfg!(not(target_family = "wasm")) {
            self.fields.note::<T>(pointer, presence);
        }
    }

    /// When the request was made, by the database's clock, in seconds since 1970; known behind a guard.
    #[must_use]
    pub fn time(&self) -> Option<i64> {
        self.time
    }

    /// The value of a field that must be there; `None` means that it broke its rules.
    pub fn required<T: PartialSchema>(&mut self, pointer: &str, field: Field<T>) -> Option<T> {
        self.note::<T>(pointer, Presence::Required);
        self.present(pointer, field, Presence::Required).flatten()
    }

    /// The value of a field that may be missing or null; the outer `None` means that it broke its rules.
    pub fn optional<T: PartialSchema>(&mut self, pointer: &str, field: Field<T>) -> Option<Option<T>> {
        self.note::<T>(pointer, Presence::Optional);
        self.present(pointer, field, Presence::Optional)
    }

    /// The value of a field that may be missing but not null; the outer `None` means that it broke its rules.
    pub fn given<T: PartialSchema>(&mut self, pointer: &str, field: Field<T>) -> Option<Option<T>> {
        self.note::<T>(pointer, Presence::Given);
        self.present(pointer, field, Presence::Given)
    }

    fn present<T>(&mut self, pointer: &str, field: Field<T>, presence: Presence) -> Option<Option<T>> {
        match (field, presence) {
            (Field::Valid(value), _) => Some(Some(value)),
            (Field::Invalid(rule), _) => self.broken(pointer, rule),
            (Field::Missing | Field::Null, Presence::Required) => self.broken(pointer, "is required"),
            (Field::Null, Presence::Given) => self.broken(pointer, "must not be null"),
            (Field::Missing | Field::Null, _) => Some(None),
        }
    }

    /// What is to become of a value that null clears; `None` means that the field broke its rules.
    pub fn change<T: PartialSchema>(&mut self, pointer: &str, field: Field<T>) -> Option<Change<T>> {
        self.note::<T>(pointer, Presence::Optional);
        match field {
            Field::Missing => Some(Change::Keep),
            field => self.present(pointer, field, Presence::Optional).map(Change::Set),
        }
    }

    /// A list of at least `min` and at most 1,000 ids; the outer `None` means that it or one of them broke its rules.
    pub fn ids<T: DeserializeOwned + PartialSchema>(
        &mut self,
        pointer: &str,
        field: Field<Vec<Value>>,
        presence: Presence,
        min: usize,
    ) -> Option<Option<Vec<T>>> {
        if cfg!(not(target_family = "wasm")) {
            self.fields.note_list::<T>(pointer, presence, min, MAX_IDS);
        }
        let Some(ids) = self.present(pointer, field, presence)? else { return Some(None) };
        if ids.len() > MAX_IDS || ids.len() < min {
            let least = if min == 0 { "at most".to_owned() } else { format!("{min} to") };
            return self.broken(pointer, format!("must hold {least} {MAX_IDS} ids"));
        }
        self.each(pointer, ids).map(Some)
    }

    fn each<T: DeserializeOwned>(&mut self, pointer: &str, ids: Vec<Value>) -> Option<Vec<T>> {
        let mut accepted: Option<Vec<T>> = Some(Vec::with_capacity(ids.len()));
        for (index, id) in ids.into_iter().enumerate() {
            match (serde_json::from_value(id), &mut accepted) {
                (Ok(id), Some(accepted)) => accepted.push(id),
                (Ok(_), None) => {}
                (Err(_), _) => {
                    accepted = self.broken(&format!("{pointer}/{index}"), IdError.to_string());
                }
            }
        }
        accepted
    }

    /// Notes a broken rule; the first one of a field is the one that is reported.
    pub fn broken<T>(&mut self, pointer: &str, message: impl Into<String>) -> Option<T> {
        if !self.is_full() && self.pointers.insert(pointer.to_owned()) {
            let error = FieldError { pointer: pointer.to_owned(), message: message.into() };
            self.size += error.pointer.len() + error.message.len();
            self.broken.push(error);
        }
        None
    }

    /// Whether no more is reported.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.size >= LARGEST_REPORT
    }

    /// Judges an input, after what was found broken before its fields were looked at.
    ///
    /// # Errors
    /// The problem that lists everything that is broken.
    pub fn judge<I: Input>(mut self, input: I) -> Result<I::Accepted, Problem> {
        match input.check(&mut self) {
            Some(accepted) if self.broken.is_empty() => Ok(accepted),
            _ => Err(Problem::validation(self.broken)),
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
    fn a_change_tells_missing_from_null() {
        let body = |json: Value| serde_json::from_value::<Body>(json).unwrap();
        let mut checks = Checks::new();
        assert_eq!(checks.change("/age", body(json!({})).age), Some(Change::Keep));
        assert_eq!(checks.change("/age", body(json!({"age": null})).age), Some(Change::Set(None)));
        assert_eq!(checks.change("/age", body(json!({"age": 7})).age), Some(Change::Set(Some(7))));
        assert_eq!(checks.given("/age", body(json!({})).age), Some(None));
        assert_eq!(checks.given("/age", body(json!({"age": 7})).age), Some(Some(7)));
        assert!(checks.broken.is_empty());
        assert_eq!(checks.given("/age", body(json!({"age": null})).age), None);
        assert_eq!(checks.change("/age", body(json!({"age": "x"})).age), None);
    }

    #[test]
    fn the_ids_of_a_list_are_judged_one_by_one() {
        let judged = |sent: Value, min| {
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
        assert_eq!(judged(json!([3, 1, 3]), 1), (Some(vec![3, 1, 3]), vec![]));
        let rule = IdError.to_string();
        assert_eq!(judged(json!([1, "x", 256]), 0), (None, vec![one("/ids/1", &rule), one("/ids/2", &rule)]));
        assert_eq!(judged(json!([]), 0), (Some(vec![]), vec![]));
        assert_eq!(judged(json!([]), 1), (None, vec![one("/ids", "must hold 1 to 1000 ids")]));
        assert_eq!(judged(json!(vec![1; 1001]), 0), (None, vec![one("/ids", "must hold at most 1000 ids")]));
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

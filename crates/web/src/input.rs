//! Inputs: the types that requests are read into, and the validation of their fields.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use users_core::has_nul;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::{Checks, Problem};

/// The fields of a request as they were sent, before their validation. `R` are the [`Rules`](crate::Rules) of the component that the
/// validation asks.
pub trait Input<R = ()>: DeserializeOwned + Default {
    /// The values of the fields after validation.
    type Accepted;

    /// Validates every field. Returns the values if all fields are valid.
    ///
    /// An implementation reads every field, even after a broken one. The answer then reports every broken field, and the OpenAPI
    /// document contains every field.
    fn check(self, checks: &mut Checks<R>) -> Option<Self::Accepted>;

    /// The schema for the OpenAPI document, if it is not simply an object with the fields that [`Self::check`] reads.
    #[must_use]
    fn own_schema() -> Option<RefOr<Schema>> {
        None
    }
}

/// Validates an input. `checks` may already contain broken fields.
///
/// # Errors
/// The problem that lists every broken field.
pub fn validate_input<I: Input<R>, R>(input: I, mut checks: Checks<R>) -> Result<I::Accepted, Problem> {
    let accepted = input.check(&mut checks);
    checks.into_result(accepted)
}

/// Validates the fields of a JSON object. `checks` may already contain broken fields.
pub(crate) fn validate<I: Input<R>, R>(value: Value, mut checks: Checks<R>) -> Result<I::Accepted, Problem> {
    refuse_nul(&value, None, &mut checks);
    let input = if value.is_object() {
        value
    } else {
        checks.broken::<()>("", "must be a JSON object");
        Value::Object(Map::new())
    };
    // Fields are read as `Field<T>`, which never fails.
    validate_input(serde_json::from_value::<I>(input).map_err(Problem::internal)?, checks)
}

/// The place of a value. Its pointer is created only for a broken value, because an object may have many members with long names.
#[derive(Clone, Copy)]
enum Place<'a> {
    Member(Option<&'a Self>, &'a str),
    Item(Option<&'a Self>, usize),
}

impl Place<'_> {
    fn pointer(&self) -> String {
        let (parent, name) = match self {
            Self::Member(parent, name) => (parent, Cow::Borrowed(*name)),
            Self::Item(parent, index) => (parent, Cow::Owned(index.to_string())),
        };
        pointer_to(&pointer(*parent), &name)
    }
}

fn pointer(place: Option<&Place<'_>>) -> String {
    place.map(Place::pointer).unwrap_or_default()
}

/// Postgres cannot store a NUL, so any text that contains one is refused, even in ignored fields.
fn refuse_nul<R>(value: &Value, place: Option<&Place<'_>>, checks: &mut Checks<R>) {
    if checks.is_full() {
        return;
    }
    match value {
        Value::String(text) if has_nul(text) => {
            checks.broken::<()>(&pointer(place), "must not contain a NUL character");
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                refuse_nul(item, Some(&Place::Item(place, index)), checks);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let place = Place::Member(place, name);
                if has_nul(name) {
                    checks.broken::<()>(&place.pointer(), "must not contain a NUL character in its name");
                }
                refuse_nul(member, Some(&place), checks);
            }
        }
        _ => {}
    }
}

/// The pointer to a member (RFC 6901 section 3).
fn pointer_to(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The message for a parameter that is repeated.
pub(crate) const ONCE_ONLY: &str = "must be sent once only";

/// Converts parameters to an object. A repeated parameter becomes an array, which is not a valid [`Parsed`](crate::Parsed) value:
/// it is an error if the input reads the parameter, and ignored otherwise.
pub(crate) fn gather<'a>(pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Value {
    let mut object = Map::new();
    for (name, value) in pairs {
        let value = Value::String(value.into_owned());
        match object.get_mut(&*name) {
            None => drop(object.insert(name.into_owned(), value)),
            Some(Value::Array(several)) => several.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    Value::Object(object)
}

/// Validates a form. A parameter that the input reads may be sent only once (RFC 6749 section 3.2). Other parameters are ignored,
/// even if they are repeated.
pub(crate) fn validate_form<'a, I: Input>(
    pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
) -> Result<I::Accepted, Problem> {
    let mut object = Map::new();
    let mut checks = Checks::new();
    for (name, value) in pairs {
        let pointer = pointer_to("", &name);
        if object.insert(name.into_owned(), Value::String(value.into_owned())).is_some() {
            checks.repeated(pointer);
        }
    }
    validate::<I, ()>(Value::Object(object), checks)
}

#[cfg(test)]
mod tests {
    use super::pointer_to;

    #[test]
    fn a_pointer_escapes_names() {
        assert_eq!(pointer_to("/a", "b/c~d"), "/a/b~1c~0d");
    }
}

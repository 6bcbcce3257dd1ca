//! Inputs: what a request is read into, and how its fields are validated.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use users_core::has_nul;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::{Checks, Problem};

/// The fields of a request as they were sent, which are then validated together.
pub trait Input: DeserializeOwned + Default {
    /// The values of the fields, once they keep their rules.
    type Accepted;

    /// Validates every field, and gives the values when all of them keep their rules.
    ///
    /// It asks for each field whatever became of the others, so that every broken field is reported and every field is in the
    /// OpenAPI document.
    fn check(self, checks: &mut Checks) -> Option<Self::Accepted>;

    /// Its schema in the OpenAPI document, when that is not the object of the fields that [`Self::check`] asks for.
    #[must_use]
    fn own_schema() -> Option<RefOr<Schema>> {
        None
    }
}

/// Validates an input, after what `checks` has found broken already.
///
/// # Errors
/// The problem that lists every broken field.
pub fn validate_input<I: Input>(input: I, mut checks: Checks) -> Result<I::Accepted, Problem> {
    let accepted = input.check(&mut checks);
    checks.into_result(accepted)
}

/// Validates the fields of a JSON object, after what `checks` has found broken already.
pub(crate) fn validate<I: Input>(value: Value, mut checks: Checks) -> Result<I::Accepted, Problem> {
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

/// The place of a value. Its pointer is written out only for a broken value, since members may be many and their names long.
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

/// Postgres cannot store a NUL, so it is refused in any text, also in fields that are ignored.
fn refuse_nul(value: &Value, place: Option<&Place<'_>>, checks: &mut Checks) {
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

/// RFC 6901 section 3.
fn pointer_to(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The rule that a repeated parameter breaks.
pub(crate) const ONCE_ONLY: &str = "must be sent once only";

/// An object of parameters. A repeated parameter becomes an array, which is no [`Parsed`](crate::Parsed) value: it is an error
/// when the input asks for it, and ignored otherwise.
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

/// Validates a form, in which no parameter may be repeated that the input asks for (RFC 6749 section 3.2). Others are ignored, however
/// often they are sent.
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
    validate::<I>(Value::Object(object), checks)
}

#[cfg(test)]
mod tests {
    use super::pointer_to;

    #[test]
    fn a_pointer_escapes_names() {
        assert_eq!(pointer_to("/a", "b/c~d"), "/a/b~1c~0d");
    }
}

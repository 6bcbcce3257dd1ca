//! Reading parameters: those of the path and those of the query.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use users_core::UserId;
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::body::{judged, pointer_to};
use crate::{Checks, Code, Field, Input, Problem};

/// The parameters of the path, read into `I` and judged.
#[derive(Debug)]
pub struct PathInput<I: Input>(pub I::Accepted);

/// The parameters of the query, read into `I` and judged; parameters that `I` does not know are ignored.
#[derive(Debug)]
pub struct QueryInput<I: Input>(pub I::Accepted);

/// A value that is written as a text, as in a path, a query or a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T>(pub T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => text.parse().map(Self).map_err(D::Error::custom),
            // See `gather`.
            Value::Array(_) => Err(D::Error::custom(ONCE_ONLY)),
            _ => Err(D::Error::custom("must be a string")),
        }
    }
}

impl<T: PartialSchema> PartialSchema for Parsed<T> {
    fn schema() -> RefOr<Schema> {
        T::schema()
    }
}

/// A path that names a user, as `/users/{user_id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct UserPath {
    user_id: Field<Parsed<UserId>>,
}

impl Input for UserPath {
    type Accepted = UserId;

    fn check(self, checks: &mut Checks) -> Option<UserId> {
        checks.required("/user_id", self.user_id).map(|Parsed(id)| id)
    }
}

impl<I: Input, S: Sync> FromRequestParts<S> for PathInput<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // A path that is no UTF-8 is none of ours.
        let parameters =
            RawPathParams::from_request_parts(parts, &()).await.map_err(|_| Problem::new(Code::NotFound))?;
        judge::<I>(parameters.iter().map(|(name, value)| (name.into(), value.into()))).map(Self)
    }
}

impl<I: Input, S: Sync> FromRequestParts<S> for QueryInput<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        judged::<I>(gather(form_urlencoded::parse(query.as_bytes())), Checks::new()).map(Self)
    }
}

/// What a parameter must be that was sent several times.
const ONCE_ONLY: &str = "must be sent once only";

/// An object of parameters. One that was sent several times is an array, which is no [`Parsed`] value: so it is an error,
/// unless nobody asks for it.
fn gather<'a>(pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Value {
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

/// Judges a form, in which no parameter may be there twice (RFC 6749 section 3.2).
pub(crate) fn judge<'a, I: Input>(
    pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
) -> Result<I::Accepted, Problem> {
    let mut object = Map::new();
    let mut checks = Checks::new();
    for (name, value) in pairs {
        let pointer = pointer_to("", &name);
        if object.insert(name.into_owned(), Value::String(value.into_owned())).is_some() {
            checks.broken::<()>(&pointer, ONCE_ONLY);
        }
    }
    judged::<I>(Value::Object(object), checks)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use futures::executor::block_on;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Known {
        after: Field<Parsed<UserId>>,
    }

    impl Input for Known {
        type Accepted = Option<i32>;

        fn check(self, checks: &mut Checks) -> Option<Option<i32>> {
            Some(checks.optional("/after", self.after)?.map(|Parsed(id)| id.get()))
        }
    }

    fn query(uri: &str) -> Result<Option<i32>, Vec<String>> {
        let (mut parts, ()) = Request::builder().uri(uri).body(()).unwrap().into_parts();
        block_on(QueryInput::<Known>::from_request_parts(&mut parts, &())).map(|it| it.0).map_err(|problem| {
            problem.errors().iter().map(|it| format!("{} {}", it.pointer, it.message)).collect()
        })
    }

    #[test]
    fn a_query_is_read_and_what_is_unknown_is_ignored() {
        assert_eq!(query("/users"), Ok(None));
        assert_eq!(query("/users?after=7&x=y"), Ok(Some(7)));
        assert_eq!(query("/users?after=%37"), Ok(Some(7)));
    }

    #[test]
    fn a_broken_parameter_is_told_by_its_name() {
        let positive = "/after must be a positive integer of at most 2147483647";
        for bad in ["x", "", "0", "-1", "1.5", "2147483648", "7%20"] {
            assert_eq!(query(&format!("/users?after={bad}")), Err(vec![positive.to_owned()]), "{bad}");
        }
        assert_eq!(query("/users?after=1&after=1"), Err(vec!["/after must be sent once only".to_owned()]));
        assert_eq!(
            query("/users?x=1&x=2&x=3&after=7"),
            Ok(Some(7)),
            "what is unknown is ignored, however often"
        );
        assert_eq!(query("/users?x=%00").unwrap_err().len(), 1, "a NUL is refused everywhere");
    }
}

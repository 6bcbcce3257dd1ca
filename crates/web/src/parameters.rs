//! Parameters of the path and of the query.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::input::{ONCE_ONLY, gather, validate, validate_form};
use crate::{Checks, Code, Input, Problem};

/// The parameters of the path, read into `I` and validated.
#[derive(Debug)]
pub struct PathInput<I: Input>(pub I::Accepted);

/// The parameters of the query, read into `I` and validated. Parameters that `I` does not know are ignored.
#[derive(Debug)]
pub struct QueryInput<I: Input>(pub I::Accepted);

/// A value that is sent as text: in a path, a query or a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T>(pub T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => text.parse().map(Self).map_err(D::Error::custom),
            // A repeated parameter, see `gather`.
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

impl<I: Input, S: Sync> FromRequestParts<S> for PathInput<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // A path that is not UTF-8 matches no route of this API.
        let parameters =
            RawPathParams::from_request_parts(parts, &()).await.map_err(|_| Problem::new(Code::NOT_FOUND))?;
        validate_form::<I>(parameters.iter().map(|(name, value)| (name.into(), value.into()))).map(Self)
    }
}

impl<I: Input, S: Sync> FromRequestParts<S> for QueryInput<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        validate::<I, ()>(gather(form_urlencoded::parse(query.as_bytes())), Checks::new()).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use futures::executor::block_on;
    use users_core::UserId;

    use super::*;
    use crate::Field;

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
    fn an_unknown_parameter_of_a_query_is_ignored() {
        assert_eq!(query("/users"), Ok(None));
        assert_eq!(query("/users?after=7&x=y"), Ok(Some(7)));
        assert_eq!(query("/users?after=%37"), Ok(Some(7)));
    }

    #[test]
    fn the_name_of_a_broken_parameter_is_reported() {
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

//! Types that describe a part of an operation.

use std::future::Future;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa::ToSchema;
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, Type};

use super::Operation;
use crate::answer::Empty;
use crate::page::MAX_LIMIT;
use crate::{
    Attachment, Client, Code, Created, Database, FormInput, IfMatch, IfNoneMatch, Input, Json, JsonArray,
    JsonInput, JsonInputOrNone, JsonOrFormInput, NoContent, OptionalJsonInput, Paged, PathInput, Problem,
    Publication, Published, QueryInput, Queued, Versioned,
};

/// A type that a handler takes or returns.
pub trait Describe {
    /// Adds the type to the description of the operation.
    fn describe(operation: &mut Operation);
}

/// A handler. `T` is the type by which axum distinguishes handlers.
pub trait Described<T> {
    /// Adds everything that the handler takes and returns.
    fn describe(operation: &mut Operation);
}

macro_rules! describe_handlers {
    ($($input:ident),*) => {
        impl<F, Fut, Out, M, $($input),*> Described<(M, $($input,)*)> for F
        where
            F: FnOnce($($input),*) -> Fut,
            Fut: Future<Output = Out>,
            Out: Describe,
            $($input: Describe,)*
        {
            fn describe(operation: &mut Operation) {
                $($input::describe(operation);)*
                Out::describe(operation);
            }
        }
    };
}

describe_handlers!(A);
describe_handlers!(A, B);
describe_handlers!(A, B, C);
describe_handlers!(A, B, C, D);
describe_handlers!(A, B, C, D, E);
describe_handlers!(A, B, C, D, E, G);

impl<F, Fut, Out> Described<((),)> for F
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Out>,
    Out: Describe,
{
    fn describe(operation: &mut Operation) {
        Out::describe(operation);
    }
}

/// Types that add nothing to the document.
macro_rules! describe_nothing {
    ($($name:ident $(<$parameter:ident>)?),*) => {
        $(impl$(<$parameter>)? Describe for $name$(<$parameter>)? {
            fn describe(_: &mut Operation) {}
        })*
    };
}

describe_nothing!(State<S>, Extension<T>);

impl Describe for Client {
    fn describe(_: &mut Operation) {}
}

impl Describe for Database {
    fn describe(operation: &mut Operation) {
        operation.problems([Code::INTERNAL_ERROR, Code::DATABASE_UNAVAILABLE]);
    }
}

impl<I: Input<R>, R: Default> Describe for JsonInput<I, R> {
    fn describe(operation: &mut Operation) {
        operation.json::<I, R>();
    }
}

impl<I: Input> Describe for FormInput<I> {
    fn describe(operation: &mut Operation) {
        operation.form::<I>();
    }
}

impl<J: Input, F: Input<Accepted = J::Accepted>> Describe for JsonOrFormInput<J, F> {
    fn describe(operation: &mut Operation) {
        operation.json::<J, ()>();
        operation.form::<F>();
    }
}

impl<I: Input> Describe for JsonInputOrNone<I> {
    fn describe(operation: &mut Operation) {
        operation.json_or_none::<I>();
    }
}

impl<I: Input> Describe for OptionalJsonInput<I> {
    fn describe(operation: &mut Operation) {
        operation.optional_json::<I>();
    }
}

impl<I: Input> Describe for PathInput<I> {
    fn describe(operation: &mut Operation) {
        operation.parameters::<I>(&ParameterIn::Path);
    }
}

impl<I: Input> Describe for QueryInput<I> {
    fn describe(operation: &mut Operation) {
        operation.parameters::<I>(&ParameterIn::Query);
    }
}

impl Describe for IfMatch {
    fn describe(operation: &mut Operation) {
        operation.header(
            "If-Match",
            "The `ETag` that you have read: the change is made to that version, or not at all (RFC 9110 section 13.1.1).",
            text("\"5e1f0a6c3d2b1\""),
        );
        operation.problems([Code::PRECONDITION_FAILED]);
    }
}

impl Describe for IfNoneMatch {
    fn describe(operation: &mut Operation) {
        operation.header(
            "If-None-Match",
            "The `ETag` of your copy. If your copy is still current, the answer is 304 without a body (RFC 9110 section 13.1.2).",
            text("\"5e1f0a6c3d2b1\""),
        );
        operation.answers(StatusCode::NOT_MODIFIED);
    }
}

impl<T: Describe> Describe for Result<T, Problem> {
    fn describe(operation: &mut Operation) {
        T::describe(operation);
    }
}

impl<T: ToSchema> Describe for Json<T> {
    fn describe(operation: &mut Operation) {
        operation.answers_with::<T>(StatusCode::OK);
    }
}

impl<T: Publication> Describe for Published<T> {
    fn describe(operation: &mut Operation) {
        operation.answers_with_type::<T>(StatusCode::OK, T::MEDIA_TYPE);
        let control = text_of(T::CACHE_CONTROL, 100).build();
        operation.answer_header("Cache-Control", "How long caches may keep the answer.", &control);
    }
}

impl<T: ToSchema> Describe for JsonArray<T> {
    fn describe(operation: &mut Operation) {
        operation.answers_with_list::<T>(StatusCode::OK, None);
    }
}

impl<T: ToSchema> Describe for Created<T> {
    fn describe(operation: &mut Operation) {
        operation.answers_with::<T>(StatusCode::CREATED);
        operation.answer_header("Location", "The place of the object.", &reference("/users/7", 100));
    }
}

impl<T: ToSchema> Describe for Attachment<T> {
    fn describe(operation: &mut Operation) {
        operation.answers_with::<T>(StatusCode::OK);
        let disposition = text_of("attachment; filename=\"account-7.json\"", 100).build();
        operation.answer_header("Content-Disposition", "The name of the file (RFC 6266).", &disposition);
    }
}

impl Describe for NoContent {
    fn describe(operation: &mut Operation) {
        operation.answers(StatusCode::NO_CONTENT);
    }
}

impl Describe for Queued {
    fn describe(operation: &mut Operation) {
        operation.answers_with::<Empty>(StatusCode::ACCEPTED);
    }
}

impl<T: Describe> Describe for Versioned<T> {
    fn describe(operation: &mut Operation) {
        T::describe(operation);
        operation.answer_header("ETag", "The version, for `If-None-Match` and `If-Match`.", &etag());
    }
}

impl<T: ToSchema> Describe for Paged<T> {
    fn describe(operation: &mut Operation) {
        operation.answers_with_list::<T>(StatusCode::OK, Some(MAX_LIMIT));
        operation.answer_header(
            "Link",
            "The next page, `rel=\"next\"`, while there is one (RFC 8288).",
            &text_of("</users/?after=100&limit=100>; rel=\"next\"", 2048).build(),
        );
        let count = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0))
            .maximum(Some(i64::MAX));
        operation.answer_header(
            "X-Total-Count",
            "The number of objects on all pages, with `total=true`.",
            &count.build(),
        );
    }
}

/// The schema of a string, with an example.
#[must_use]
pub fn text(example: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).examples([example]).build()
}

/// The schema of a string that has only one value.
#[must_use]
pub fn constant(value: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some([value])).build()
}

/// The schema of an entity tag of the service (RFC 9110 section 8.8.3).
#[must_use]
pub fn etag() -> Object {
    text_of("\"5e1f0a6c3d2b1\"", 100).pattern(Some("^\"[!#-~]+\"$")).build()
}

/// The schema of a path on this service, with an example and a maximum length in characters.
fn reference(example: &str, max_length: usize) -> Object {
    text_of(example, max_length).format(Some(SchemaFormat::Custom("uri-reference".to_owned()))).build()
}

fn text_of(example: &str, max_length: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).examples([example]).max_length(Some(max_length))
}

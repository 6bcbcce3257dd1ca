//! The description of an operation, created from its types.

use std::collections::BTreeMap;
use std::fmt;

use axum::http::StatusCode;
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, Object, Schema};
use utoipa::openapi::{Ref, RefOr, Required};

use super::fields;
use crate::{Code, Input};

/// The media type of objects.
pub(super) const JSON: &str = "application/json";
/// The media type of forms.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// An operation: its input and its answers.
#[derive(Clone, Default)]
pub struct Operation {
    pub(super) parameters: Vec<Parameter>,
    /// The media types of the request body, each with its schema. Empty if there is no body.
    pub(super) body: Vec<(&'static str, RefOr<Schema>)>,
    /// True if the body is optional.
    pub(super) is_body_optional: bool,
    pub(super) answers: BTreeMap<u16, Answer>,
    pub(super) problems: Vec<Code>,
    pub(super) schemas: BTreeMap<String, RefOr<Schema>>,
    /// True if the operation takes an access token.
    pub(super) is_guarded: bool,
    /// True if the request may contain something else instead of the token.
    pub(super) is_token_optional: bool,
}

/// A successful answer.
#[derive(Clone, Default)]
pub(super) struct Answer {
    /// The media type and the schema of the body, if there is a body.
    pub(super) body: Option<(&'static str, RefOr<Schema>)>,
    /// Name, description and schema of each header.
    pub(super) headers: Vec<(&'static str, &'static str, Object)>,
}

impl Operation {
    /// Notes that the operation needs an access token.
    pub fn guarded(&mut self) {
        self.is_guarded = true;
    }

    /// Notes that the token is optional, because the request may contain something else instead.
    pub fn token_is_optional(&mut self) {
        self.is_token_optional = true;
    }

    /// Adds problems that the operation may answer with.
    pub fn problems(&mut self, problems: impl IntoIterator<Item = Code>) {
        for problem in problems {
            if !self.problems.iter().any(|it| it.is_same_form(problem)) {
                self.problems.push(problem);
            }
        }
    }

    /// Adds a JSON object as the body.
    pub fn json<I: Input<R>, R: Default>(&mut self) {
        self.body((JSON, fields::schema::<I, R>()));
    }

    /// Adds a form as the body.
    pub fn form<I: Input>(&mut self) {
        self.body((FORM, fields::form_schema::<I>()));
    }

    /// Adds a JSON object as the body. The operation does without one, too.
    pub fn json_or_none<I: Input>(&mut self) {
        self.body((JSON, fields::schema::<I, ()>()));
        self.is_body_optional = true;
    }

    /// Adds an optional JSON object as the body. The operation ignores any other body.
    pub fn optional_json<I: Input>(&mut self) {
        self.body.push((JSON, fields::schema::<I, ()>()));
        self.is_body_optional = true;
        self.problems([Code::BODY_TOO_LARGE]);
    }

    /// Adds another media type of the body.
    fn body(&mut self, content: (&'static str, RefOr<Schema>)) {
        self.body.push(content);
        self.problems([
            Code::MALFORMED_BODY,
            Code::BODY_TOO_LARGE,
            Code::UNSUPPORTED_MEDIA_TYPE,
            Code::VALIDATION_FAILED,
        ]);
    }

    /// Adds parameters.
    pub fn parameters<I: Input>(&mut self, place: &ParameterIn) {
        self.parameters.extend(fields::parameters::<I>(place));
        self.problems([Code::VALIDATION_FAILED]);
    }

    /// Adds a header of the request.
    pub fn header(&mut self, name: &str, description: &str, schema: impl Into<RefOr<Schema>>) {
        let header = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(schema));
        self.parameters.push(header.build());
    }

    /// Adds an answer with this status and no body.
    pub fn answers(&mut self, status: StatusCode) {
        self.answers.entry(status.as_u16()).or_default();
    }

    /// Adds an answer with this status and this JSON body.
    pub fn answers_with<T: ToSchema>(&mut self, status: StatusCode) {
        self.answers_with_type::<T>(status, JSON);
    }

    /// Adds an answer with this status and a JSON body that has its own media type, such as `application/jwk-set+json`.
    pub fn answers_with_type<T: ToSchema>(&mut self, status: StatusCode, media_type: &'static str) {
        let schema = self.named::<T>();
        self.answers.entry(status.as_u16()).or_default().body = Some((media_type, schema));
    }

    /// Adds an answer with this status and a JSON array of `T`, with at most `max` items if that is known.
    pub fn answers_with_list<T: ToSchema>(&mut self, status: StatusCode, max: Option<usize>) {
        let list = ArrayBuilder::new().items(self.named::<T>()).max_items(max);
        self.answers.entry(status.as_u16()).or_default().body = Some((JSON, list.into()));
    }

    fn named<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        self.schemas.extend(nested);
        match T::schema() {
            // Only a type with members has its own name in the document.
            RefOr::T(schema @ (Schema::Object(_) | Schema::AllOf(_) | Schema::AnyOf(_))) => {
                self.schemas.insert(T::name().into_owned(), RefOr::T(schema));
                Ref::from_schema_name(T::name()).into()
            }
            schema => schema,
        }
    }

    /// Adds a header to all successful answers so far.
    pub fn answer_header(&mut self, name: &'static str, description: &'static str, schema: &Object) {
        for answer in self.answers.values_mut() {
            answer.headers.push((name, description, schema.clone()));
        }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Operation({:?} {:?})", self.answers.keys(), self.problems)
    }
}

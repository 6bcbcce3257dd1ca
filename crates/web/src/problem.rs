//! Errors in the format that clients receive: problem details (RFC 9457).

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use users_db::DbError;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::OAuthError;

/// A kind of problem: a status, a stable code for programs and a sentence for people.
///
/// This crate declares the kinds that any HTTP API has. A component declares its own kinds beside the operations that answer with
/// them.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    status: StatusCode,
    word: &'static str,
    sentence: &'static str,
    /// Name and value of a header that the answer must have. A reference keeps errors small.
    header: Option<&'static (&'static str, &'static str)>,
    /// The OAuth error, if it differs from the default of the status.
    oauth_error: Option<OAuthError>,
    /// Describes the members that only this kind has. A component does not describe itself.
    #[cfg(not(target_family = "wasm"))]
    members: Option<fn() -> Vec<Member>>,
}

/// A member of the document that only one kind of problem has (RFC 9457 section 3.2), as the OpenAPI document describes it.
#[derive(Clone)]
pub struct Member {
    /// The name.
    pub name: &'static str,
    /// The type of the value.
    pub schema: RefOr<Schema>,
    /// A value.
    pub example: Value,
}

impl Code {
    /// 400: the body is not JSON, or not a form where a form is expected.
    pub const MALFORMED_BODY: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "malformed_body",
        "The request body cannot be read; check its syntax.",
    );
    /// 403: the operator's lists of addresses do not admit the client's.
    pub const ADDRESS_REFUSED: Self = Self::new(
        StatusCode::FORBIDDEN,
        "address_refused",
        "The service does not accept this request from your address; ask its operator.",
    );
    /// 404: no such route or object.
    pub const NOT_FOUND: Self =
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here; check the path.");
    /// 405: the route does not answer this method.
    pub const METHOD_NOT_ALLOWED: Self = Self::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This route does not answer that method; the Allow header names the methods that it answers.",
    );
    /// 408: the body did not arrive in time (RFC 9110 section 15.5.9).
    pub const REQUEST_TIMEOUT: Self = Self::new(
        StatusCode::REQUEST_TIMEOUT,
        "request_timeout",
        "The request body did not arrive in time; send the request again.",
    );
    /// 412: the object has changed since the client read it.
    pub const PRECONDITION_FAILED: Self = Self::new(
        StatusCode::PRECONDITION_FAILED,
        "precondition_failed",
        "This has changed since you read it; read it again, then repeat your change.",
    );
    /// 413: the body is larger than [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    pub const BODY_TOO_LARGE: Self = Self::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        "The request body is larger than 64 KiB; send less at a time.",
    );
    /// 415: the route does not read bodies of this `Content-Type`.
    pub const UNSUPPORTED_MEDIA_TYPE: Self = Self::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        "This route does not read that Content-Type.",
    );
    /// 415: the body has a `Content-Encoding`. No route reads compressed bodies. The code is the same as for a wrong type; the
    /// header is the one that RFC 9110 section 15.5.16 asks for.
    pub(crate) const UNSUPPORTED_CONTENT_ENCODING: Self = Self::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Self::UNSUPPORTED_MEDIA_TYPE.word,
        "Send the body without a Content-Encoding.",
    )
    .with_header(&("accept-encoding", "identity"));
    /// 422: a field or parameter breaks its rule.
    pub const VALIDATION_FAILED: Self = Self::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "validation_failed",
        "Some fields break their rules; see errors for each of them.",
    );
    /// 429: a limit is reached (RFC 6585 section 4). See [`Exceeded`](crate::Exceeded).
    pub const TOO_MANY_REQUESTS: Self = Self::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        "There were too many attempts; try again after the time in Retry-After.",
    );
    /// 500: a defect. The client sees a fixed text. The cause goes to the log.
    pub const INTERNAL_ERROR: Self = Self::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal_error",
        "Something went wrong on our side; try again, and report the request id if it happens again.",
    );
    /// 503: Postgres cannot be reached.
    pub const DATABASE_UNAVAILABLE: Self = Self::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "database_unavailable",
        "The database cannot be reached; try again in a moment.",
    )
    .with_header(&("retry-after", "1"));

    /// Creates a kind from a status, a code in `snake_case`, and one sentence that tells the client what to do next.
    #[must_use]
    pub const fn new(status: StatusCode, word: &'static str, sentence: &'static str) -> Self {
        Self {
            status,
            word,
            sentence,
            header: None,
            oauth_error: None,
            #[cfg(not(target_family = "wasm"))]
            members: None,
        }
    }

    /// Returns the same kind. Its answers have this header: a name in lower case and a value.
    #[must_use]
    pub const fn with_header(self, header: &'static (&'static str, &'static str)) -> Self {
        Self { header: Some(header), ..self }
    }

    /// Returns the same kind, with this OAuth error instead of the default of its status.
    #[must_use]
    pub const fn with_oauth_error(self, error: OAuthError) -> Self {
        Self { oauth_error: Some(error), ..self }
    }

    /// Returns the same kind. Documents also tell of these members, which [`Problem::with_members`] sets.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub const fn with_members(self, members: fn() -> Vec<Member>) -> Self {
        Self { members: Some(members), ..self }
    }

    /// Returns the same kind. A component does not describe itself.
    #[cfg(target_family = "wasm")]
    #[must_use]
    pub const fn with_members(self, _: fn() -> Vec<Member>) -> Self {
        self
    }

    /// The members that only this kind has.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn members(self) -> Vec<Member> {
        self.members.map(|members| members()).unwrap_or_default()
    }

    /// The OAuth error of this kind. Only routes that [speak OAuth](crate::Route::speaking_oauth) send it.
    #[must_use]
    pub fn oauth_error(self) -> OAuthError {
        self.oauth_error.unwrap_or_else(|| OAuthError::of_status(self.status))
    }

    /// The status code of the answer.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.status
    }

    /// The code that programs compare.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.word
    }

    /// The sentence for people. It says what to do next.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        self.sentence
    }

    /// True if the other kind is this one in every respect that documents tell. Two forms of a kind have the same code, but may differ in
    /// sentence and header.
    pub(crate) fn is_same_form(self, other: Self) -> bool {
        self == other && self.header == other.header
    }

    /// The header that the answer must have (RFC 9110 sections 11.6.1 and 10.2.3).
    pub(crate) fn header(self) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = *self.header?;
        Some((HeaderName::from_static(name), HeaderValue::from_static(value)))
    }
}

/// Two kinds are equal if their codes are equal, because clients compare only codes.
impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Code {}

/// A broken field or parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The place in the body as a JSON pointer (RFC 6901). For a parameter: a slash and its name.
    pub pointer: String,
    /// The broken rule, for people.
    pub message: String,
}

/// An error for the client. [`crate::Component::answer`] renders it.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    /// A boxed slice, like the other boxes below, keeps errors small.
    errors: Box<[FieldError]>,
    cause: Option<Box<str>>,
    own: Option<Box<Own>>,
}

/// The parts of an answer that few problems have.
#[derive(Debug, Clone, Default)]
struct Own {
    /// Headers whose values only this problem knows.
    headers: HeaderMap,
    /// Further members of the document (RFC 9457 section 3.2).
    members: Map<String, Value>,
}

impl Problem {
    /// Creates a problem with the sentence of its kind.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, detail: code.sentence().into(), errors: Box::default(), cause: None, own: None }
    }

    /// Creates a problem that lists broken fields.
    #[must_use]
    pub fn validation(errors: Vec<FieldError>) -> Self {
        Self { errors: errors.into(), ..Self::new(Code::VALIDATION_FAILED) }
    }

    /// Creates a problem for one broken field, for a rule that only the operation itself can check.
    #[must_use]
    pub fn broken(pointer: &str, message: &str) -> Self {
        Self::validation(vec![FieldError { pointer: pointer.to_owned(), message: message.to_owned() }])
    }

    /// Creates a problem for the members of a list that do not exist in the database.
    #[must_use]
    pub fn unknown<T: PartialEq>(pointer: &str, sent: &[T], unknown: &[T], message: &str) -> Self {
        let broken = sent.iter().enumerate().filter(|(_, item)| unknown.contains(item));
        Self::validation(
            broken
                .map(|(index, _)| FieldError {
                    pointer: format!("{pointer}/{index}"),
                    message: message.to_owned(),
                })
                .collect(),
        )
    }

    /// Creates a problem for a defect, with its cause for the log.
    #[must_use]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::new(Code::INTERNAL_ERROR).because(cause)
    }

    /// Returns the same problem, with another sentence for the client.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// Returns the same problem, with a cause for the log. The client never sees the cause.
    #[must_use]
    pub fn because(self, cause: impl std::fmt::Display) -> Self {
        Self { cause: Some(cause.to_string().into()), ..self }
    }

    /// Returns the same problem. Its answer has these headers, too.
    #[must_use]
    pub(crate) fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.own.get_or_insert_default().headers = headers;
        self
    }

    /// Returns the same problem, with further members of the document (RFC 9457 section 3.2). Their names differ from those that every document has.
    #[must_use]
    pub fn with_members(mut self, members: Map<String, Value>) -> Self {
        self.own.get_or_insert_default().members = members;
        self
    }

    /// The kind of the problem.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The sentence for the client.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The broken fields.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The cause, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    pub(crate) fn add_headers(&self, headers: &mut HeaderMap) {
        headers.extend(self.code.header());
        if let Some(own) = &self.own {
            headers.extend(own.headers.clone());
        }
    }

    /// Returns the same problem, with this OAuth error.
    #[must_use]
    pub(crate) fn with_oauth_error(self, error: OAuthError) -> Self {
        Self { code: self.code.with_oauth_error(error), ..self }
    }

    /// The body of the answer. For OAuth clients, it contains the member `error`.
    pub(crate) fn document(&self, request_id: &str, speaks_oauth: bool) -> Vec<u8> {
        let status = self.code.status();
        let document = Document {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: &self.detail,
            code: self.code.as_str(),
            error: speaks_oauth.then(|| self.code.oauth_error().as_str()),
            request_id,
            errors: &self.errors,
            members: self.own.as_ref().map(|own| &own.members),
        };
        serde_json::to_vec(&document).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(flatten)]
    members: Option<&'a Map<String, Value>>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

/// Converts an error of the database that an operation did not expect.
impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable { .. } | DbError::RolledBack { .. } => Self::new(Code::DATABASE_UNAVAILABLE),
            DbError::Constraint { .. } | DbError::Failed { .. } => Self::new(Code::INTERNAL_ERROR),
        }
        .because(error)
    }
}

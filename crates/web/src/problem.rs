//! Errors as clients see them: problem details (RFC 9457).

use std::borrow::Cow;

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use users_db::DbError;

/// What kind of problem it is: a stable word for programs, with its status and a sentence for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// 400: the body is not JSON, or not a form where one is expected.
    MalformedBody,
    /// 401: the route needs a token and none was sent.
    NotAuthenticated,
    /// 401: the token is bad, expired or revoked.
    InvalidToken,
    /// 401: a login failed.
    InvalidCredentials,
    /// 403: the account is deactivated.
    InactiveAccount,
    /// 403: the route is for administrators.
    AdminRequired,
    /// 403: the policy does not allow it.
    PermissionDenied,
    /// 404: no such route or object.
    NotFound,
    /// 405: the route has no such method.
    MethodNotAllowed,
    /// 409: another account has the address.
    EmailTaken,
    /// 409: another role or permission has the name.
    NameTaken,
    /// 409: there is a profile already.
    ProfileExists,
    /// 409: no active administrator would be left.
    LastAdmin,
    /// 409: administrators do not do that to themselves.
    CannotTargetSelf,
    /// 412: the object has changed since the client read it.
    PreconditionFailed,
    /// 413: the body is over the limit.
    BodyTooLarge,
    /// 415: the body has another `Content-Type` than the route reads.
    UnsupportedMediaType,
    /// 422: a field or parameter breaks its rule.
    ValidationFailed,
    /// 500: a defect. The text is fixed; the cause goes to the log.
    InternalError,
    /// 503: Postgres cannot be reached.
    DatabaseUnavailable,
}

impl Code {
    fn properties(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::MalformedBody => (
                StatusCode::BAD_REQUEST,
                "malformed_body",
                "The request body cannot be read; check its syntax.",
            ),
            Self::NotAuthenticated => (
                StatusCode::UNAUTHORIZED,
                "not_authenticated",
                "Send an access token in the Authorization header.",
            ),
            Self::InvalidToken => (
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "The token is invalid, expired or revoked; log in again.",
            ),
            Self::InvalidCredentials => (
                StatusCode::UNAUTHORIZED,
                "invalid_credentials",
                "The email address or the password is wrong.",
            ),
            Self::InactiveAccount => (
                StatusCode::FORBIDDEN,
                "inactive_account",
                "The account is deactivated; ask an administrator.",
            ),
            Self::AdminRequired => {
                (StatusCode::FORBIDDEN, "admin_required", "This is for administrators; ask one of them.")
            }
            Self::PermissionDenied => (
                StatusCode::FORBIDDEN,
                "permission_denied",
                "Your roles do not permit this; ask an administrator.",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "There is nothing here; check the path."),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This route does not answer that method; the Allow header names those it answers.",
            ),
            Self::EmailTaken => {
                (StatusCode::CONFLICT, "email_taken", "An account with this email address exists already.")
            }
            Self::NameTaken => {
                (StatusCode::CONFLICT, "name_taken", "This name is in use already; choose another one.")
            }
            Self::ProfileExists => {
                (StatusCode::CONFLICT, "profile_exists", "There is a profile already; change it with PUT.")
            }
            Self::PreconditionFailed => (
                StatusCode::PRECONDITION_FAILED,
                "precondition_failed",
                "This has changed since you read it; read it again, and decide anew.",
            ),
            Self::LastAdmin => (
                StatusCode::CONFLICT,
                "last_admin",
                "No active administrator would be left; make somebody else one first.",
            ),
            Self::CannotTargetSelf => (
                StatusCode::CONFLICT,
                "cannot_target_self",
                "You cannot do this to your own account; ask another administrator.",
            ),
            Self::BodyTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The request body is larger than 64 KiB; send less at a time.",
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The Content-Type of the request is not the one that this route reads.",
            ),
            Self::ValidationFailed => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "validation_failed",
                "Some fields break their rules; see errors for each of them.",
            ),
            Self::InternalError => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal_error",
                "Something went wrong on our side; try again, and report the request id if it stays so.",
            ),
            Self::DatabaseUnavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "database_unavailable",
                "The database cannot be reached; try again in a moment.",
            ),
        }
    }

    /// The status code of the answer.
    #[must_use]
    pub fn status(self) -> StatusCode {
        self.properties().0
    }

    /// The word that programs tell problems apart by.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.properties().1
    }

    /// What to do next, for people.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        self.properties().2
    }

    /// Headers that the answer must have (RFC 9110 sections 11.6.1 and 10.2.3, RFC 6750 section 3).
    pub(crate) fn header(self) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = match self {
            Self::NotAuthenticated | Self::InvalidCredentials => {
                (WWW_AUTHENTICATE, r#"Bearer realm="users""#)
            }
            Self::InvalidToken => (
                WWW_AUTHENTICATE,
                r#"Bearer realm="users", error="invalid_token", error_description="The token is invalid, expired or revoked""#,
            ),
            Self::DatabaseUnavailable => (RETRY_AFTER, "1"),
            _ => return None,
        };
        Some((name, HeaderValue::from_static(value)))
    }
}

/// A field or parameter that breaks its rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where it is in the body, as a JSON pointer (RFC 6901); for a parameter, a slash and its name.
    pub pointer: String,
    /// What it must be, for people.
    pub message: String,
}

/// An error on its way to the client; as an answer it is rendered by [`crate::Component::answer`].
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    cause: Option<String>,
}

impl Problem {
    /// A problem with the usual sentence of its kind.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, detail: code.sentence().into(), errors: Vec::new(), cause: None }
    }

    /// Fields that break their rules.
    #[must_use]
    pub fn validation(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(Code::ValidationFailed) }
    }

    /// One field that breaks a rule, as only the operation itself could tell.
    #[must_use]
    pub fn broken(pointer: &str, message: &str) -> Self {
        Self::validation(vec![FieldError { pointer: pointer.to_owned(), message: message.to_owned() }])
    }

    /// Members of a list that name nothing, as only the database could tell.
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

    /// A defect, with its cause for the log.
    #[must_use]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::new(Code::InternalError).because(cause)
    }

    /// The same problem with another sentence for the client.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// The same problem with a cause for the log, which the client never sees.
    #[must_use]
    pub fn because(self, cause: impl std::fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..self }
    }

    /// What kind of problem it is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The sentence for the client.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The fields that break their rules.
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
    }

    /// The body of the answer.
    pub(crate) fn document(&self, request_id: &str) -> Vec<u8> {
        let status = self.code.status();
        let document = Document {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: &self.detail,
            code: self.code.as_str(),
            request_id,
            errors: &self.errors,
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
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Errors of the database that an operation did not expect.
impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable { .. } | DbError::RolledBack { .. } => Self::new(Code::DatabaseUnavailable),
            DbError::Constraint { .. } | DbError::Failed { .. } => Self::new(Code::InternalError),
        }
        .because(error)
    }
}

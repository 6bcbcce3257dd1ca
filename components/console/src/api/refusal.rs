//! A refusal of the API, read from its problem document (RFC 9457).

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use users_web::Problem;

/// The code of a refusal that names fields.
const VALIDATION_FAILED: &str = "validation_failed";

/// The code of an answer that is larger than what is read.
const ANSWER_TOO_LARGE: &str = "answer_too_large";

/// An answer that is no success: the API's own, or one of ours when there is none.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: String,
    detail: String,
    faults: Vec<Fault>,
    retry_after: Option<u64>,
    second_step: Option<Box<SecondStep>>,
    /// For the log.
    cause: Option<Box<str>>,
}

/// The second step that a login needs. The members are those of the problem `second_factor_required`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SecondStep {
    /// The secret that names the login.
    pub(crate) challenge: String,
    /// The factors that the account has, such as `totp`.
    pub(crate) methods: Vec<String>,
    /// The options with which a browser asks for a passkey, if the account has one.
    pub(crate) passkey_options: Option<Value>,
}

/// A broken field.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Fault {
    /// The place in the body that was sent, such as `/email`.
    pub(crate) pointer: String,
    /// The broken rule, in English: the rest of a sentence that begins with the field.
    pub(crate) message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document {
    code: String,
    detail: String,
    errors: Vec<Fault>,
    #[serde(flatten)]
    second_step: Option<SecondStep>,
}

impl Refusal {
    /// A refusal of our own.
    pub(crate) fn new(status: StatusCode, code: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            detail: String::new(),
            faults: Vec::new(),
            retry_after: None,
            second_step: None,
            cause: None,
        }
    }

    /// 422: a field breaks a rule of the console itself, for which the catalogue has words.
    pub(crate) fn broken(pointer: &str, rule: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, VALIDATION_FAILED).at(pointer, rule)
    }

    /// Returns the same refusal. If it has this code, it becomes a fault of the field at this place.
    pub(crate) fn beside(self, code: &str, pointer: &str) -> Self {
        if self.code == code {
            Self { code: VALIDATION_FAILED.to_owned(), ..self }.at(pointer, code)
        } else {
            self
        }
    }

    /// Returns the same refusal. If it has this code, the page says it in the words of the other one.
    pub(crate) fn told_as(self, code: &str, other: &str) -> Self {
        if self.code == code { Self { code: other.to_owned(), ..self } } else { self }
    }

    /// Returns the same refusal. If it names a fault of this field, which no page shows, the page says it in the words of the code.
    pub(crate) fn told_for(self, pointer: &str, code: &str) -> Self {
        if self.faults_of(pointer).next().is_some() { Self { code: code.to_owned(), ..self } } else { self }
    }

    fn at(mut self, pointer: &str, message: &str) -> Self {
        self.faults.push(Fault { pointer: pointer.to_owned(), message: message.to_owned() });
        self
    }

    /// Reads an answer of the API.
    pub(crate) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        if !status.is_client_error() && !status.is_server_error() {
            return Self::bad_answer(format!("unexpected status {}", status.as_u16()));
        }
        let Ok(Document { code, detail, errors, second_step }) = serde_json::from_slice(body) else {
            return Self { cause: Some("a refusal without a document".into()), ..Self::new(status, "") };
        };
        let retry_after =
            headers.get(RETRY_AFTER).and_then(|it| it.to_str().ok()).and_then(|it| it.parse().ok());
        let second_step = second_step.map(Box::new);
        Self { status, code, detail, faults: errors, retry_after, second_step, cause: None }
    }

    /// 502: the answer cannot be understood.
    pub(crate) fn bad_answer(cause: String) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(StatusCode::BAD_GATEWAY, "bad_answer") }
    }

    /// 502: the answer is larger than what is read.
    pub(crate) fn too_large() -> Self {
        let cause = Some("the answer is too large".into());
        Self { cause, ..Self::new(StatusCode::BAD_GATEWAY, ANSWER_TOO_LARGE) }
    }

    /// 503: a component cannot be reached.
    pub(crate) fn unreachable(cause: String) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "service_unreachable")
        }
    }

    /// 504: a component takes too long.
    pub(crate) fn slow(cause: &str) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(StatusCode::GATEWAY_TIMEOUT, "service_slow") }
    }

    /// The status of the page that shows it.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The code that programs compare, such as `invalid_credentials`. Empty if the answer had none.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// Returns true if the refusal has this code.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// Returns true if the API has more to tell than what is read.
    pub(crate) fn is_too_large(&self) -> bool {
        self.is(ANSWER_TOO_LARGE)
    }

    /// The sentence of the API, in English.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// All broken fields.
    pub(crate) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The broken rules of a field, such as `/email`, and of its members.
    pub(crate) fn faults_of<'a>(&'a self, pointer: &'a str) -> impl Iterator<Item = &'a Fault> {
        self.faults.iter().filter(move |fault| {
            fault.pointer.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// When to try again, in seconds.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// The second step that the login needs.
    pub(crate) fn second_step(&self) -> Option<&SecondStep> {
        self.second_step.as_deref()
    }

    /// Why there is no answer, for the log.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}

impl From<&Problem> for Refusal {
    fn from(problem: &Problem) -> Self {
        let faults = problem
            .errors()
            .iter()
            .map(|error| Fault { pointer: error.pointer.clone(), message: error.message.clone() });
        Self {
            detail: problem.detail().to_owned(),
            faults: faults.collect(),
            cause: problem.cause().map(Into::into),
            ..Self::new(problem.code().status(), problem.code().as_str())
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

//! A small HTTP client.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::seen;

/// A request that is not sent yet.
#[derive(Debug)]
#[must_use]
pub struct Request {
    builder: reqwest::RequestBuilder,
    /// True for the service itself. `openapi.json` documents its answers.
    is_documented: bool,
}

/// An answer, including its whole body.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The method of the request.
    pub method: String,
    /// The path of the request.
    pub path: String,
    /// The status code.
    pub status: u16,
    /// The header.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Request {
    pub(crate) fn new(client: &reqwest::Client, method: &str, url: &str, is_documented: bool) -> Self {
        let method = method.parse().expect("a method is a token");
        Self { builder: client.request(method, url), is_documented }
    }

    fn with(self, change: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder) -> Self {
        Self { builder: change(self.builder), ..self }
    }

    /// Adds an access token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// Adds a request id, to find the request's log lines.
    pub fn id(self, id: &str) -> Self {
        self.header("x-request-id", id)
    }

    /// Adds another header field.
    ///
    /// # Panics
    /// When HTTP does not allow the name or the value.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let name: HeaderName = name.parse().expect("a header field's name is a token");
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header field's value is on one line");
        self.with(|it| it.header(name, value))
    }

    /// Sets a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Sets a form as the body.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        self.with(|it| it.form(fields))
    }

    /// Sets a body of this media type.
    pub fn body(self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.header("content-type", media_type).untyped_body(body)
    }

    /// Sets a body without a media type.
    pub fn untyped_body(self, body: impl Into<Vec<u8>>) -> Self {
        self.with(|it| it.body(body.into()))
    }

    /// Sends the request and reads the answer.
    ///
    /// # Panics
    /// When there is no answer, or its body is not UTF-8.
    pub async fn send(self) -> Answer {
        self.try_send().await.unwrap_or_else(|error| panic!("expected an answer: {error:?}"))
    }

    /// Like [`Self::send`], for a test that expects dropped connections. The body of a compressed answer stays empty.
    ///
    /// # Errors
    /// When there is no answer.
    ///
    /// # Panics
    /// When the body is not UTF-8.
    pub async fn try_send(self) -> reqwest::Result<Answer> {
        let (answer, bytes) = self.receive().await?;
        if answer.header("content-encoding").is_some() {
            return Ok(answer);
        }
        Ok(Answer { body: String::from_utf8(bytes).expect("a body is UTF-8"), ..answer })
    }

    /// Like [`Self::send`], for a body that is not text. Returns the body's bytes and the answer with an empty body.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn send_for_bytes(self) -> (Answer, Vec<u8>) {
        self.receive().await.unwrap_or_else(|error| panic!("expected an answer: {error:?}"))
    }

    async fn receive(self) -> reqwest::Result<(Answer, Vec<u8>)> {
        let (client, request) = self.builder.build_split();
        let request = request?;
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        let answer = client.execute(request).await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await?.to_vec();
        let answer = Answer { method, path, status, headers, body: String::new() };
        if self.is_documented {
            seen::note(&answer.path, &answer, &bytes);
        }
        Ok((answer, bytes))
    }
}

impl Answer {
    /// The value of a header field, if it is present. Several fields of the same name become a list.
    ///
    /// # Panics
    /// When the value is not ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| value.to_str().expect("a header is ASCII"))
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When the body is not JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("expected JSON: {self:#?}"))
    }

    /// The `X-Request-Id` or `request_id` of the answer.
    ///
    /// # Panics
    /// When the answer has none.
    #[must_use]
    #[track_caller]
    pub fn request_id(&self) -> String {
        self.header("x-request-id").unwrap_or_else(|| panic!("expected X-Request-Id: {self:#?}"))
    }

    /// Asserts the status.
    ///
    /// # Panics
    /// When the answer has another status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "expected {status}: {self:#?}");
        self
    }
}

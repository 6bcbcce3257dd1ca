//! Requests for the operations of `openapi.json`. A test that sends a request to every operation also covers new operations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;
use users_contract::{Document, Operation};

use crate::{Answer, Front, Request, assert_problem, environment};

/// The id in a path, unless a test sets another one.
const ID: &str = "7";

/// Reads `openapi.json`.
///
/// # Panics
/// When the file cannot be read.
#[must_use]
pub fn document() -> &'static Document {
    static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
        let document = Document::read(&environment().root().join("openapi.json"));
        document.unwrap_or_else(|error| panic!("expected openapi.json: {error}"))
    });
    &DOCUMENT
}

/// The operations for which the predicate is true.
///
/// # Panics
/// When there are no such operations.
#[must_use]
#[track_caller]
pub fn operations(selects: impl Fn(&Operation) -> bool) -> Vec<&'static Operation> {
    let selected: Vec<_> = document().operations().iter().filter(|it| selects(it)).collect();
    assert!(!selected.is_empty(), "expected at least one operation");
    selected
}

/// Every documented path that starts with `prefix`, with its methods. `GET` includes `HEAD`. `id` replaces the parameters of the
/// path.
#[must_use]
pub fn methods_by_path(prefix: &str, id: &str) -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut paths = BTreeMap::new();
    for operation in operations(|it| it.path.starts_with(prefix)) {
        let methods: &mut BTreeSet<_> = paths.entry(operation.path_with(|_| id.to_owned())).or_default();
        methods.insert(operation.method.as_str());
        if operation.method == "GET" {
            methods.insert("HEAD");
        }
    }
    paths
}

/// A call of an operation. Its body is the document's example.
#[derive(Debug, Clone)]
#[must_use]
pub struct Call<'a> {
    service: &'a Front,
    operation: &'a Operation,
    token: Option<&'a str>,
    broken_parameter: Option<&'a str>,
    query: String,
    /// The media type and the content of the body.
    body: Option<(String, Vec<u8>)>,
}

impl<'a> Call<'a> {
    /// Creates a call without a token.
    ///
    /// # Panics
    /// When the operation reads a body and the document has no example for it.
    pub fn new(service: &'a Front, operation: &'a Operation) -> Self {
        let body = operation.body.as_ref().map(|body| {
            assert!(body.example.is_object(), "{}: expected an example of the body", operation.title());
            (body.media_type.clone(), encode(&body.media_type, &body.example))
        });
        Self { service, operation, token: None, broken_parameter: None, query: String::new(), body }
    }

    /// Adds an access token if the operation needs one.
    pub fn bearer(self, token: &'a str) -> Self {
        Self { token: self.operation.is_guarded.then_some(token), ..self }
    }

    /// Replaces a path parameter by a text that is not a number.
    pub fn break_parameter(self, name: &'a str) -> Self {
        Self { broken_parameter: Some(name), ..self }
    }

    /// Adds a query, which starts with `?`.
    pub fn query(self, query: String) -> Self {
        Self { query, ..self }
    }

    /// Replaces the body by another one of the same media type, if the operation reads a body.
    pub fn body(self, content: impl Into<Vec<u8>>) -> Self {
        Self { body: self.body.map(|(media_type, _)| (media_type, content.into())), ..self }
    }

    /// Replaces the media type of the body.
    pub fn media_type(self, media_type: &str) -> Self {
        Self { body: self.body.map(|(_, content)| (media_type.to_owned(), content)), ..self }
    }

    /// Builds the request.
    pub fn request(&self) -> Request {
        let id = |name: &str| if self.broken_parameter == Some(name) { "x" } else { ID }.to_owned();
        let path = format!("{}{}", self.operation.path_with(id), self.query);
        let mut request = self.service.request(&self.operation.method, &path);
        if let Some(token) = self.token {
            request = request.bearer(token);
        }
        match &self.body {
            Some((media_type, content)) => request.body(media_type, content.clone()),
            None => request,
        }
    }

    /// Sends the request and expects a problem.
    ///
    /// # Panics
    /// When the answer is not this problem.
    pub async fn expect(self, status: u16, code: &str) -> Answer {
        let answer = self.request().send().await;
        let title = self.operation.title();
        assert_eq!(answer.status, status, "{title}: expected {status} {code}: {answer:#?}");
        assert_problem(&answer, status, code);
        answer
    }
}

/// Encodes an example in its media type: JSON or a form.
fn encode(media_type: &str, example: &Value) -> Vec<u8> {
    if media_type == "application/json" {
        return example.to_string().into_bytes();
    }
    let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let members = example.as_object().into_iter().flatten();
    let fields =
        members.map(|(name, value)| format!("{name}={}", escape(value.as_str().unwrap_or_default())));
    fields.collect::<Vec<_>>().join("&").into_bytes()
}

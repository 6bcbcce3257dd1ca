//! What has to be answered on every route in the same way, tried on every operation of the document: this is how the tests
//! come to see all that the document promises.

use serde_json::{Value, json};
use users_contract::{Document, Operation};
use users_tests::{Answer, JWT_SECRET, Request, Service, assert_problem, environment, pointers, token};

use crate::tools::document;

/// The user to whom `tests/guests/policy-faulty` denies everything.
const DENIED: i64 = 1_000_005;

/// An operation and how to try it.
struct Try<'a> {
    service: &'a Service,
    operation: &'a Operation,
    token: Option<&'a str>,
    /// Instead of the id of nobody in particular.
    broken: Option<&'a str>,
    query: String,
    /// Its media type, and itself.
    body: Option<(String, Vec<u8>)>,
}

impl<'a> Try<'a> {
    /// A request as the document would have it, with the document's own example as its body.
    fn new(service: &'a Service, operation: &'a Operation, token: Option<&'a str>) -> Self {
        let body = operation.body.as_ref().map(|body| {
            assert!(body.example.is_object(), "{}: expected an example of the body", operation.title());
            (body.media_type.clone(), written(&body.media_type, &body.example))
        });
        let token = token.filter(|_| operation.is_guarded);
        Self { service, operation, token, broken: None, query: String::new(), body }
    }

    /// With another body of the right type.
    fn body(self, body: impl Into<Vec<u8>>) -> Self {
        let media_type = self.operation.body.as_ref().map(|body| body.media_type.clone());
        Self { body: media_type.map(|it| (it, body.into())), ..self }
    }

    /// Sends it and expects a problem.
    async fn expect(self, status: u16, code: &str) -> Answer {
        let id = |name: &str| if self.broken == Some(name) { "x" } else { "7" }.to_owned();
        let path = format!("{}{}", self.operation.path_with(id), self.query);
        let mut request: Request = self.service.request(&self.operation.method, &path);
        if let Some(token) = self.token {
            request = request.bearer(token);
        }
        if let Some((media_type, body)) = self.body {
            request = request.body(&media_type, body);
        }
        let answer = request.send().await;
        let title = self.operation.title();
        assert_eq!(answer.status, status, "{title}: expected {status} {code}: {answer:#?}");
        assert_problem(&answer, status, code);
        answer
    }
}

/// An example in the octets of its media type.
fn written(media_type: &str, example: &Value) -> Vec<u8> {
    if media_type == "application/json" {
        return example.to_string().into_bytes();
    }
    let escaped = |text: &str| text.bytes().map(|octet| format!("%{octet:02X}")).collect::<String>();
    let members = example.as_object().into_iter().flatten();
    let fields =
        members.map(|(name, value)| format!("{name}={}", escaped(value.as_str().unwrap_or_default())));
    fields.collect::<Vec<_>>().join("&").into_bytes()
}

/// Those of which something holds: there have to be some.
fn those(document: &Document, holds: impl Fn(&Operation) -> bool) -> Vec<&Operation> {
    let found: Vec<&Operation> = document.operations().iter().filter(|it| holds(it)).collect();
    assert!(!found.is_empty(), "expected operations to try");
    found
}

/// Whether a problem is one that the operation documents.
fn documents(code: &'static str, status: u16) -> impl Fn(&Operation) -> bool {
    move |operation| operation.has(status, code)
}

/// A good token of a session that need not be there.
fn good_token() -> String {
    let header = json!({"typ": "at+jwt", "alg": "HS256"});
    let claims = json!({
        "iss": "users", "aud": "users-api", "sub": "7", "sid": "7", "jti": "x",
        "iat": 1_700_000_000, "exp": 4_000_000_000_u32,
    });
    token::signed(JWT_SECRET, &header, &claims)
}

async fn administrator(service: &Service) -> String {
    service.administrator("administrator@example.com").await.tokens.access
}

#[tokio::test]
async fn without_a_good_token_every_guarded_operation_is_401() {
    let (document, service) = (document(), Service::start().await);
    for operation in those(&document, |it| it.is_guarded) {
        Try::new(&service, operation, None).expect(401, "not_authenticated").await;
        Try::new(&service, operation, Some("x.y.z")).expect(401, "invalid_token").await;
    }
}

#[tokio::test]
async fn a_deactivated_account_is_refused_by_every_guarded_operation() {
    let (document, service) = (document(), Service::start().await);
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE users SET is_active = false").await;
    for operation in those(&document, |it| it.is_guarded) {
        Try::new(&service, operation, Some(&account.tokens.access)).expect(403, "inactive_account").await;
    }
}

/// Whether it is for administrators only: `checkPermission` is for everybody who asks about nobody else.
fn is_administration(operation: &Operation) -> bool {
    operation.has(403, "admin_required") && operation.path != "/rbac/check-permission"
}

#[tokio::test]
async fn a_plain_user_is_refused_by_every_operation_for_administrators() {
    let (document, service) = (document(), Service::start().await);
    let account = service.account("alice@example.com").await;
    for operation in those(&document, is_administration) {
        Try::new(&service, operation, Some(&account.tokens.access)).expect(403, "admin_required").await;
    }
}

#[tokio::test]
async fn a_policy_may_deny_every_operation_that_asks_it() {
    let manifest = std::fs::read_to_string(&environment().manifest).expect("the manifest can be read");
    let manifest = manifest.replace("/policy.wasm\"", "/policy_faulty.wasm\"");
    let (document, service) = (document(), Service::builder().manifest(&manifest).start().await);
    service.sql(&format!("ALTER SEQUENCE users_id_seq RESTART {DENIED}")).await;
    let token = administrator(&service).await;
    for operation in those(&document, is_administration) {
        Try::new(&service, operation, Some(&token)).expect(403, "permission_denied").await;
    }
    // Asking about somebody else is administration, too.
    let question = json!({"resource": "user", "action": "read", "user_id": 7});
    for operation in those(&document, |it| it.path == "/rbac/check-permission") {
        let request = Try::new(&service, operation, Some(&token)).body(question.to_string());
        request.expect(403, "permission_denied").await;
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_wherever_one_is_read() {
    let (document, service) = (document(), Service::start().await);
    let token = administrator(&service).await;
    for operation in those(&document, |it| it.body.is_some()) {
        let request = Try::new(&service, operation, Some(&token)).body(vec![b'x'; 64 * 1024 + 1]);
        request.expect(413, "body_too_large").await;
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_415_wherever_one_is_read() {
    let (document, service) = (document(), Service::start().await);
    let token = administrator(&service).await;
    for operation in those(&document, |it| it.body.is_some()) {
        let mut request = Try::new(&service, operation, Some(&token));
        request.body = request.body.map(|(_, body)| ("text/plain".into(), body));
        request.expect(415, "unsupported_media_type").await;
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_400_wherever_one_is_read() {
    let (document, service) = (document(), Service::start().await);
    let token = administrator(&service).await;
    for operation in those(&document, |it| it.body.is_some()) {
        // Neither JSON nor, being no UTF-8, a form.
        let request = Try::new(&service, operation, Some(&token)).body(*b"{\xff=%ff");
        request.expect(400, "malformed_body").await;
    }
}

#[tokio::test]
async fn a_body_of_another_shape_is_422_wherever_one_is_read() {
    let (document, service) = (document(), Service::start().await);
    let token = administrator(&service).await;
    for operation in those(&document, |it| it.body.is_some()) {
        let is_json = operation.body.as_ref().is_some_and(|body| body.media_type == "application/json");
        let body = if is_json { "[]" } else { "a=b" };
        let request = Try::new(&service, operation, Some(&token)).body(body);
        request.expect(422, "validation_failed").await;
    }
}

/// Every parameter for itself, so that none is forgotten.
#[tokio::test]
async fn a_parameter_of_another_type_is_422_and_named() {
    let (document, service) = (document(), Service::start().await);
    let token = administrator(&service).await;
    for operation in those(&document, |it| it.parameters.iter().any(|it| it.place == "path")) {
        for parameter in operation.parameters.iter().filter(|it| it.place == "path") {
            let broken = Some(parameter.name.as_str());
            let request = Try { broken, ..Try::new(&service, operation, Some(&token)) };
            let answer = request.expect(422, "validation_failed").await;
            assert_eq!(pointers(&answer), [format!("/{}", parameter.name)], "{}", operation.title());
        }
    }
    for operation in those(&document, |it| it.parameters.iter().any(|it| it.place == "query")) {
        for parameter in operation.parameters.iter().filter(|it| it.place == "query" && it.kind != "string") {
            let query = format!("?{}=x", parameter.name);
            let request = Try { query, ..Try::new(&service, operation, Some(&token)) };
            let answer = request.expect(422, "validation_failed").await;
            assert_eq!(pointers(&answer), [format!("/{}", parameter.name)], "{}", operation.title());
        }
    }
}

#[tokio::test]
async fn a_statement_that_fails_is_500_and_tells_nothing() {
    let (document, service) = (document(), Service::start().await);
    // Who is calling, who registers, whose token it is: all of it is asked of these two.
    service.sql("DROP TABLE users, sessions CASCADE").await;
    let token = good_token();
    for operation in those(&document, documents("internal_error", 500)) {
        let answer = Try::new(&service, operation, Some(&token)).expect(500, "internal_error").await;
        assert!(!answer.body.contains("users"), "{}: expected no cause: {answer:#?}", operation.title());
    }
}

#[tokio::test]
async fn whatever_needs_postgres_is_503_without_it() {
    let (document, service) = (document(), Service::builder().without_postgres().start().await);
    let token = good_token();
    for operation in those(&document, documents("database_unavailable", 503)) {
        Try::new(&service, operation, Some(&token)).expect(503, "database_unavailable").await;
    }
}

/// The others answer, and document nothing of it.
#[tokio::test]
async fn whatever_documents_no_503_answers_without_postgres() {
    let (document, service) = (document(), Service::builder().without_postgres().start().await);
    for operation in those(&document, |it| !it.answers.contains_key(&503)) {
        let answer = service.request(&operation.method, &operation.path).send().await;
        assert_eq!(answer.status, 200, "{}: expected 200: {answer:#?}", operation.title());
    }
}

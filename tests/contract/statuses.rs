//! Answers that all operations have in common. The tests call every operation of `openapi.json`, so they see every status that the
//! document promises.

use serde_json::json;
use users_contract::Operation;
use users_tests::token::Key;
use users_tests::{Call, Service, environment, operations, pointers};

/// The id of the user to whom `tests/guests/policy-faulty` denies everything.
const DENIED: i64 = 1_000_005;

/// Selects the operations that document a problem.
fn documents(code: &'static str, status: u16) -> impl Fn(&Operation) -> bool {
    move |operation| operation.has(status, code)
}

/// A token with a valid signature for a session that does not exist, if the service knows the key.
fn signed_token() -> String {
    let key = Key::numbered(1);
    let claims = json!({
        "iss": "http://127.0.0.1:3000", "aud": "users-api", "sub": "7", "sid": "7", "jti": "x",
        "iat": 1_700_000_000, "exp": 4_000_000_000_u32,
    });
    key.signed(&key.header(), &claims)
}

async fn administrator(service: &Service) -> String {
    service.administrator("administrator@example.com").await.tokens.access
}

#[tokio::test]
async fn without_a_valid_token_every_guarded_operation_is_401() {
    let service = Service::start().await;
    for operation in operations(|it| it.is_guarded) {
        Call::new(&service, operation).expect(401, "not_authenticated").await;
        Call::new(&service, operation).bearer("x.y.z").expect(401, "invalid_token").await;
    }
}

#[tokio::test]
async fn a_deactivated_account_is_refused_by_every_guarded_operation() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE users SET is_active = false").await;
    for operation in operations(|it| it.is_guarded) {
        Call::new(&service, operation).bearer(&account.tokens.access).expect(403, "inactive_account").await;
    }
}

#[tokio::test]
async fn a_blocked_address_is_refused_by_every_operation() {
    let service = Service::builder().variable("blocked_addresses", "127.0.0.0/8").start().await;
    for operation in operations(|_| true) {
        Call::new(&service, operation).expect(403, "address_refused").await;
    }
}

/// Selects the operations for administrators. `checkPermission` needs the administrator's right only for questions about other
/// accounts.
fn is_administration(operation: &Operation) -> bool {
    operation.has(403, "admin_required") && operation.path != "/rbac/check-permission"
}

#[tokio::test]
async fn a_plain_user_is_refused_by_every_operation_for_administrators() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for operation in operations(is_administration) {
        Call::new(&service, operation).bearer(&account.tokens.access).expect(403, "admin_required").await;
    }
}

#[tokio::test]
async fn a_policy_may_deny_every_operation_for_administrators() {
    let manifest = std::fs::read_to_string(&environment().manifest).expect("the manifest can be read");
    let manifest = manifest.replace("/policy.wasm\"", "/policy_faulty.wasm\"");
    let service = Service::builder().manifest(&manifest).start().await;
    service.sql(&format!("ALTER SEQUENCE users_id_seq RESTART {DENIED}")).await;
    let token = administrator(&service).await;
    for operation in operations(is_administration) {
        Call::new(&service, operation).bearer(&token).expect(403, "permission_denied").await;
    }
    // Only a question about another account needs the right.
    let question = json!({"resource": "user", "action": "read", "user_id": 7});
    for operation in operations(|it| it.path == "/rbac/check-permission") {
        let request = Call::new(&service, operation).bearer(&token).body(question.to_string());
        request.expect(403, "permission_denied").await;
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let service = Service::start().await;
    let token = administrator(&service).await;
    for operation in operations(|it| it.body.is_some()) {
        let request = Call::new(&service, operation).bearer(&token).body(vec![b'x'; 64 * 1024 + 1]);
        request.expect(413, "body_too_large").await;
    }
}

#[tokio::test]
async fn a_body_of_another_media_type_is_415() {
    let service = Service::start().await;
    let token = administrator(&service).await;
    for operation in operations(|it| it.body.is_some()) {
        let request = Call::new(&service, operation).bearer(&token).media_type("text/plain");
        request.expect(415, "unsupported_media_type").await;
    }
}

#[tokio::test]
async fn a_malformed_body_is_400() {
    let service = Service::start().await;
    let token = administrator(&service).await;
    for operation in operations(|it| it.body.is_some()) {
        // A body that is neither JSON nor a form, because it is not UTF-8.
        let request = Call::new(&service, operation).bearer(&token).body(*b"{\xff=%ff");
        request.expect(400, "malformed_body").await;
    }
}

#[tokio::test]
async fn a_body_of_another_shape_is_422() {
    let service = Service::start().await;
    let token = administrator(&service).await;
    for operation in operations(|it| it.body.is_some()) {
        let is_json = operation.body.as_ref().is_some_and(|body| body.media_type == "application/json");
        let body = if is_json { "[]" } else { "a=b" };
        let request = Call::new(&service, operation).bearer(&token).body(body);
        request.expect(422, "validation_failed").await;
    }
}

/// The test breaks one parameter at a time.
#[tokio::test]
async fn a_parameter_of_another_type_is_422_and_named() {
    let service = Service::start().await;
    let token = administrator(&service).await;
    for operation in operations(|it| it.parameters.iter().any(|it| it.place == "path")) {
        for parameter in operation.parameters.iter().filter(|it| it.place == "path") {
            let request = Call::new(&service, operation).bearer(&token).break_parameter(&parameter.name);
            let answer = request.expect(422, "validation_failed").await;
            assert_eq!(pointers(&answer), [format!("/{}", parameter.name)], "{}", operation.title());
        }
    }
    for operation in operations(|it| it.parameters.iter().any(|it| it.place == "query")) {
        for parameter in operation.parameters.iter().filter(|it| it.place == "query" && it.kind != "string") {
            let query = format!("?{}=x", parameter.name);
            let request = Call::new(&service, operation).bearer(&token).query(query);
            let answer = request.expect(422, "validation_failed").await;
            assert_eq!(pointers(&answer), [format!("/{}", parameter.name)], "{}", operation.title());
        }
    }
}

#[tokio::test]
async fn a_failed_statement_is_500_without_its_cause() {
    let service = Service::start().await;
    // Every statement uses one of these tables.
    let tables = "users, sessions, outbox, signing_keys, login_challenges, passkey_challenges";
    service.sql(&format!("DROP TABLE {tables} CASCADE")).await;
    let token = signed_token();
    for operation in operations(documents("internal_error", 500)) {
        let answer = Call::new(&service, operation).bearer(&token).expect(500, "internal_error").await;
        assert!(!answer.body.contains("users"), "{}: expected no cause: {answer:#?}", operation.title());
    }
}

#[tokio::test]
async fn without_postgres_every_operation_that_documents_503_is_503() {
    let service = Service::builder().without_postgres().start().await;
    let token = signed_token();
    for operation in operations(documents("database_unavailable", 503)) {
        Call::new(&service, operation).bearer(&token).expect(503, "database_unavailable").await;
    }
}

#[tokio::test]
async fn without_postgres_all_other_operations_answer() {
    let service = Service::builder().without_postgres().start().await;
    for operation in operations(|it| !it.answers.contains_key(&503)) {
        let answer = service.request(&operation.method, &operation.path).send().await;
        assert_eq!(answer.status, 200, "{}: expected 200: {answer:#?}", operation.title());
    }
}

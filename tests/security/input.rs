//! No request makes the service answer 500, crash or drop a connection. The operations come from `openapi.json`.

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tokio::runtime::Runtime;
use users_contract::Operation;
use users_tests::{Answer, Service, assert_common_headers, assert_is_problem, operations};

use crate::arbitrary::{Arbitrary, forger, requests, requests_to_unknown_route};

/// Requests per operation.
const CASES: u32 = 400;
/// The first segments of the paths that have their own test, so that the tests run in parallel.
const WITH_OWN_TEST: [&str; 4] = ["auth", "profile", "rbac", "users"];

fn first_segment(operation: &Operation) -> &str {
    operation.path.split('/').nth(1).unwrap_or_default()
}

/// Sends arbitrary requests to the selected operations.
fn fuzz(selects: impl Fn(&Operation) -> bool) {
    let (runtime, service) = start();
    for operation in operations(selects) {
        // An earlier request may have ended the session that forged tokens name.
        let session = "INSERT INTO sessions (id, user_id, expires_at) OVERRIDING SYSTEM VALUE
                       VALUES (1, 1, now() + interval '1 day')
                       ON CONFLICT DO NOTHING";
        runtime.block_on(service.sql(session));
        send_all(&runtime, &service, requests(operation));
    }
    assert_alive(&runtime, &service);
}

/// A service with an administrator, whose id is 1.
fn start() -> (Runtime, Service) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let service = runtime.block_on(Service::start());
    runtime.block_on(service.administrator("alice@example.com"));
    runtime.block_on(service.knows(&forger()));
    (runtime, service)
}

fn send_all(
    runtime: &Runtime,
    service: &Service,
    requests: impl proptest::strategy::Strategy<Value = Arbitrary>,
) {
    let config =
        Config { cases: CASES, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let outcome = TestRunner::new(config).run(&requests, |request| {
        runtime.block_on(async { check(request.on(service).try_send().await, &request) })
    });
    if let Err(failure) = outcome {
        panic!("{failure}\n{}", service.logs().tail(20));
    }
}

fn check(answer: Result<Answer, reqwest::Error>, request: &Arbitrary) -> Result<(), TestCaseError> {
    let answer = answer
        .map_err(|error| TestCaseError::fail(format!("a dropped connection: {error:?} {request:?}")))?;
    if answer.status >= 500 || answer.body.contains("$argon2") {
        return Err(TestCaseError::fail(format!("{answer:#?}")));
    }
    let is_page = answer.header("content-type").is_some_and(|it| it.starts_with("text/html"));
    let is_compressed = answer.header("content-encoding").is_some();
    if !is_page && !is_compressed && answer.status != 304 {
        assert_common_headers(&answer);
    }
    if answer.status >= 400 && answer.method != "HEAD" {
        assert_is_problem(&answer);
    }
    Ok(())
}

fn assert_alive(runtime: &Runtime, service: &Service) {
    let logs = service.logs().text();
    for trace in ["panicked", "wasm trap", "wasm backtrace"] {
        assert!(!logs.contains(trace), "expected no {trace}: {logs}");
    }
    runtime.block_on(async { service.get("/readyz").send().await.expect(200) });
}

#[test]
fn operations_under_auth_survive_any_request() {
    fuzz(|it| first_segment(it) == "auth");
}

#[test]
fn operations_under_profile_survive_any_request() {
    fuzz(|it| first_segment(it) == "profile");
}

#[test]
fn operations_under_rbac_survive_any_request() {
    fuzz(|it| first_segment(it) == "rbac");
}

#[test]
fn operations_under_users_survive_any_request() {
    fuzz(|it| first_segment(it) == "users");
}

#[test]
fn all_other_operations_survive_any_request() {
    fuzz(|it| !WITH_OWN_TEST.contains(&first_segment(it)));
}

#[test]
fn an_unknown_route_survives_any_request() {
    let (runtime, service) = start();
    send_all(&runtime, &service, requests_to_unknown_route());
    assert_alive(&runtime, &service);
}

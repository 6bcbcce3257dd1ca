//! Whatever is sent, there is an answer, and it is never a 500.

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use users_tests::{Answer, Service, assert_common_headers, assert_is_problem};

use crate::arbitrary::{Arbitrary, requests};

/// Requests for each route.
const CASES: u32 = 400;

/// Throws requests at a route and looks at every answer.
fn throw_at(method: &'static str, path: &'static str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let service = runtime.block_on(Service::start());
    runtime.block_on(service.account("alice@example.com"));
    let config =
        Config { cases: CASES, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let outcome = TestRunner::new(config).run(&requests(method, path), |request| {
        runtime.block_on(async { judge(request.on(&service).try_send().await, &request) })
    });
    if let Err(failure) = outcome {
        panic!("{failure}\n{}", service.logs().text().lines().rev().take(20).collect::<Vec<_>>().join("\n"));
    }
    let logs = service.logs().text();
    for trace in ["panicked", "wasm trap", "wasm backtrace"] {
        assert!(!logs.contains(trace), "expected no {trace}: {logs}");
    }
    runtime.block_on(async { service.get("/readyz").send().await.expect(200) });
}

fn judge(answer: Result<Answer, reqwest::Error>, request: &Arbitrary) -> Result<(), TestCaseError> {
    let answer = answer
        .map_err(|error| TestCaseError::fail(format!("a dropped connection: {error:?} {request:?}")))?;
    if answer.status >= 500 || answer.body.contains("$argon2") {
        return Err(TestCaseError::fail(format!("{answer:#?}")));
    }
    assert_common_headers(&answer);
    if answer.status >= 400 && answer.method != "HEAD" {
        assert_is_problem(&answer);
    }
    Ok(())
}

#[test]
fn register_survives_any_request() {
    throw_at("POST", "/auth/register");
}

#[test]
fn login_survives_any_request() {
    throw_at("POST", "/auth/login");
}

#[test]
fn refresh_survives_any_request() {
    throw_at("POST", "/auth/refresh");
}

#[test]
fn logout_survives_any_request() {
    throw_at("POST", "/auth/logout");
}

#[test]
fn test_token_survives_any_request() {
    throw_at("POST", "/auth/test-token");
}

#[test]
fn me_survives_any_request() {
    throw_at("GET", "/auth/me");
}

#[test]
fn the_routes_of_the_service_itself_survive_any_request() {
    for path in ["/", "/healthz", "/readyz"] {
        throw_at("GET", path);
    }
}

#[test]
fn an_unknown_route_survives_any_request() {
    throw_at("GET", "/nowhere");
}

//! Header fields that every response has.

use std::collections::HashSet;

use serde_json::json;
use users_tests::{
    Answer, PASSWORD, Service, Tokens, assert_common_headers, assert_is_problem, assert_no_store,
    assert_problem, environment,
};

#[tokio::test]
async fn a_valid_request_id_of_the_client_is_kept() {
    let service = Service::start().await;
    let longest = "x".repeat(128);
    for id in ["a", "7", "A.b_c-9", "00000000-0000-4000-8000-000000000000", "...", &longest] {
        for path in ["/healthz", "/nope", "/auth/me"] {
            let answer = service.get(path).id(id).send().await;
            assert_eq!(answer.request_id(), id, "{path}: expected the client's own id");
        }
    }
}

#[tokio::test]
async fn an_invalid_request_id_is_replaced() {
    let service = Service::start().await;
    let too_long = "x".repeat(129);
    let mut seen = HashSet::new();
    let bad: [&[u8]; 8] =
        [b"", b"with space", too_long.as_bytes(), "ü".as_bytes(), b"\xff\xfe", b"a/b", b"{\"a\":1}", b"a,b"];
    for id in bad.into_iter().filter(|id| environment().lets_header_through(id)) {
        for path in ["/healthz", "/nope", "/auth/me"] {
            let answer = service.get(path).header("x-request-id", id).send().await;
            assert_common_headers(&answer);
            assert_ne!(answer.request_id().as_bytes(), id, "{path}: expected a fresh id");
            assert!(seen.insert(answer.request_id()), "{path}: expected a fresh id, not one given before");
        }
    }
    for _ in 0..20 {
        let answer = service.get("/healthz").send().await;
        assert!(seen.insert(answer.request_id()), "expected a fresh id for a request without one");
    }
}

/// One answer of every kind.
async fn every_kind_of_answer(service: &Service) -> Vec<(u16, Answer)> {
    let account = service.account("alice@example.com").await;
    let register = |body: &'static str| service.post("/auth/register").body("application/json", body);
    vec![
        (200, service.get("/").send().await),
        (200, service.get("/auth/me").bearer(&account.tokens.access).send().await),
        (201, service.register("bob@example.com", PASSWORD).await),
        (204, service.post("/auth/logout").bearer(&account.tokens.access).send().await),
        (400, register("{").send().await),
        (401, service.get("/auth/me").send().await),
        (401, service.get("/auth/me").bearer("x.y.z").send().await),
        (401, service.try_login("alice@example.com", "not the password").await),
        (404, service.get("/nope").send().await),
        (405, service.request("PUT", "/auth/me").send().await),
        (409, service.register("Bob@example.com", PASSWORD).await),
        (413, service.post("/auth/register").body("application/json", vec![b' '; 65_537]).send().await),
        (415, service.post("/auth/register").body("text/plain", "{}").send().await),
        (422, register("{}").send().await),
    ]
}

#[tokio::test]
async fn every_response_has_a_request_id_a_length_and_nosniff() {
    let service = Service::start().await;
    for (status, answer) in every_kind_of_answer(&service).await {
        assert_eq!(answer.status, status, "expected {status}: {answer:#?}");
        assert_common_headers(&answer);
        if status >= 400 {
            assert_is_problem(&answer);
        }
    }
}

#[tokio::test]
async fn answers_that_depend_on_a_token_have_no_store() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let login = service.try_login("alice@example.com", PASSWORD).await.expect(200);
    assert_no_store(&login);
    assert_no_store(&service.refresh(&Tokens::of(&login).refresh).await.expect(200));
    assert_no_store(&service.refresh("unknown").await.expect(401));
    for (method, path) in [("GET", "/auth/me"), ("POST", "/auth/test-token"), ("POST", "/auth/logout")] {
        let request = || service.request(method, path);
        assert_no_store(&request().send().await.expect(401));
        assert_no_store(&request().bearer("x.y.z").send().await.expect(401));
        let answer = request().bearer(&account.tokens.access).send().await;
        assert!([200, 204].contains(&answer.status), "{answer:#?}");
        assert_no_store(&answer);
    }
}

#[tokio::test]
async fn answers_are_json_for_any_accept() {
    let service = Service::start().await;
    for accept in ["text/html", "application/xml;q=1, */*;q=0", "garbage"] {
        let answer = service.get("/auth/me").header("accept", accept).send().await;
        assert_problem(&answer, 401, "not_authenticated");
    }
    let answer = service.post("/auth/register").header("accept", "text/html").json(&json!({})).send().await;
    assert_problem(&answer, 422, "validation_failed");
}

//! `POST /auth/test-token`

use users_tests::{PASSWORD, Service, assert_common_headers, assert_no_store, assert_problem, assert_user};

#[tokio::test]
async fn a_valid_token_returns_its_user() {
    let service = Service::start().await;
    let user = service.register("alice@example.com", PASSWORD).await.expect(201).json();
    let tokens = service.login("alice@example.com", PASSWORD).await;
    let answer = service.post("/auth/test-token").bearer(&tokens.access).send().await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    assert_user(&answer.json());
    assert_eq!(answer.json(), user);
}

#[tokio::test]
async fn an_invalid_or_missing_token_is_401() {
    let service = Service::start().await;
    assert_problem(&service.post("/auth/test-token").send().await, 401, "not_authenticated");
    assert_problem(&service.post("/auth/test-token").bearer("x.y.z").send().await, 401, "invalid_token");
}

#[tokio::test]
async fn a_body_is_ignored() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let request = service.post("/auth/test-token").bearer(&account.tokens.access);
    request.body("application/json", "{").send().await.expect(200);
}

#[tokio::test]
async fn test_token_runs_at_most_two_statements() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.post("/auth/test-token").bearer(&account.tokens.access).id("test").send().await.expect(200);
    let log = service.logs().of_request("test").await;
    assert!((1..=2).contains(&log.statements().len()), "expected one statement or two: {log:#?}");
}

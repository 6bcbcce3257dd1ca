//! `POST /auth/logout`

use users_tests::{PASSWORD, Service, assert_common_headers, assert_no_store, assert_problem, token};

#[tokio::test]
async fn a_logout_ends_access_and_refresh_at_the_next_request() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let answer = service.post("/auth/logout").bearer(&account.tokens.access).send().await.expect(204);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    assert_problem(&service.me(&account.tokens.access).await, 401, "invalid_token");
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    for path in ["/auth/test-token", "/auth/logout"] {
        let answer = service.post(path).bearer(&account.tokens.access).send().await;
        assert_problem(&answer, 401, "invalid_token");
    }
}

#[tokio::test]
async fn a_logout_ends_refreshed_tokens() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let newer = users_tests::Tokens::of(&service.refresh(&account.tokens.refresh).await.expect(200));
    service.post("/auth/logout").bearer(&account.tokens.access).send().await.expect(204);
    assert_problem(&service.me(&newer.access).await, 401, "invalid_token");
    for refresh in [&newer.refresh, &account.tokens.refresh] {
        assert_problem(&service.refresh(refresh).await, 401, "invalid_token");
    }
}

#[tokio::test]
async fn a_logout_keeps_other_sessions() {
    let service = Service::start().await;
    let (alice, bob) = (service.account("alice@example.com").await, service.account("bob@example.com").await);
    let other = service.login("alice@example.com", PASSWORD).await;
    service.post("/auth/logout").bearer(&alice.tokens.access).send().await.expect(204);
    service.me(&other.access).await.expect(200);
    service.me(&bob.tokens.access).await.expect(200);
    service.refresh(&other.refresh).await.expect(200);
    let live = "SELECT id FROM sessions WHERE expires_at > now() ORDER BY id";
    let sid = |access: &str| token::claims(access)["sid"].as_str().unwrap().to_owned();
    assert_eq!(service.sql(live).await, [sid(&bob.tokens.access), sid(&other.access)]);
}

#[tokio::test]
async fn a_logout_needs_a_token() {
    let service = Service::start().await;
    assert_problem(&service.post("/auth/logout").send().await, 401, "not_authenticated");
    assert_problem(&service.post("/auth/logout").bearer("x.y.z").send().await, 401, "invalid_token");
}

#[tokio::test]
async fn a_logout_runs_at_most_two_statements() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.post("/auth/logout").bearer(&account.tokens.access).id("logout").send().await.expect(204);
    let log = service.logs().of_request("logout").await;
    assert!((1..=2).contains(&log.statements().len()), "expected one statement or two: {log:#?}");
}

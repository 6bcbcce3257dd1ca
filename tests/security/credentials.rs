//! The places in a request where a token counts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use users_tests::{PASSWORD, Service, assert_problem, environment};

#[tokio::test]
async fn a_token_counts_only_in_one_authorization_field_with_the_bearer_scheme() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let token = &account.tokens.access;
    let basic = STANDARD.encode(format!("alice@example.com:{PASSWORD}"));
    for value in [
        format!("Basic {basic}"),
        token.clone(),
        format!("Token {token}"),
        format!("Digest {token}"),
        "Bearer".into(),
        "Bearer ".into(),
        String::new(),
    ] {
        let answer = service.get("/auth/me").header("authorization", &value).send().await;
        assert_eq!(answer.status, 401, "{value}: {answer:#?}");
    }
    for value in [
        format!("Bearer {token} {token}"),
        format!("Bearer {token},Bearer {token}"),
        format!("Bearer {token}, x"),
        format!("Bearer \"{token}\""),
    ] {
        let answer = service.get("/auth/me").header("authorization", &value).send().await;
        assert_problem(&answer, 401, "invalid_token");
    }
    let twice = service.get("/auth/me").bearer(token).bearer("x.y.z").send().await;
    assert_eq!(twice.status, 401, "expected two Authorization fields to be refused: {twice:#?}");
    let twice = service.get("/auth/me").bearer("x.y.z").bearer(token).send().await;
    assert_eq!(twice.status, 401, "expected two Authorization fields to be refused: {twice:#?}");
    let latin = b"Bearer \xff\xfe";
    if environment().lets_header_through(latin) {
        let answer = service.get("/auth/me").header("authorization", latin).send().await;
        assert_eq!(answer.status, 401, "{answer:#?}");
    }
    service.me(&account.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_token_outside_the_authorization_field_is_ignored() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let token = &account.tokens.access;
    let query = service.get(&format!("/auth/me?access_token={token}&token={token}")).send().await;
    assert_problem(&query, 401, "not_authenticated");
    for (name, value) in [
        ("cookie", format!("access_token={token}")),
        ("x-authorization", format!("Bearer {token}")),
        ("proxy-authorization", format!("Bearer {token}")),
        ("x-forwarded-authorization", format!("Bearer {token}")),
    ] {
        assert_problem(&service.get("/auth/me").header(name, value).send().await, 401, "not_authenticated");
    }
    let form = service.post("/auth/test-token").form(&[("access_token", token)]).send().await;
    assert_problem(&form, 401, "not_authenticated");
}

#[tokio::test]
async fn headers_of_a_proxy_do_not_authenticate() {
    let service = Service::start().await;
    service.account("alice@example.com").await;
    for name in [
        "x-user-id",
        "x-remote-user",
        "x-forwarded-user",
        "spin-client-addr",
        "x-original-url",
        "x-rewrite-url",
    ] {
        let answer = service.get("/auth/me").header(name, "1").send().await;
        assert_problem(&answer, 401, "not_authenticated");
    }
}

#[tokio::test]
async fn a_very_long_token_is_refused() {
    let service = Service::start().await;
    for token in [
        "a".repeat(30_000),
        format!("{}.{}.{}", "a".repeat(9_000), "b".repeat(9_000), "c".repeat(9_000)),
        ".".repeat(20_000),
    ] {
        let answer = service.me(&token).await;
        assert_problem(&answer, 401, "invalid_token");
    }
}

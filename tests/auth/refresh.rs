//! `POST /auth/refresh`: rotation and the detection of reuse.

use futures::future::join_all;
use serde_json::json;
use users_tests::{
    PASSWORD, Service, Tokens, assert_common_headers, assert_no_store, assert_problem, fields, pointers,
    token,
};

/// Moves the use of every spent refresh token into the past.
async fn spent_earlier(service: &Service, seconds: u32) {
    let shift = format!("UPDATE refresh_tokens SET spent_at = spent_at - interval '{seconds} s'");
    service.sql(&shift).await;
}

async fn rotate(service: &Service, refresh: &str) -> Tokens {
    Tokens::of(&service.refresh(refresh).await.expect(200))
}

/// Asserts that both tokens are valid. Spends the refresh token.
async fn assert_works(service: &Service, tokens: &Tokens) {
    service.me(&tokens.access).await.expect(200);
    service.refresh(&tokens.refresh).await.expect(200);
}

#[tokio::test]
async fn a_refresh_returns_a_new_pair_of_the_same_session() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let answer = service.refresh(&account.tokens.refresh).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let body = answer.json();
    let expected = ["access_token", "expires_in", "refresh_expires_in", "refresh_token", "token_type"];
    assert_eq!(fields(&body), expected);
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("bearer"), &json!(900)));
    let newer = Tokens::of(&answer);
    assert_ne!(newer.refresh, account.tokens.refresh, "expected a new refresh token");
    let (before, after) = (token::claims(&account.tokens.access), token::claims(&newer.access));
    assert_eq!((&before["sid"], &before["sub"]), (&after["sid"], &after["sub"]), "expected the same session");
    assert_ne!(before["jti"], after["jti"], "expected a new access token");
    service.me(&account.tokens.access).await.expect(200);
    assert_works(&service, &newer).await;
}

#[tokio::test]
async fn a_retry_within_the_grace_succeeds() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let first = rotate(&service, &account.tokens.refresh).await;
    spent_earlier(&service, 5).await;
    let second = rotate(&service, &account.tokens.refresh).await;
    assert_ne!(first.refresh, second.refresh);
    assert_works(&service, &first).await;
    assert_works(&service, &second).await;
}

#[tokio::test]
async fn a_spent_refresh_token_ends_the_session() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let newest = rotate(&service, &account.tokens.refresh).await;
    spent_earlier(&service, 11).await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    assert_problem(&service.refresh(&newest.refresh).await, 401, "invalid_token");
    assert_problem(&service.me(&newest.access).await, 401, "invalid_token");
    assert_problem(&service.me(&account.tokens.access).await, 401, "invalid_token");
}

#[tokio::test]
async fn a_refresh_token_spent_long_ago_ends_the_session_too() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let second = rotate(&service, &account.tokens.refresh).await;
    let third = rotate(&service, &second.refresh).await;
    let newest = rotate(&service, &third.refresh).await;
    spent_earlier(&service, 3600).await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    assert_problem(&service.refresh(&newest.refresh).await, 401, "invalid_token");
    assert_problem(&service.me(&newest.access).await, 401, "invalid_token");
}

#[tokio::test]
async fn a_retry_does_not_extend_the_grace() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    rotate(&service, &account.tokens.refresh).await;
    spent_earlier(&service, 6).await;
    rotate(&service, &account.tokens.refresh).await;
    spent_earlier(&service, 6).await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
}

#[tokio::test]
async fn the_reuse_of_a_token_ends_its_own_session_only() {
    let service = Service::start().await;
    let (alice, bob) = (service.account("alice@example.com").await, service.account("bob@example.com").await);
    let other = service.login("alice@example.com", PASSWORD).await;
    rotate(&service, &alice.tokens.refresh).await;
    spent_earlier(&service, 11).await;
    assert_problem(&service.refresh(&alice.tokens.refresh).await, 401, "invalid_token");
    assert_works(&service, &other).await;
    assert_works(&service, &bob.tokens).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_concurrent_uses_of_one_refresh_token_succeed() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let answers = join_all((0..8).map(|_| service.refresh(&account.tokens.refresh))).await;
    for answer in answers {
        assert_works(&service, &Tokens::of(&answer.expect(200))).await;
    }
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["1"], "expected one session");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reused_token_ends_the_session_despite_a_concurrent_refresh() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for _ in 0..5 {
        let login = service.login("alice@example.com", PASSWORD).await;
        let newest = rotate(&service, &login.refresh).await;
        spent_earlier(&service, 11).await;
        let (reuse, use_) = tokio::join!(service.refresh(&login.refresh), service.refresh(&newest.refresh));
        assert_problem(&reuse, 401, "invalid_token");
        if use_.status == 200 {
            let tokens = Tokens::of(&use_);
            assert_problem(&service.me(&tokens.access).await, 401, "invalid_token");
            assert_problem(&service.refresh(&tokens.refresh).await, 401, "invalid_token");
        }
    }
    assert_works(&service, &account.tokens).await;
}

#[tokio::test]
async fn refresh_tokens_are_stored_as_sha_256_only() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let newer = rotate(&service, &account.tokens.refresh).await;
    let mut expected = vec![token::sha256_hex(&account.tokens.refresh), token::sha256_hex(&newer.refresh)];
    expected.sort_unstable();
    let stored = "SELECT encode(token_hash, 'hex') FROM refresh_tokens ORDER BY 1";
    assert_eq!(service.sql(stored).await, expected);
    for table in ["users", "sessions", "refresh_tokens"] {
        let rows = service.sql(&format!("SELECT row_to_json({table})::text FROM {table}")).await.concat();
        for secret in [&account.tokens.refresh, &newer.refresh, &account.tokens.access, &newer.access] {
            assert!(!rows.contains(secret.as_str()), "expected no token in {table}: {rows}");
        }
    }
}

#[tokio::test]
async fn an_invalid_refresh_token_is_401() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let hash = token::sha256_hex(&account.tokens.refresh);
    let cut = &account.tokens.refresh[1..];
    for bad in ["unknown", &"A".repeat(43), &account.tokens.access, &hash, cut, "é", &"x".repeat(5_000)] {
        assert_problem(&service.refresh(bad).await, 401, "invalid_token");
    }
    assert_works(&service, &account.tokens).await;
}

#[tokio::test]
async fn a_refresh_token_must_be_a_string() {
    let service = Service::start().await;
    for body in [
        json!({}),
        json!({"refresh_token": null}),
        json!({"refresh_token": 7}),
        json!({"refresh_token": "a\0b"}),
    ] {
        let answer = service.post("/auth/refresh").json(&body).send().await;
        assert_eq!(pointers(&answer), ["/refresh_token"], "{body}");
    }
}

#[tokio::test]
async fn a_refresh_token_is_no_access_token() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    assert_problem(&service.me(&account.tokens.refresh).await, 401, "invalid_token");
}

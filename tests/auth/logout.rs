//! `POST /auth/logout`

use serde_json::{Value, json};
use users_tests::{
    Answer, PASSWORD, Service, Tokens, assert_common_headers, assert_no_store, assert_problem, token,
};

async fn log_out_with(service: &Service, refresh: &str) -> Answer {
    service.post("/auth/logout").json(&json!({"refresh_token": refresh})).send().await
}

/// An access token that has expired, and is valid otherwise.
async fn expired(service: &Service, access: &str) -> String {
    let mut claims = token::claims(access);
    claims["exp"] = 1_700_000_900.into();
    let key = token::Key::numbered(1);
    service.knows(&key).await;
    key.signed(&key.header(), &claims)
}

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

#[tokio::test]
async fn a_refresh_token_alone_ends_its_session() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let other = service.login("alice@example.com", PASSWORD).await;
    let answer = log_out_with(&service, &account.tokens.refresh).await.expect(204);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    assert_problem(&service.me(&account.tokens.access).await, 401, "invalid_token");
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    service.me(&other.access).await.expect(200);
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["1"], "expected the other session only");
}

#[tokio::test]
async fn a_spent_refresh_token_ends_its_session_by_a_logout() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let newer = Tokens::of(&service.refresh(&account.tokens.refresh).await.expect(200));
    log_out_with(&service, &account.tokens.refresh).await.expect(204);
    assert_problem(&service.me(&newer.access).await, 401, "invalid_token");
    assert_problem(&service.refresh(&newer.refresh).await, 401, "invalid_token");
}

#[tokio::test]
async fn a_logout_by_a_refresh_token_is_204_whatever_the_token_is() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let hash = token::sha256_hex(&account.tokens.refresh);
    for bad in ["", "unknown", &"A".repeat(43), &account.tokens.access, &hash, "é", &"x".repeat(5_000)] {
        log_out_with(&service, bad).await.expect(204);
    }
    service.me(&account.tokens.access).await.expect(200);
    for _ in 0..2 {
        log_out_with(&service, &account.tokens.refresh).await.expect(204);
    }
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"]);
}

#[tokio::test]
async fn a_refresh_token_logs_out_beside_an_access_token_that_does_not_count() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let revoked = service.login("alice@example.com", PASSWORD).await;
    service.post("/auth/logout").bearer(&revoked.access).send().await.expect(204);
    for bad in ["x.y.z".to_owned(), revoked.access.clone(), String::new()] {
        let login = service.login("alice@example.com", PASSWORD).await;
        let request = service.post("/auth/logout").bearer(&bad);
        request.json(&json!({"refresh_token": login.refresh})).send().await.expect(204);
        assert_problem(&service.me(&login.access).await, 401, "invalid_token");
    }
    let login = service.login("alice@example.com", PASSWORD).await;
    let request = service.post("/auth/logout").bearer(&expired(&service, &login.access).await);
    request.json(&json!({"refresh_token": login.refresh})).send().await.expect(204);
    assert_problem(&service.refresh(&login.refresh).await, 401, "invalid_token");
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"]);
}

#[tokio::test]
async fn a_deactivated_user_may_log_out_by_a_refresh_token() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE users SET is_active = false").await;
    let logout = || service.post("/auth/logout").bearer(&account.tokens.access);
    assert_problem(&logout().send().await, 403, "inactive_account");
    logout().json(&json!({"refresh_token": account.tokens.refresh})).send().await.expect(204);
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"]);
}

#[tokio::test]
async fn a_good_access_token_names_the_session_whatever_the_body_is() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let other = service.login("alice@example.com", PASSWORD).await;
    let request = service.post("/auth/logout").bearer(&account.tokens.access);
    request.json(&json!({"refresh_token": other.refresh})).send().await.expect(204);
    assert_problem(&service.me(&account.tokens.access).await, 401, "invalid_token");
    service.me(&other.access).await.expect(200);
    for body in ["{", "[]", "{\"refresh_token\": 7}"] {
        let login = service.login("alice@example.com", PASSWORD).await;
        let request = service.post("/auth/logout").bearer(&login.access);
        request.body("application/json", body).send().await.expect(204);
        assert_problem(&service.me(&login.access).await, 401, "invalid_token");
    }
}

#[tokio::test]
async fn without_a_good_token_and_without_a_refresh_token_a_logout_is_401() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for body in
        [json!({}), json!({"refresh_token": null}), json!({"refresh_token": 7}), json!([]), Value::Null]
    {
        let logout = || service.post("/auth/logout").json(&body);
        assert_problem(&logout().send().await, 401, "not_authenticated");
        assert_problem(&logout().bearer("x.y.z").send().await, 401, "invalid_token");
    }
    let json = json!({"refresh_token": account.tokens.refresh}).to_string();
    let form = format!("refresh_token={}", account.tokens.refresh);
    for (media_type, body) in [("text/plain", &json), ("application/x-www-form-urlencoded", &form)] {
        let answer = service.post("/auth/logout").body(media_type, body.as_str()).send().await;
        assert_problem(&answer, 401, "not_authenticated");
    }
    service.me(&account.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_logout_with_a_body_that_is_too_large_is_413() {
    let service = Service::start().await;
    let answer = log_out_with(&service, &"x".repeat(64 * 1024)).await;
    assert_problem(&answer, 413, "body_too_large");
}

#[tokio::test]
async fn a_logout_by_a_refresh_token_runs_at_most_two_statements() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let request =
        service.post("/auth/logout").bearer(&expired(&service, &account.tokens.access).await).id("logout");
    request.json(&json!({"refresh_token": account.tokens.refresh})).send().await.expect(204);
    let log = service.logs().of_request("logout").await;
    assert!((1..=2).contains(&log.statements().len()), "expected one statement or two: {log:#?}");
}

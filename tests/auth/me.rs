//! `GET /auth/me`, and the rules for access tokens on every route.

use serde_json::json;
use users_tests::{
    PASSWORD, Service, USER_FIELDS, assert_common_headers, assert_no_store, assert_problem, assert_user,
    fields, token,
};

#[tokio::test]
async fn me_returns_the_user_with_the_names_of_its_roles() {
    let service = Service::start().await;
    let user = service.register("alice@example.com", PASSWORD).await.expect(201).json();
    let tokens = service.login("alice@example.com", PASSWORD).await;
    let answer = service.me(&tokens.access).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let me = answer.json();
    let mut expected: Vec<&str> = USER_FIELDS.into();
    expected.push("roles");
    expected.sort_unstable();
    assert_eq!(fields(&me), expected);
    assert_eq!(me["roles"], json!([]));
    let without_roles = token::without(&me, "roles");
    assert_user(&without_roles);
    assert_eq!(without_roles, user, "expected the user as registered");
}

#[tokio::test]
async fn me_runs_one_statement() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for id in ["first", "second"] {
        service.get("/auth/me").bearer(&account.tokens.access).id(id).send().await.expect(200);
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 1, "expected one statement: {log:#?}");
    }
}

#[tokio::test]
async fn an_invalid_signature_runs_no_statement() {
    let service = Service::start().await;
    service.get("/auth/me").bearer("x.y.z").id("bad").send().await.expect(401);
    service.get("/auth/me").id("none").send().await.expect(401);
    for id in ["bad", "none"] {
        assert_eq!(service.logs().of_request(id).await.statements(), [""; 0], "expected no statement");
    }
}

#[tokio::test]
async fn a_request_without_credentials_is_401() {
    let service = Service::start().await;
    assert_problem(&service.get("/auth/me").send().await, 401, "not_authenticated");
}

#[tokio::test]
async fn an_invalid_token_is_401_with_the_challenge_of_rfc_6750() {
    let service = Service::start().await;
    for bad in ["x", "x.y.z", "..", "ey.ey.ey"] {
        assert_problem(&service.me(bad).await, 401, "invalid_token");
    }
}

#[tokio::test]
async fn the_scheme_is_compared_without_case() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let value = format!("{scheme} {}", account.tokens.access);
        service.get("/auth/me").header("authorization", value).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_change_in_postgres_shows_at_the_next_request() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE users SET full_name = 'Alice', is_admin = true, email = 'a@example.org'").await;
    let me = service.me(&account.tokens.access).await.expect(200).json();
    assert_eq!((&me["full_name"], &me["is_admin"]), (&json!("Alice"), &json!(true)));
    assert_eq!(me["email"], "a@example.org");
}

#[tokio::test]
async fn a_deactivated_user_loses_access_at_the_next_request() {
    let service = Service::start().await;
    let (alice, bob) = (service.account("alice@example.com").await, service.account("bob@example.com").await);
    service.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", alice.id)).await;
    assert_problem(&service.me(&alice.tokens.access).await, 403, "inactive_account");
    for path in ["/auth/test-token", "/auth/logout"] {
        let answer = service.post(path).bearer(&alice.tokens.access).send().await;
        assert_problem(&answer, 403, "inactive_account");
    }
    service.me(&bob.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_deleted_user_loses_access_at_the_next_request() {
    let service = Service::start().await;
    let (alice, bob) = (service.account("alice@example.com").await, service.account("bob@example.com").await);
    service.sql(&format!("DELETE FROM users WHERE id = {}", alice.id)).await;
    assert_problem(&service.me(&alice.tokens.access).await, 401, "invalid_token");
    for path in ["/auth/test-token", "/auth/logout"] {
        let answer = service.post(path).bearer(&alice.tokens.access).send().await;
        assert_problem(&answer, 401, "invalid_token");
    }
    service.me(&bob.tokens.access).await.expect(200);
    assert_eq!(
        service.sql("SELECT user_id FROM sessions").await,
        [bob.id.to_string()],
        "expected no orphans"
    );
}

#[tokio::test]
async fn an_ended_session_ends_its_access_tokens() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let other = service.login("alice@example.com", PASSWORD).await;
    let session = token::claims(&account.tokens.access)["sid"].as_str().unwrap().to_owned();
    service
        .sql(&format!("UPDATE sessions SET expires_at = now() - interval '1 s' WHERE id = {session}"))
        .await;
    assert_problem(&service.me(&account.tokens.access).await, 401, "invalid_token");
    service.me(&other.access).await.expect(200);
    service.sql("DELETE FROM sessions").await;
    assert_problem(&service.me(&other.access).await, 401, "invalid_token");
}

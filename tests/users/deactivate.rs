//! `PUT /users/{id}/deactivate`: its effects.

use serde_json::json;
use users_tests::{Barrier, PASSWORD, Tokens, assert_problem};

use crate::support::Fixture;

#[tokio::test]
async fn a_deactivation_ends_all_access_at_the_next_request() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let elsewhere = fixture.service.login("alice@example.com", PASSWORD).await;
    fixture.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    for tokens in [&alice.tokens, &elsewhere] {
        assert_problem(&fixture.service.me(&tokens.access).await, 403, "inactive_account");
        let refreshed = fixture.service.refresh(&tokens.refresh).await;
        assert!([401, 403].contains(&refreshed.status), "expected a refusal: {refreshed:#?}");
    }
    let sessions = format!("SELECT count(*) FROM sessions WHERE user_id = {}", alice.id);
    assert_eq!(fixture.sql(&sessions).await, ["0"], "expected no session");
    assert_eq!(fixture.sql("SELECT count(*) FROM refresh_tokens").await, ["1"], "expected root's alone");
    fixture.service.me(&fixture.root.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_deactivated_user_cannot_log_in_and_only_the_right_password_reveals_why() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    fixture.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    let right = fixture.service.try_login("alice@example.com", PASSWORD).await;
    assert_problem(&right, 403, "inactive_account");
    let wrong = fixture.service.try_login("alice@example.com", "not the password").await;
    assert_problem(&wrong, 401, "invalid_credentials");
    let sessions = format!("SELECT count(*) FROM sessions WHERE user_id = {}", alice.id);
    assert_eq!(fixture.sql(&sessions).await, ["0"], "expected no session");
}

#[tokio::test]
async fn a_deactivated_account_keeps_its_address_and_its_roles() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    crate::support::grant(&fixture.service, alice.id, "user:read").await;
    fixture.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    let again = fixture.service.register("alice@example.com", PASSWORD).await;
    assert_problem(&again, 409, "email_taken");
    let roles = format!("SELECT count(*) FROM user_roles WHERE user_id = {}", alice.id);
    assert_eq!(fixture.sql(&roles).await, ["1"]);
}

#[tokio::test]
async fn a_key_is_refused_while_its_account_is_deactivated_and_works_again_afterwards() {
    let fixture = Fixture::start().await;
    let robot = fixture.add_service("robot").await;
    let key = fixture.key_of(robot, &json!({"name": "x"})).await;
    fixture.put(&format!("/users/{robot}/deactivate")).await.expect(200);
    assert_problem(&fixture.service.me(&key).await, 403, "inactive_account");
    fixture.put(&format!("/users/{robot}/activate")).await.expect(200);
    fixture.service.me(&key).await.expect(200);
}

/// A restored backup may hold sessions of an inactive account.
#[tokio::test]
async fn a_deactivation_of_an_inactive_account_ends_its_sessions() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    fixture.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", alice.id)).await;
    fixture.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    fixture.put(&format!("/users/{}/activate", alice.id)).await.expect(200);
    assert_problem(&fixture.service.me(&alice.tokens.access).await, 401, "invalid_token");
}

/// Otherwise the session would be valid again after the next activation.
#[tokio::test(flavor = "multi_thread")]
async fn a_deactivation_ends_the_session_of_a_concurrent_login() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let barrier = Barrier::before(&fixture.service, "INSERT ON refresh_tokens").await;
    let path = format!("/users/{}/deactivate", alice.id);
    let (login, deactivation) =
        barrier.overlap(fixture.service.try_login("alice@example.com", PASSWORD), fixture.put(&path)).await;
    deactivation.expect(200);
    let tokens = Tokens::of(&login.expect(200));
    assert_problem(&fixture.service.me(&tokens.access).await, 403, "inactive_account");
    fixture.put(&format!("/users/{}/activate", alice.id)).await.expect(200);
    assert_problem(&fixture.service.me(&tokens.access).await, 401, "invalid_token");
    assert_problem(&fixture.service.refresh(&tokens.refresh).await, 401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deactivation_ends_the_session_of_a_concurrent_refresh() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let barrier = Barrier::before(&fixture.service, "INSERT ON refresh_tokens").await;
    let path = format!("/users/{}/deactivate", alice.id);
    let (refresh, deactivation) =
        barrier.overlap(fixture.service.refresh(&alice.tokens.refresh), fixture.put(&path)).await;
    deactivation.expect(200);
    let tokens = Tokens::of(&refresh.expect(200));
    fixture.put(&format!("/users/{}/activate", alice.id)).await.expect(200);
    assert_problem(&fixture.service.me(&tokens.access).await, 401, "invalid_token");
    assert_problem(&fixture.service.refresh(&tokens.refresh).await, 401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_waits_for_a_deactivation_is_refused() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let barrier = Barrier::before(&fixture.service, "UPDATE ON users").await;
    let path = format!("/users/{}/deactivate", alice.id);
    let (deactivation, login) =
        barrier.overlap(fixture.put(&path), fixture.service.try_login("alice@example.com", PASSWORD)).await;
    deactivation.expect(200);
    assert_problem(&login, 403, "inactive_account");
    let sessions = format!("SELECT count(*) FROM sessions WHERE user_id = {}", alice.id);
    assert_eq!(fixture.sql(&sessions).await, ["0"], "expected no session");
}

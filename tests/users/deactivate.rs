//! `PUT /users/{id}/deactivate`: what it ends.

use users_tests::{Barrier, PASSWORD, Tokens, assert_problem};

use crate::support::Office;

#[tokio::test]
async fn a_deactivation_ends_all_access_at_the_next_request() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    let elsewhere = office.service.login("alice@example.com", PASSWORD).await;
    office.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    for tokens in [&alice.tokens, &elsewhere] {
        assert_problem(&office.service.me(&tokens.access).await, 403, "inactive_account");
        let refreshed = office.service.refresh(&tokens.refresh).await;
        assert!([401, 403].contains(&refreshed.status), "expected a refusal: {refreshed:#?}");
    }
    let sessions = format!("SELECT count(*) FROM sessions WHERE user_id = {}", alice.id);
    assert_eq!(office.sql(&sessions).await, ["0"], "expected no session");
    assert_eq!(office.sql("SELECT count(*) FROM refresh_tokens").await, ["1"], "expected root's alone");
    office.service.me(&office.root.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_deactivated_user_does_not_log_in_and_only_the_right_password_tells_why() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    office.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    let right = office.service.try_login("alice@example.com", PASSWORD).await;
    assert_problem(&right, 403, "inactive_account");
    let wrong = office.service.try_login("alice@example.com", "not the password").await;
    assert_problem(&wrong, 401, "invalid_credentials");
    let sessions = format!("SELECT count(*) FROM sessions WHERE user_id = {}", alice.id);
    assert_eq!(office.sql(&sessions).await, ["0"], "expected no session");
}

#[tokio::test]
async fn a_deactivated_account_keeps_its_address_and_its_roles() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    crate::support::grant(&office.service, alice.id, "user:read").await;
    office.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    let again = office.service.register("alice@example.com", PASSWORD).await;
    assert_problem(&again, 409, "email_taken");
    let roles = format!("SELECT count(*) FROM user_roles WHERE user_id = {}", alice.id);
    assert_eq!(office.sql(&roles).await, ["1"]);
}

/// Even when the account was inactive already, as after a restored backup.
#[tokio::test]
async fn a_deactivation_ends_the_sessions_of_an_account_that_is_inactive_already() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    office.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", alice.id)).await;
    office.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    office.put(&format!("/users/{}/activate", alice.id)).await.expect(200);
    assert_problem(&office.service.me(&alice.tokens.access).await, 401, "invalid_token");
}

/// A login that has passed its checks and then waits must not leave a session that lives on after the next activation.
#[tokio::test(flavor = "multi_thread")]
async fn a_deactivation_also_ends_the_session_of_a_login_that_it_had_to_wait_for() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    let barrier = Barrier::before(&office.service, "INSERT ON refresh_tokens").await;
    let path = format!("/users/{}/deactivate", alice.id);
    let (login, deactivation) =
        barrier.meet(office.service.try_login("alice@example.com", PASSWORD), office.put(&path)).await;
    deactivation.expect(200);
    let tokens = Tokens::of(&login.expect(200));
    assert_problem(&office.service.me(&tokens.access).await, 403, "inactive_account");
    office.put(&format!("/users/{}/activate", alice.id)).await.expect(200);
    assert_problem(&office.service.me(&tokens.access).await, 401, "invalid_token");
    assert_problem(&office.service.refresh(&tokens.refresh).await, 401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deactivation_also_ends_the_session_of_a_refresh_that_it_had_to_wait_for() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    let barrier = Barrier::before(&office.service, "INSERT ON refresh_tokens").await;
    let path = format!("/users/{}/deactivate", alice.id);
    let (refresh, deactivation) =
        barrier.meet(office.service.refresh(&alice.tokens.refresh), office.put(&path)).await;
    deactivation.expect(200);
    let tokens = Tokens::of(&refresh.expect(200));
    office.put(&format!("/users/{}/activate", alice.id)).await.expect(200);
    assert_problem(&office.service.me(&tokens.access).await, 401, "invalid_token");
    assert_problem(&office.service.refresh(&tokens.refresh).await, 401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_had_to_wait_for_a_deactivation_is_refused() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    let barrier = Barrier::before(&office.service, "UPDATE ON users").await;
    let path = format!("/users/{}/deactivate", alice.id);
    let (deactivation, login) =
        barrier.meet(office.put(&path), office.service.try_login("alice@example.com", PASSWORD)).await;
    deactivation.expect(200);
    assert_problem(&login, 403, "inactive_account");
    let sessions = format!("SELECT count(*) FROM sessions WHERE user_id = {}", alice.id);
    assert_eq!(office.sql(&sessions).await, ["0"], "expected no session");
}

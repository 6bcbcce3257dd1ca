//! `PUT /users/{id}/activate`: what it brings back and what not.

use users_tests::{PASSWORD, assert_problem};

use crate::support::Office;

#[tokio::test]
async fn an_activated_user_logs_in_again_but_old_tokens_stay_dead() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    office.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    office.put(&format!("/users/{}/activate", alice.id)).await.expect(200);
    assert_problem(&office.service.me(&alice.tokens.access).await, 401, "invalid_token");
    assert_problem(&office.service.refresh(&alice.tokens.refresh).await, 401, "invalid_token");
    let fresh = office.service.login("alice@example.com", PASSWORD).await;
    office.service.me(&fresh.access).await.expect(200);
    office.service.refresh(&fresh.refresh).await.expect(200);
    assert_problem(&office.service.me(&alice.tokens.access).await, 401, "invalid_token");
}

#[tokio::test]
async fn an_activation_ends_no_session() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    office.put(&format!("/users/{}/activate", alice.id)).await.expect(200);
    office.service.me(&alice.tokens.access).await.expect(200);
    office.service.refresh(&alice.tokens.refresh).await.expect(200);
}

#[tokio::test]
async fn an_activated_administrator_is_one_again() {
    let office = Office::open().await;
    let alice = office.service.administrator("alice@example.com").await;
    office.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    let user = office.put(&format!("/users/{}/activate", alice.id)).await.expect(200).json();
    assert!(user["is_admin"] == true, "expected the mark to stay: {user:#}");
    let fresh = office.service.login("alice@example.com", PASSWORD).await;
    office.service.get("/users/").bearer(&fresh.access).send().await.expect(200);
}

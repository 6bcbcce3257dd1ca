//! `PUT /users/{id}/activate`: its effects.

use users_tests::{PASSWORD, assert_problem};

use crate::support::Fixture;

#[tokio::test]
async fn an_activated_user_can_log_in_again_but_old_tokens_stay_invalid() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    fixture.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    fixture.put(&format!("/users/{}/activate", alice.id)).await.expect(200);
    assert_problem(&fixture.service.me(&alice.tokens.access).await, 401, "invalid_token");
    assert_problem(&fixture.service.refresh(&alice.tokens.refresh).await, 401, "invalid_token");
    let fresh = fixture.service.login("alice@example.com", PASSWORD).await;
    fixture.service.me(&fresh.access).await.expect(200);
    fixture.service.refresh(&fresh.refresh).await.expect(200);
    assert_problem(&fixture.service.me(&alice.tokens.access).await, 401, "invalid_token");
}

#[tokio::test]
async fn an_activation_ends_no_session() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    fixture.put(&format!("/users/{}/activate", alice.id)).await.expect(200);
    fixture.service.me(&alice.tokens.access).await.expect(200);
    fixture.service.refresh(&alice.tokens.refresh).await.expect(200);
}

#[tokio::test]
async fn an_activated_administrator_has_its_rights_again() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    fixture.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    let user = fixture.put(&format!("/users/{}/activate", alice.id)).await.expect(200).json();
    assert!(user["is_admin"] == true, "expected is_admin to stay: {user:#}");
    let fresh = fixture.service.login("alice@example.com", PASSWORD).await;
    fixture.service.get("/users/").bearer(&fresh.access).send().await.expect(200);
}

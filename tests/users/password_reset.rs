//! `POST /users/{id}/password-reset`

use serde_json::{Value, json};
use users_tests::{PASSWORD, assert_common_headers, assert_no_store, assert_problem};

use crate::support::Fixture;

impl Fixture {
    async fn send_reset(&self, id: i64) -> users_tests::Answer {
        let request = self.service.post(&format!("/users/{id}/password-reset"));
        request.bearer(&self.root.tokens.access).send().await
    }
}

#[tokio::test]
async fn a_reset_is_recorded_and_neither_password_nor_sessions_change() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    fixture.sql("DELETE FROM outbox").await;
    let answer = fixture.send_reset(alice.id).await.expect(202);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    assert_eq!(answer.json(), json!({}));
    let told = "SELECT kind, user_id, carries FROM outbox";
    assert_eq!(fixture.sql(told).await, [format!("password_reset|{}|{{}}", alice.id)]);
    fixture.service.me(&alice.tokens.access).await.expect(200);
    fixture.service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test]
async fn an_account_without_a_password_is_invited_again() {
    let fixture = Fixture::start().await;
    let user = fixture.post("/users/", &json!({"email": "ada@example.com"})).await.expect(201).json();
    fixture.sql("DELETE FROM outbox").await;
    fixture.send_reset(user["id"].as_i64().unwrap()).await.expect(202);
    assert_eq!(fixture.sql("SELECT kind FROM outbox").await, ["invitation"]);
}

#[tokio::test]
async fn nothing_is_sent_to_a_deactivated_account_or_to_nobody() {
    let fixture = Fixture::start().await;
    let id = fixture.add(1).await[0];
    fixture.sql("UPDATE users SET is_active = false WHERE password_hash = '!'; DELETE FROM outbox").await;
    assert_problem(&fixture.send_reset(id).await, 409, "account_inactive");
    assert_problem(&fixture.send_reset(999_999).await, 404, "not_found");
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty());
}

#[tokio::test]
async fn a_deactivation_ends_a_reset_that_waits() {
    let fixture = Fixture::start().await;
    let id = fixture.add(1).await[0];
    fixture.sql("DELETE FROM outbox").await;
    fixture.send_reset(id).await.expect(202);
    fixture.put(&format!("/users/{id}/deactivate")).await.expect(200);
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty());
    assert_ne!(fixture.get(&format!("/users/{id}")).await.json(), Value::Null);
}

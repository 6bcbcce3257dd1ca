//! `DELETE /users/{id}`

use users_tests::{Barrier, PASSWORD, assert_no_store, assert_problem};

use crate::support::{Fixture, assert_nothing, grant};

#[tokio::test]
async fn a_deletion_returns_204_and_removes_all_data_of_the_account() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    fixture.service.refresh(&alice.tokens.refresh).await.expect(200);
    grant(&fixture.service, alice.id, "user:read").await;
    grant(&fixture.service, fixture.root.id, "user:read").await;
    let answer = fixture.delete(&format!("/users/{}", alice.id)).await;
    assert_nothing(&answer);
    assert_no_store(&answer);
    for table in ["users", "sessions", "refresh_tokens", "user_roles"] {
        assert_eq!(
            fixture.sql(&format!("SELECT count(*) FROM {table}")).await,
            ["1"],
            "expected root's {table} alone"
        );
    }
    assert_eq!(
        fixture.sql("SELECT count(*) FROM roles").await,
        ["2"],
        "expected the roles themselves to stay"
    );
    assert_problem(&fixture.get(&format!("/users/{}", alice.id)).await, 404, "not_found");
}

#[tokio::test]
async fn a_deleted_user_loses_access_at_the_next_request() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    fixture.delete(&format!("/users/{}", alice.id)).await.expect(204);
    assert_problem(&fixture.service.me(&alice.tokens.access).await, 401, "invalid_token");
    assert_problem(&fixture.service.refresh(&alice.tokens.refresh).await, 401, "invalid_token");
    let login = fixture.service.try_login("alice@example.com", PASSWORD).await;
    assert_problem(&login, 401, "invalid_credentials");
    fixture.service.me(&fixture.root.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_second_deletion_is_404() {
    let fixture = Fixture::start().await;
    let id = fixture.add(1).await[0];
    assert_nothing(&fixture.delete(&format!("/users/{id}/")).await);
    for path in [format!("/users/{id}"), format!("/users/{id}/")] {
        assert_problem(&fixture.delete(&path).await, 404, "not_found");
    }
}

#[tokio::test]
async fn the_address_of_a_deleted_account_can_be_registered_again() {
    let fixture = Fixture::start().await;
    let before = fixture.service.account("alice@example.com").await;
    grant(&fixture.service, before.id, "admin:all").await;
    fixture.put(&format!("/users/{}/make-admin", before.id)).await.expect(200);
    fixture.delete(&format!("/users/{}", before.id)).await.expect(204);
    let after = fixture.service.account("Alice@example.com").await;
    assert_ne!(after.id, before.id, "expected a new id");
    let me = fixture.service.me(&after.tokens.access).await.expect(200).json();
    assert!(me["is_admin"] == false && me["roles"] == serde_json::json!([]), "{me:#}");
    assert_problem(&fixture.service.me(&before.tokens.access).await, 401, "invalid_token");
}

#[tokio::test]
async fn inactive_accounts_and_other_administrators_can_be_deleted() {
    let fixture = Fixture::start().await;
    let added = fixture.add(3).await;
    fixture.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", added[0])).await;
    fixture.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", added[1])).await;
    grant(&fixture.service, added[2], "admin:all").await;
    for id in added {
        assert_nothing(&fixture.delete(&format!("/users/{id}")).await);
    }
    assert_eq!(fixture.sql("SELECT id FROM users").await, [fixture.root.id.to_string()]);
}

#[tokio::test]
async fn a_deletion_ignores_its_body() {
    let fixture = Fixture::start().await;
    for (media_type, body) in
        [("application/json", "{"), ("text/plain", "hello"), ("application/json", "{\"id\": 1}")]
    {
        let id = fixture.add(1).await[0];
        let path = format!("/users/{id}");
        let token = &fixture.root.tokens.access;
        assert_nothing(&fixture.service.delete(&path).bearer(token).body(media_type, body).send().await);
    }
    assert_eq!(fixture.sql("SELECT id FROM users").await, [fixture.root.id.to_string()]);
}

/// The login must neither fail with a 500 nor leave a session.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_ends_the_session_of_a_concurrent_login() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let barrier = Barrier::before(&fixture.service, "INSERT ON refresh_tokens").await;
    let path = format!("/users/{}", alice.id);
    let (login, deletion) = barrier
        .overlap(fixture.service.try_login("alice@example.com", PASSWORD), fixture.delete(&path))
        .await;
    assert_nothing(&deletion);
    assert!([200, 401].contains(&login.status), "{login:#?}");
    assert_eq!(fixture.sql("SELECT count(*) FROM sessions").await, ["1"], "expected root's alone");
    assert_eq!(fixture.sql("SELECT count(*) FROM refresh_tokens").await, ["1"], "expected root's alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_waits_for_a_deletion_is_refused() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let barrier = Barrier::before(&fixture.service, "DELETE ON users").await;
    let path = format!("/users/{}", alice.id);
    let (deletion, login) = barrier
        .overlap(fixture.delete(&path), fixture.service.try_login("alice@example.com", PASSWORD))
        .await;
    assert_nothing(&deletion);
    assert_problem(&login, 401, "invalid_credentials");
}

#[tokio::test]
async fn the_owners_of_deleted_accounts_are_told_in_their_languages() {
    let fixture = Fixture::start().await;
    let ids = fixture.add(3).await;
    fixture
        .sql(&format!(
            "INSERT INTO profiles (user_id, is_created, preferences) VALUES ({}, false, '{{\"language\": \"de\"}}');
             DELETE FROM outbox",
            ids[0]
        ))
        .await;
    fixture.delete(&format!("/users/{}", ids[0])).await.expect(204);
    fixture.bulk("delete", &serde_json::json!({"user_ids": [ids[1], ids[2], 999_999]})).await.expect(200);
    fixture.delete("/users/999999").await.expect(404);
    let told = "SELECT kind, user_id, carries->>'email', coalesce(carries->>'language', '-') FROM outbox ORDER BY user_id";
    let row = |index: usize, language: &str| {
        format!("account_deleted|{}|user{}@example.com|{language}", ids[index], index + 1)
    };
    assert_eq!(fixture.sql(told).await, [row(0, "de"), row(1, "-"), row(2, "-")]);
}

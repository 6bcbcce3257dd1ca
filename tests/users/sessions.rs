//! `GET`, `DELETE /users/{id}/sessions`

use serde_json::json;
use users_tests::{Barrier, PASSWORD, assert_no_store, assert_problem};

use crate::support::{Fixture, assert_nothing};

#[tokio::test]
async fn an_administrator_sees_what_the_owner_sees_but_for_the_current_one() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    fixture.service.login("alice@example.com", PASSWORD).await;
    let seen = fixture.get(&format!("/users/{}/sessions", alice.id)).await.expect(200);
    assert_no_store(&seen);
    let mut own = fixture.service.get("/auth/sessions").bearer(&alice.tokens.access).send().await.json();
    for session in own.as_array_mut().unwrap() {
        session["is_current"] = json!(false);
    }
    assert_eq!(seen.json(), own);
    let root = fixture.get(&format!("/users/{}/sessions", fixture.root.id)).await.expect(200).json();
    assert_eq!(root[0]["is_current"], true);
}

#[tokio::test]
async fn all_sessions_of_the_account_end_and_no_others() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let other = fixture.service.login("alice@example.com", PASSWORD).await;
    let path = format!("/users/{}/sessions", alice.id);
    for _ in 0..2 {
        assert_nothing(&fixture.delete(&path).await);
        assert_eq!(fixture.get(&path).await.expect(200).json(), json!([]));
    }
    for tokens in [&alice.tokens, &other] {
        assert_problem(&fixture.service.me(&tokens.access).await, 401, "invalid_token");
        assert_problem(&fixture.service.refresh(&tokens.refresh).await, 401, "invalid_token");
    }
    fixture.service.login("alice@example.com", PASSWORD).await;
    assert_nothing(&fixture.delete(&format!("/users/{}/sessions", fixture.root.id)).await);
    assert_problem(&fixture.get(&path).await, 401, "invalid_token");
}

#[tokio::test]
async fn an_account_without_sessions_has_an_empty_list_and_nobody_has_none() {
    let fixture = Fixture::start().await;
    let id = fixture.add(1).await[0];
    assert_eq!(fixture.get(&format!("/users/{id}/sessions")).await.expect(200).json(), json!([]));
    assert_problem(&fixture.get("/users/999999/sessions").await, 404, "not_found");
    assert_problem(&fixture.delete("/users/999999/sessions").await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_of_a_login_at_the_same_moment_ends_too() {
    let fixture = Fixture::with_many_instances().await;
    let alice = fixture.service.account("alice@example.com").await;
    let barrier = Barrier::before(&fixture.service, "INSERT ON refresh_tokens").await;
    let path = format!("/users/{}/sessions", alice.id);
    let (login, ended) = barrier
        .overlap(fixture.service.try_login("alice@example.com", PASSWORD), fixture.delete(&path))
        .await;
    login.expect(200);
    assert_nothing(&ended);
    assert_eq!(fixture.get(&path).await.expect(200).json(), json!([]));
}

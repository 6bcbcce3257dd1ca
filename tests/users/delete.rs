//! `DELETE /users/{id}`

use users_tests::{Barrier, PASSWORD, assert_no_store, assert_problem};

use crate::support::{Office, assert_nothing, grant};

#[tokio::test]
async fn a_deletion_answers_204_and_all_of_the_account_is_gone() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    office.service.refresh(&alice.tokens.refresh).await.expect(200);
    grant(&office.service, alice.id, "user:read").await;
    grant(&office.service, office.root.id, "user:read").await;
    let answer = office.delete(&format!("/users/{}", alice.id)).await;
    assert_nothing(&answer);
    assert_no_store(&answer);
    for table in ["users", "sessions", "refresh_tokens", "user_roles"] {
        assert_eq!(
            office.sql(&format!("SELECT count(*) FROM {table}")).await,
            ["1"],
            "expected root's {table} alone"
        );
    }
    assert_eq!(
        office.sql("SELECT count(*) FROM roles").await,
        ["2"],
        "expected the roles themselves to stay"
    );
    assert_problem(&office.get(&format!("/users/{}", alice.id)).await, 404, "not_found");
}

#[tokio::test]
async fn a_deleted_user_has_no_access_from_the_next_request_on() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    office.delete(&format!("/users/{}", alice.id)).await.expect(204);
    assert_problem(&office.service.me(&alice.tokens.access).await, 401, "invalid_token");
    assert_problem(&office.service.refresh(&alice.tokens.refresh).await, 401, "invalid_token");
    let login = office.service.try_login("alice@example.com", PASSWORD).await;
    assert_problem(&login, 401, "invalid_credentials");
    office.service.me(&office.root.tokens.access).await.expect(200);
}

#[tokio::test]
async fn what_is_deleted_cannot_be_deleted_again() {
    let office = Office::open().await;
    let id = office.add(1).await[0];
    assert_nothing(&office.delete(&format!("/users/{id}/")).await);
    for path in [format!("/users/{id}"), format!("/users/{id}/")] {
        assert_problem(&office.delete(&path).await, 404, "not_found");
    }
}

#[tokio::test]
async fn an_address_that_became_free_makes_another_account() {
    let office = Office::open().await;
    let before = office.service.account("alice@example.com").await;
    grant(&office.service, before.id, "admin:all").await;
    office.put(&format!("/users/{}/make-admin", before.id)).await.expect(200);
    office.delete(&format!("/users/{}", before.id)).await.expect(204);
    let after = office.service.account("Alice@example.com").await;
    assert_ne!(after.id, before.id, "expected an id that nobody had");
    let me = office.service.me(&after.tokens.access).await.expect(200).json();
    assert!(me["is_admin"] == false && me["roles"] == serde_json::json!([]), "{me:#}");
    assert_problem(&office.service.me(&before.tokens.access).await, 401, "invalid_token");
}

#[tokio::test]
async fn inactive_accounts_and_other_administrators_can_be_deleted() {
    let office = Office::open().await;
    let added = office.add(3).await;
    office.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", added[0])).await;
    office.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", added[1])).await;
    grant(&office.service, added[2], "admin:all").await;
    for id in added {
        assert_nothing(&office.delete(&format!("/users/{id}")).await);
    }
    assert_eq!(office.sql("SELECT id FROM users").await, [office.root.id.to_string()]);
}

#[tokio::test]
async fn a_deletion_looks_at_no_body() {
    let office = Office::open().await;
    for (media_type, body) in
        [("application/json", "{"), ("text/plain", "hello"), ("application/json", "{\"id\": 1}")]
    {
        let id = office.add(1).await[0];
        let path = format!("/users/{id}");
        let token = &office.root.tokens.access;
        assert_nothing(&office.service.delete(&path).bearer(token).body(media_type, body).send().await);
    }
    assert_eq!(office.sql("SELECT id FROM users").await, [office.root.id.to_string()]);
}

/// A login that has passed its checks and then waits must not fail with a defect, nor leave anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_takes_along_the_session_of_a_login_that_it_had_to_wait_for() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    let barrier = Barrier::before(&office.service, "INSERT ON refresh_tokens").await;
    let path = format!("/users/{}", alice.id);
    let (login, deletion) =
        barrier.meet(office.service.try_login("alice@example.com", PASSWORD), office.delete(&path)).await;
    assert_nothing(&deletion);
    assert!([200, 401].contains(&login.status), "{login:#?}");
    assert_eq!(office.sql("SELECT count(*) FROM sessions").await, ["1"], "expected root's alone");
    assert_eq!(office.sql("SELECT count(*) FROM refresh_tokens").await, ["1"], "expected root's alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_had_to_wait_for_a_deletion_is_refused() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    let barrier = Barrier::before(&office.service, "DELETE ON users").await;
    let path = format!("/users/{}", alice.id);
    let (deletion, login) =
        barrier.meet(office.delete(&path), office.service.try_login("alice@example.com", PASSWORD)).await;
    assert_nothing(&deletion);
    assert_problem(&login, 401, "invalid_credentials");
}

//! `DELETE /auth/me`

use serde_json::{Value, json};
use users_tests::{
    Account, Answer, Barrier, PASSWORD, Service, assert_common_headers, assert_no_store, assert_problem,
    pointers,
};

async fn delete(service: &Service, account: &Account, password: &str) -> Answer {
    let request = service.delete("/auth/me").bearer(&account.tokens.access);
    request.json(&json!({"password": password})).send().await
}

#[tokio::test]
async fn a_deletion_removes_all_data_of_the_account_and_tells_its_owner() {
    let service = Service::start().await;
    let alice = service.account("Alice@example.com").await;
    let bob = service.account("bob@example.com").await;
    let german = json!({"language": "de"});
    let preferences = service.put("/profile/preferences").bearer(&alice.tokens.access).json(&german);
    preferences.send().await.expect(200);
    service.sql("DELETE FROM outbox").await;
    let answer = delete(&service, &alice, PASSWORD).await.expect(204);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    for table in ["users", "sessions", "refresh_tokens"] {
        assert_eq!(
            service.sql(&format!("SELECT count(*) FROM {table}")).await,
            ["1"],
            "{table}: bob's alone"
        );
    }
    assert_eq!(service.sql("SELECT count(*) FROM profiles").await, ["0"]);
    let told = "SELECT kind, carries->>'email', carries->>'language' FROM outbox";
    assert_eq!(service.sql(told).await, ["account_deleted|Alice@example.com|de"]);
    assert_problem(&service.me(&alice.tokens.access).await, 401, "invalid_token");
    assert_problem(&service.refresh(&alice.tokens.refresh).await, 401, "invalid_token");
    service.me(&bob.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_wrong_password_is_403_and_changes_nothing() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    service.sql("DELETE FROM outbox").await;
    assert_problem(&delete(&service, &alice, "wrong password").await, 403, "wrong_password");
    for body in [json!({}), json!({"password": null}), json!({"password": 7})] {
        let request = service.delete("/auth/me").bearer(&alice.tokens.access).json(&body);
        assert_eq!(pointers(&request.send().await), ["/password"], "{body}");
    }
    let without = service.delete("/auth/me").bearer(&alice.tokens.access).send().await;
    assert_problem(&without, 415, "unsupported_media_type");
    service.sql("UPDATE users SET password_hash = 'damaged'").await;
    assert_problem(&delete(&service, &alice, PASSWORD).await, 403, "wrong_password");
    service.sql("UPDATE users SET password_hash = ''").await;
    assert_problem(&delete(&service, &alice, "").await, 403, "wrong_password");
    service.me(&alice.tokens.access).await.expect(200);
    assert_eq!(service.sql("SELECT count(*) FROM outbox").await, ["0"]);
}

#[tokio::test]
async fn the_last_administrator_cannot_go_but_anyone_else_may() {
    let service = Service::start().await;
    let nobody = service.account("nobody@example.com").await;
    delete(&service, &nobody, PASSWORD).await.expect(204);
    let root = service.administrator("root@example.com").await;
    let alice = service.account("alice@example.com").await;
    assert_problem(&delete(&service, &root, PASSWORD).await, 409, "last_admin");
    service.me(&root.tokens.access).await.expect(200);
    delete(&service, &alice, PASSWORD).await.expect(204);
    let other = service.administrator("other@example.com").await;
    delete(&service, &root, PASSWORD).await.expect(204);
    assert_problem(&delete(&service, &other, PASSWORD).await, 409, "last_admin");
    let told = "SELECT carries->>'email' FROM outbox WHERE kind = 'account_deleted' ORDER BY id";
    assert_eq!(service.sql(told).await, ["nobody@example.com", "alice@example.com", "root@example.com"]);
}

#[tokio::test]
async fn the_last_administrator_by_a_role_cannot_go() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let grant = "INSERT INTO permissions (name, resource, action) VALUES ('all', 'admin', 'all');
                 INSERT INTO roles (name) VALUES ('boss');
                 INSERT INTO role_permissions VALUES (1, 1);";
    service.sql(&format!("{grant} INSERT INTO user_roles VALUES ({}, 1)", alice.id)).await;
    assert_problem(&delete(&service, &alice, PASSWORD).await, 409, "last_admin");
    service.sql("DELETE FROM user_roles").await;
    delete(&service, &alice, PASSWORD).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_last_administrators_who_go_at_once_one_remains() {
    let service = Service::builder().one_request_per_instance().start().await;
    let alice = service.administrator("alice@example.com").await;
    let bob = service.administrator("bob@example.com").await;
    let barrier = Barrier::before(&service, "DELETE ON users").await;
    let (one, other) =
        barrier.overlap(delete(&service, &alice, PASSWORD), delete(&service, &bob, PASSWORD)).await;
    let (gone, refused) = if one.status == 204 { (one, other) } else { (other, one) };
    gone.expect(204);
    assert_problem(&refused, 409, "last_admin");
    assert_eq!(service.sql("SELECT count(*) FROM users WHERE is_admin").await, ["1"]);
}

/// An owner who recovers an account ends the thief's session. A deletion that the thief requested a moment earlier must not succeed.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_does_not_survive_a_recovery_at_the_same_moment() {
    for recovery in ["DELETE FROM sessions", "UPDATE users SET password_hash = 'another'"] {
        let service = Service::builder().one_request_per_instance().start().await;
        let alice = service.account("alice@example.com").await;
        service.sql("DELETE FROM outbox").await;
        let db = service.db().await;
        db.batch_execute("BEGIN; SELECT FROM users FOR NO KEY UPDATE").await.unwrap();
        let recover = async {
            users_tests::statements_wait(&service.db().await, 1).await;
            db.batch_execute(&format!("{recovery}; COMMIT")).await.unwrap();
        };
        let (answer, ()) = tokio::join!(delete(&service, &alice, PASSWORD), recover);
        assert!([401, 403].contains(&answer.status), "{recovery}: {answer:#?}");
        assert_eq!(service.sql("SELECT count(*) FROM users").await, ["1"], "{recovery}");
        assert_eq!(service.sql("SELECT count(*) FROM outbox").await, ["0"], "{recovery}");
    }
}

#[tokio::test]
async fn a_deletion_runs_three_statements_and_so_does_a_refused_one() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    // A refused one returns the slot of the hash by a statement of its own.
    for (password, id) in [("wrong password", "refused"), (PASSWORD, "deleted")] {
        let request = service.delete("/auth/me").bearer(&alice.tokens.access).id(id);
        request.json(&json!({"password": password})).send().await;
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 3, "{log:#?}");
    }
}

#[tokio::test]
async fn a_deactivated_account_cannot_delete_itself() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    service.sql("UPDATE users SET is_active = false").await;
    assert_problem(&delete(&service, &alice, PASSWORD).await, 403, "inactive_account");
    let none = service.delete("/auth/me").json(&Value::Null).send().await;
    assert_problem(&none, 401, "not_authenticated");
}

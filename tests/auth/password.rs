//! `PUT /auth/password`

use serde_json::json;
use users_tests::{Account, Answer, PASSWORD, Service, assert_problem, pointers, statements_wait};

const NEW: &str = "a stapled battery of horses";

async fn change(service: &Service, token: &str, current: &str, new: &str) -> Answer {
    let body = json!({"current_password": current, "new_password": new});
    service.put("/auth/password").bearer(token).id("change").json(&body).send().await
}

async fn start() -> (Service, Account) {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.empty_outbox().await;
    (service, account)
}

#[tokio::test]
async fn a_changed_password_replaces_the_current_one_and_the_owner_is_told() {
    let (service, account) = start().await;
    change(&service, &account.tokens.access, PASSWORD, NEW).await.expect(204);
    assert_problem(&service.try_login("alice@example.com", PASSWORD).await, 401, "invalid_credentials");
    service.login("alice@example.com", NEW).await;
    assert_eq!(service.outbox().await, [format!("password_changed|{}|{{}}", account.id)]);
    let stored =
        "SELECT password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%', updated_at > created_at FROM users";
    assert_eq!(service.sql(stored).await, ["t|t"]);
}

#[tokio::test]
async fn a_changed_password_ends_all_other_sessions_at_the_next_request() {
    let (service, account) = start().await;
    let others = [
        service.login("alice@example.com", PASSWORD).await,
        service.login("alice@example.com", PASSWORD).await,
    ];
    change(&service, &account.tokens.access, PASSWORD, NEW).await.expect(204);
    for other in &others {
        assert_problem(&service.me(&other.access).await, 401, "invalid_token");
        assert_problem(&service.refresh(&other.refresh).await, 401, "invalid_token");
    }
    service.me(&account.tokens.access).await.expect(200);
    service.refresh(&account.tokens.refresh).await.expect(200);
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["1"]);
}

#[tokio::test]
async fn sessions_of_other_accounts_go_on() {
    let (service, account) = start().await;
    let bob = service.account("bob@example.com").await;
    change(&service, &account.tokens.access, PASSWORD, NEW).await.expect(204);
    service.me(&bob.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_wrong_current_password_is_403_and_changes_nothing() {
    let (service, account) = start().await;
    let before = service.sql("SELECT u FROM users u; SELECT s FROM sessions s").await;
    for wrong in ["not the password", "", "Correct horse battery staple"] {
        let refused = change(&service, &account.tokens.access, wrong, NEW).await;
        assert_problem(&refused, 403, "wrong_password");
    }
    assert_eq!(service.sql("SELECT u FROM users u; SELECT s FROM sessions s").await, before);
    assert_eq!(service.outbox().await, [""; 0]);
}

#[tokio::test]
async fn an_account_without_a_password_cannot_change_it() {
    let (service, account) = start().await;
    service.sql("UPDATE users SET password_hash = ''").await;
    for current in ["", PASSWORD] {
        assert_problem(&change(&service, &account.tokens.access, current, NEW).await, 403, "wrong_password");
    }
}

#[tokio::test]
async fn a_new_password_keeps_the_rules_of_a_registration() {
    let (service, account) = start().await;
    for new in ["short", "password123", "Alice@example.com", &"x".repeat(129)] {
        let refused = change(&service, &account.tokens.access, PASSWORD, new).await;
        assert_eq!(pointers(&refused), ["/new_password"], "{new}");
    }
    assert_eq!(service.outbox().await, [""; 0]);
    service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_new_password_contains_no_denied_word() {
    let service = Service::builder().variable("denied_words", "acme").start().await;
    let account = service.account("alice@example.com").await;
    let refused = change(&service, &account.tokens.access, PASSWORD, "i love 4CME").await;
    assert_eq!(pointers(&refused), ["/new_password"]);
    service.login("alice@example.com", PASSWORD).await;
    change(&service, &account.tokens.access, PASSWORD, NEW).await.expect(204);
}

#[tokio::test]
async fn the_new_password_may_not_be_the_current_one() {
    let (service, account) = start().await;
    let refused = change(&service, &account.tokens.access, PASSWORD, PASSWORD).await;
    assert_eq!(pointers(&refused), ["/new_password"]);
}

#[tokio::test]
async fn a_change_of_the_password_costs_three_statements() {
    let (service, account) = start().await;
    change(&service, &account.tokens.access, PASSWORD, NEW).await.expect(204);
    let log = service.logs().of_request("change").await;
    assert_eq!(log.statements().len(), 3, "expected caller, hash and change: {log:#?}");
}

/// During a recovery, the thief still knows the password and sends a change at the same time.
#[tokio::test]
async fn a_change_that_waits_while_its_session_ends_is_refused() {
    let (service, account) = start().await;
    let before = service.sql("SELECT u FROM users u").await;
    let mut db = service.db().await;
    let recovery = db.transaction().await.unwrap();
    recovery.batch_execute("SELECT FROM users FOR NO KEY UPDATE; DELETE FROM sessions").await.unwrap();
    let commit = async {
        statements_wait(&service.db().await, 1).await;
        recovery.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(change(&service, &account.tokens.access, PASSWORD, NEW), commit);
    assert_problem(&answer, 401, "invalid_token");
    assert_eq!(service.sql("SELECT u FROM users u").await, before, "expected no change");
    assert_eq!(service.outbox().await, [""; 0]);
}

#[tokio::test]
async fn a_change_that_waits_while_the_password_changes_is_refused() {
    let (service, account) = start().await;
    service.register("other@example.com", NEW).await.expect(201);
    service.empty_outbox().await;
    let mut db = service.db().await;
    let other = db.transaction().await.unwrap();
    other
        .batch_execute(
            "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE email = 'other@example.com')
              WHERE email = 'alice@example.com'",
        )
        .await
        .unwrap();
    let commit = async {
        statements_wait(&service.db().await, 1).await;
        other.commit().await.unwrap();
    };
    let request = change(&service, &account.tokens.access, PASSWORD, "another good password");
    let (answer, ()) = tokio::join!(request, commit);
    assert_problem(&answer, 403, "wrong_password");
    assert_eq!(service.outbox().await, [""; 0]);
    service.login("alice@example.com", NEW).await;
}

#[tokio::test]
async fn a_change_while_a_login_renews_the_hash_is_made() {
    let (service, account) = start().await;
    service.register("other@example.com", PASSWORD).await.expect(201);
    service.empty_outbox().await;
    let mut db = service.db().await;
    let other = db.transaction().await.unwrap();
    // Another hash of the same password.
    other
        .batch_execute(
            "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE email = 'other@example.com')
              WHERE email = 'alice@example.com'",
        )
        .await
        .unwrap();
    let commit = async {
        statements_wait(&service.db().await, 1).await;
        other.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(change(&service, &account.tokens.access, PASSWORD, NEW), commit);
    answer.expect(204);
    service.login("alice@example.com", NEW).await;
}

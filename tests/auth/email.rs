//! `PUT /auth/email`

use serde_json::json;
use users_tests::{
    Account, Answer, PASSWORD, Service, assert_common_headers, assert_problem, pointers, statements_wait,
};

async fn change(service: &Service, token: &str, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    service.put("/auth/email").bearer(token).id("change").json(&body).send().await
}

async fn start() -> (Service, Account) {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.empty_outbox().await;
    (service, account)
}

#[tokio::test]
async fn a_change_of_address_is_recorded_for_both_addresses_and_not_made() {
    let (service, account) = start().await;
    let answer = change(&service, &account.tokens.access, " New@example.org ", PASSWORD).await.expect(202);
    assert_common_headers(&answer);
    assert_eq!(answer.body, "{}");
    let id = account.id;
    assert_eq!(
        service.outbox().await,
        [
            format!(r#"email_change|{id}|{{"email": "New@example.org"}}"#),
            format!(r#"email_change_requested|{id}|{{"email": "alice@example.com"}}"#),
        ]
    );
    let me = service.me(&account.tokens.access).await.expect(200).json();
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("alice@example.com"), &json!(false)));
    assert_eq!(me["created_at"], me["updated_at"]);
    assert_problem(&service.try_login("new@example.org", PASSWORD).await, 401, "invalid_credentials");
}

#[tokio::test]
async fn a_wrong_password_is_403_before_a_taken_address_is_409() {
    let (service, account) = start().await;
    service.register("bob@example.com", PASSWORD).await.expect(201);
    service.empty_outbox().await;
    for email in ["bob@example.com", "new@example.org"] {
        let refused = change(&service, &account.tokens.access, email, "not the password").await;
        assert_problem(&refused, 403, "wrong_password");
    }
    for email in ["bob@example.com", "BOB@Example.COM"] {
        assert_problem(&change(&service, &account.tokens.access, email, PASSWORD).await, 409, "email_taken");
    }
    assert_eq!(service.outbox().await, [""; 0]);
}

#[tokio::test]
async fn an_address_of_an_account_without_a_key_is_taken() {
    let (service, account) = start().await;
    service.register("Bob@example.com", PASSWORD).await.expect(201);
    service.sql("UPDATE users SET email_key = NULL, search_text = NULL").await;
    service.empty_outbox().await;
    for email in ["bob@example.com", "BOB@example.com"] {
        assert_problem(&change(&service, &account.tokens.access, email, PASSWORD).await, 409, "email_taken");
    }
    // The caller's own account has no key either.
    change(&service, &account.tokens.access, "ALICE@example.com", PASSWORD).await.expect(202);
}

#[tokio::test]
async fn the_current_address_is_422_and_another_spelling_of_it_is_a_change() {
    let (service, account) = start().await;
    let same = change(&service, &account.tokens.access, "alice@example.com", PASSWORD).await;
    assert_eq!(pointers(&same), ["/email"]);
    change(&service, &account.tokens.access, "Alice@example.com", PASSWORD).await.expect(202);
}

#[tokio::test]
async fn every_broken_field_is_listed() {
    let (service, account) = start().await;
    for (body, expected) in [
        (json!({}), &["/email", "/password"][..]),
        (json!({"email": "x", "password": 1}), &["/email", "/password"]),
        (json!({"email": "a@b.co"}), &["/password"]),
    ] {
        let answer = service.put("/auth/email").bearer(&account.tokens.access).json(&body).send().await;
        assert_eq!(pointers(&answer), expected);
    }
}

#[tokio::test]
async fn a_change_of_address_costs_three_statements() {
    let (service, account) = start().await;
    change(&service, &account.tokens.access, "new@example.org", PASSWORD).await.expect(202);
    let log = service.logs().of_request("change").await;
    assert_eq!(log.statements().len(), 3, "expected caller, hash and request: {log:#?}");
}

/// A thief requests the change at the moment of the recovery.
#[tokio::test]
async fn a_request_that_waits_for_a_recovery_is_refused_and_records_nothing() {
    for recovery in [
        "UPDATE users SET password_hash = 'another'; DELETE FROM sessions",
        "SELECT FROM users FOR NO KEY UPDATE; DELETE FROM sessions",
        "UPDATE users SET is_active = false; DELETE FROM sessions",
    ] {
        let (service, account) = start().await;
        let mut db = service.db().await;
        let transaction = db.transaction().await.unwrap();
        transaction.batch_execute(recovery).await.unwrap();
        let commit = async {
            statements_wait(&service.db().await, 1).await;
            transaction.commit().await.unwrap();
        };
        let request = change(&service, &account.tokens.access, "thief@example.org", PASSWORD);
        let (answer, ()) = tokio::join!(request, commit);
        assert!([401, 403].contains(&answer.status), "{recovery}: {answer:#?}");
        assert_eq!(service.outbox().await, [""; 0], "{recovery}");
    }
}

#[tokio::test]
async fn a_newer_request_ends_the_older_link_before_its_own_message_is_sent() {
    let (service, account) = start().await;
    change(&service, &account.tokens.access, "typo@example.org", PASSWORD).await.expect(202);
    let older = service.mail_to("typo@example.org").await;
    change(&service, &account.tokens.access, "right@example.org", PASSWORD).await.expect(202);
    let body = json!({"token": older.token()});
    let answer = service.post("/auth/email/verify").json(&body).send().await;
    assert_problem(&answer, 410, "link_invalid");
    // The limit of one such message a minute holds back the second message. The older link has ended nevertheless.
    assert!(service.mail().await.iter().all(|mail| mail.to != "right@example.org"), "expected the limit");
    let me = service.me(&account.tokens.access).await.expect(200).json();
    assert_eq!(me["email"], "alice@example.com");
}

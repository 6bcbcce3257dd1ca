//! `POST /auth/email/verification`

use users_tests::{PASSWORD, Service, assert_common_headers, assert_problem, statements_wait};

#[tokio::test]
async fn a_registration_asks_for_the_link_that_verifies_the_address() {
    let service = Service::start().await;
    let user = service.register("alice@example.com", PASSWORD).await.expect(201).json();
    assert_eq!(user["email_verified"], false);
    assert_eq!(service.outbox().await, [format!("email_verification|{}|{{}}", user["id"])]);
    // A refused registration records no message.
    service.register("alice@example.com", PASSWORD).await.expect(409);
    assert_eq!(service.outbox().await.len(), 1);
}

#[tokio::test]
async fn the_link_is_asked_for_again_until_the_address_is_verified() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.empty_outbox().await;
    let send = async || service.post("/auth/email/verification").bearer(&account.tokens.access).send().await;
    let answer = send().await.expect(202);
    assert_common_headers(&answer);
    assert_eq!(answer.body, "{}");
    assert_eq!(service.outbox().await, [format!("email_verification|{}|{{}}", account.id)]);
    service.empty_outbox().await;
    service.sql("UPDATE users SET email_verified = true").await;
    assert_eq!(send().await.expect(202).body, "{}");
    assert_eq!(service.outbox().await, [""; 0], "expected nothing for a verified address");
}

#[tokio::test]
async fn asking_for_the_link_costs_two_statements() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let request = service.post("/auth/email/verification").bearer(&account.tokens.access);
    request.id("ask").send().await.expect(202);
    let log = service.logs().of_request("ask").await;
    assert_eq!(log.statements().len(), 2, "{log:#?}");
}

#[tokio::test]
async fn a_request_that_waits_while_its_session_ends_is_refused_and_records_nothing() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.empty_outbox().await;
    let mut db = service.db().await;
    let recovery = db.transaction().await.unwrap();
    recovery.batch_execute("SELECT FROM users FOR NO KEY UPDATE; DELETE FROM sessions").await.unwrap();
    let commit = async {
        statements_wait(&service.db().await, 1).await;
        recovery.commit().await.unwrap();
    };
    let request = service.post("/auth/email/verification").bearer(&account.tokens.access).send();
    let (answer, ()) = tokio::join!(request, commit);
    assert_problem(&answer, 401, "invalid_token");
    assert_eq!(service.outbox().await, [""; 0]);
}

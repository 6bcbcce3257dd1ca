//! `POST /auth/email/verify`

use serde_json::json;
use users_tests::{Account, Answer, PASSWORD, Service, assert_problem, pointers};

async fn verify(service: &Service, token: &str) -> Answer {
    service.post("/auth/email/verify").id("verify").json(&json!({"token": token})).send().await
}

async fn start() -> (Service, Account) {
    let service = Service::builder().one_request_per_instance().start().await;
    let account = service.account("alice@example.com").await;
    service.empty_outbox().await;
    (service, account)
}

/// All rows that a refused change must not alter.
async fn state(service: &Service) -> Vec<String> {
    service
        .sql(
            "SELECT u FROM users u ORDER BY id; SELECT t FROM one_time_tokens t ORDER BY message_id;
             SELECT o FROM outbox o ORDER BY id; SELECT s FROM sessions s ORDER BY id",
        )
        .await
}

#[tokio::test]
async fn a_link_verifies_the_address_once() {
    let (service, account) = start().await;
    let token = service.link("email_verification", account.id, &account.email).await;
    verify(&service, &token).await.expect(204);
    let me = service.me(&account.tokens.access).await.expect(200).json();
    assert_eq!(me["email_verified"], true);
    assert_ne!(me["updated_at"], me["created_at"]);
    assert_problem(&verify(&service, &token).await, 410, "link_invalid");
    assert_eq!(service.sql("SELECT count(*) FROM one_time_tokens").await, ["0"]);
    assert_eq!(service.outbox().await, [""; 0]);
}

#[tokio::test]
async fn a_verification_leaves_other_links_as_they_are() {
    let (service, account) = start().await;
    let token = service.link("email_verification", account.id, &account.email).await;
    service.link("password_reset", account.id, &account.email).await;
    verify(&service, &token).await.expect(204);
    assert_eq!(service.sql("SELECT purpose FROM one_time_tokens").await, ["password_reset"]);
}

#[tokio::test]
async fn a_link_to_the_new_address_makes_it_the_accounts() {
    let (service, account) = start().await;
    service
        .sql(&format!("INSERT INTO profiles (user_id, is_created, preferences) VALUES ({}, true, '{{\"language\": \"de\"}}')", account.id))
        .await;
    let token = service.link("email_change", account.id, "Neu@Bücher.example").await;
    verify(&service, &token).await.expect(204);
    let me = service.me(&account.tokens.access).await.expect(200).json();
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("Neu@Bücher.example"), &json!(true)));
    assert_ne!(me["updated_at"], me["created_at"]);
    service.login("neu@xn--bcher-kva.example", PASSWORD).await;
    assert_problem(&service.try_login("alice@example.com", PASSWORD).await, 401, "invalid_credentials");
    assert_eq!(
        service.sql("SELECT email_key, replace(search_text, E'\\n', '/') FROM users").await,
        ["neu@xn--bcher-kva.example|neu@bücher.example/"]
    );
    assert_eq!(
        service.outbox().await,
        [format!(r#"email_changed_from|{}|{{"email": "alice@example.com", "language": "de"}}"#, account.id)]
    );
    assert_problem(&verify(&service, &token).await, 410, "link_invalid");
    // The former address is free.
    service.register("alice@example.com", PASSWORD).await.expect(201);
}

#[tokio::test]
async fn a_changed_address_ends_all_other_links() {
    let (service, account) = start().await;
    let token = service.link("email_change", account.id, "new@example.org").await;
    let mut others = Vec::new();
    for (purpose, email) in [
        ("email_verification", "alice@example.com"),
        ("password_reset", "alice@example.com"),
        ("email_change", "x@example.org"),
    ] {
        others.push(service.link(purpose, account.id, email).await);
    }
    verify(&service, &token).await.expect(204);
    assert_eq!(service.sql("SELECT count(*) FROM one_time_tokens").await, ["0"]);
    for other in others {
        assert_problem(&verify(&service, &other).await, 410, "link_invalid");
    }
}

#[tokio::test]
async fn the_account_is_found_by_its_new_address_and_by_the_name_that_it_has_then() {
    let (service, account) = start().await;
    let administrator = service.administrator("root@example.com").await;
    let token = service.link("email_change", account.id, "new@example.org").await;
    let body = json!({"full_name": "Zoë Ångström"});
    service.put("/profile/").bearer(&account.tokens.access).json(&body).send().await.expect(200);
    verify(&service, &token).await.expect(204);
    for (text, count) in [("new@example", 1), ("zoë ång", 1), ("alice", 0)] {
        let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!("/users/?search={escaped}");
        let found = service.get(&path).bearer(&administrator.tokens.access).send().await.expect(200).json();
        assert_eq!(found.as_array().map(Vec::len), Some(count), "{text}: {found:#}");
    }
}

#[tokio::test]
async fn an_account_without_a_key_gets_one_with_its_new_address() {
    let (service, account) = start().await;
    service.sql("UPDATE users SET email_key = NULL, search_text = NULL").await;
    let token = service.link("email_change", account.id, "new@example.org").await;
    verify(&service, &token).await.expect(204);
    assert_eq!(service.sql("SELECT email, email_key FROM users").await, ["new@example.org|new@example.org"]);
    service.login("new@example.org", PASSWORD).await;
    let _ = service.database().usersctl(&["migrate", "upgrade"]);
    let stored = "SELECT email_key, replace(search_text, E'\\n', '/') FROM users";
    assert_eq!(service.sql(stored).await, ["new@example.org|new@example.org/"]);
}

#[tokio::test]
async fn another_spelling_of_the_address_is_no_news_to_its_owner() {
    let (service, account) = start().await;
    let token = service.link("email_change", account.id, "Alice@Example.com").await;
    verify(&service, &token).await.expect(204);
    assert_eq!(
        service.sql("SELECT email, email_key, email_verified FROM users").await,
        ["Alice@Example.com|alice@example.com|t"]
    );
    assert_eq!(service.outbox().await, [""; 0]);
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_is_409_and_nothing_changes() {
    let (service, account) = start().await;
    let token = service.link("email_change", account.id, "new@example.org").await;
    service.register("NEW@example.org", PASSWORD).await.expect(201);
    for keys in ["with", "without"] {
        let before = state(&service).await;
        assert_problem(&verify(&service, &token).await, 409, "email_taken");
        assert_eq!(state(&service).await, before, "{keys} keys");
        service.sql("UPDATE users SET email_key = NULL, search_text = NULL").await;
    }
    // The link still works when the address is free again.
    service.sql("DELETE FROM users WHERE email = 'NEW@example.org'").await;
    verify(&service, &token).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_accounts_that_get_one_address_at_once_one_does() {
    let (service, alice) = start().await;
    let bob = service.account("bob@example.com").await;
    service.empty_outbox().await;
    let first = service.link("email_change", alice.id, "new@example.org").await;
    let second = service.link("email_change", bob.id, "New@example.org").await;
    let (one, other) = tokio::join!(verify(&service, &first), verify(&service, &second));
    let (won, lost) = if one.status == 204 { (one, other) } else { (other, one) };
    won.expect(204);
    assert_problem(&lost, 409, "email_taken");
    assert_eq!(service.sql("SELECT count(*) FROM users WHERE email_key = 'new@example.org'").await, ["1"]);
    assert_eq!(service.outbox().await.len(), 1, "expected one notice");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_uses_of_one_link_at_once_one_succeeds() {
    let (service, account) = start().await;
    let token = service.link("email_change", account.id, "new@example.org").await;
    let answers = futures::future::join_all((0..20).map(|_| verify(&service, &token))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1, "{answers:#?}");
    for answer in answers.iter().filter(|answer| answer.status != 204) {
        assert_problem(answer, 410, "link_invalid");
    }
    assert_eq!(service.outbox().await.len(), 1, "expected one notice");
}

#[tokio::test]
async fn any_other_text_than_a_good_token_is_410() {
    let (service, account) = start().await;
    let former = service.link("email_verification", account.id, "former@example.com").await;
    let reset = service.link("password_reset", account.id, &account.email).await;
    let invitation = service.link("invitation", account.id, &account.email).await;
    let before = state(&service).await;
    for bad in [former.as_str(), &reset, &invitation, "", "x", &"x".repeat(40_000)] {
        assert_problem(&verify(&service, bad).await, 410, "link_invalid");
    }
    assert_eq!(state(&service).await, before);
    let expired = service.link("email_verification", account.id, &account.email).await;
    service.sql("UPDATE one_time_tokens SET expires_at = now() - interval '1 s'").await;
    assert_problem(&verify(&service, &expired).await, 410, "link_invalid");
    assert_eq!(pointers(&service.post("/auth/email/verify").json(&json!({})).send().await), ["/token"]);
}

#[tokio::test]
async fn a_link_of_a_deactivated_account_is_410() {
    let (service, account) = start().await;
    service.sql("UPDATE users SET is_active = false").await;
    for (purpose, email) in [("email_verification", "alice@example.com"), ("email_change", "new@example.org")]
    {
        let token = service.link(purpose, account.id, email).await;
        assert_problem(&verify(&service, &token).await, 410, "link_invalid");
    }
    assert_eq!(service.sql("SELECT email, email_verified FROM users").await, ["alice@example.com|f"]);
}

#[tokio::test]
async fn an_unknown_token_costs_one_statement_and_a_good_one_two() {
    let (service, account) = start().await;
    let change = service.link("email_change", account.id, "new@example.org").await;
    for (id, token, count) in [("unknown", "x", 1), ("change", change.as_str(), 2)] {
        service.post("/auth/email/verify").id(id).json(&json!({"token": token})).send().await;
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), count, "{id}: {log:#?}");
        assert_eq!(log.access()["user_id"].as_i64(), (count == 2).then_some(account.id), "{log:#?}");
    }
}

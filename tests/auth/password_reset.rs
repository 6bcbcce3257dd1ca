//! `POST /auth/password/reset`

use futures::future::join_all;
use serde_json::json;
use users_tests::{Account, Answer, PASSWORD, Service, Tokens, assert_problem, pointers, statements_wait};

const NEW: &str = "a stapled battery of horses";

async fn reset(service: &Service, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "new_password": password});
    service.post("/auth/password/reset").id("reset").json(&body).send().await
}

async fn start() -> (Service, Account) {
    let service = Service::builder().one_request_per_instance().start().await;
    let account = service.account("alice@example.com").await;
    service.empty_outbox().await;
    (service, account)
}

#[tokio::test]
async fn a_reset_sets_the_password_and_verifies_the_address_and_the_owner_is_told() {
    let (service, account) = start().await;
    let token = service.link("password_reset", account.id, &account.email).await;
    reset(&service, &token, NEW).await.expect(204);
    assert_problem(&service.try_login("alice@example.com", PASSWORD).await, 401, "invalid_credentials");
    let tokens = service.login("alice@example.com", NEW).await;
    assert_eq!(service.me(&tokens.access).await.json()["email_verified"], true);
    assert_eq!(service.outbox().await, [format!("password_changed|{}|{{}}", account.id)]);
    assert_eq!(service.sql("SELECT updated_at > created_at FROM users").await, ["t"]);
}

#[tokio::test]
async fn a_reset_ends_all_sessions_of_the_account_and_of_no_other() {
    let (service, account) = start().await;
    let bob = service.account("bob@example.com").await;
    let second = service.login("alice@example.com", PASSWORD).await;
    let token = service.link("password_reset", account.id, &account.email).await;
    reset(&service, &token, NEW).await.expect(204);
    for tokens in [&account.tokens, &second] {
        assert_problem(&service.me(&tokens.access).await, 401, "invalid_token");
        assert_problem(&service.refresh(&tokens.refresh).await, 401, "invalid_token");
    }
    service.me(&bob.tokens.access).await.expect(200);
    assert_eq!(service.sql("SELECT user_id FROM sessions").await, [bob.id.to_string()]);
}

/// Somebody else may have opened the account for this address, and have added the factor.
#[tokio::test]
async fn a_reset_that_verifies_the_address_for_the_first_time_removes_the_factors_and_a_later_one_does_not() {
    let (service, account) = start().await;
    let factors = format!(
        "UPDATE users SET factors_since = now();
         INSERT INTO totp VALUES ({id}, 'seed', now(), 1, NULL, NULL, NULL);
         INSERT INTO recovery_codes (user_id, code_hash) VALUES ({id}, sha256('code'));
         INSERT INTO api_keys (user_id, name, key_hash, second_factor) VALUES ({id}, 'a key', sha256('key'), true)",
        id = account.id
    );
    let left = "SELECT 'since' FROM users WHERE factors_since IS NOT NULL UNION ALL SELECT 'totp' FROM totp
                 UNION ALL SELECT 'code' FROM recovery_codes UNION ALL SELECT 'key' FROM api_keys";
    for (password, expected_left, told) in [
        (NEW, &[][..], &["factors_reset", "password_changed"][..]),
        ("another good password", &["since", "totp", "code"], &["password_changed"]),
    ] {
        service.sql(&factors).await;
        service.empty_outbox().await;
        let token = service.link("password_reset", account.id, &account.email).await;
        reset(&service, &token, password).await.expect(204);
        assert_eq!(service.sql(left).await, expected_left);
        assert_eq!(service.sql("SELECT kind FROM outbox ORDER BY 1").await, told);
    }
}

#[tokio::test]
async fn an_invitation_sets_the_first_password_and_there_is_no_notice() {
    let (service, account) = start().await;
    service.sql("UPDATE users SET password_hash = ''").await;
    let token = service.link("invitation", account.id, &account.email).await;
    reset(&service, &token, NEW).await.expect(204);
    service.login("alice@example.com", NEW).await;
    assert_eq!(service.outbox().await, [""; 0]);
    assert_eq!(service.sql("SELECT email_verified FROM users").await, ["t"]);
}

#[tokio::test]
async fn an_invitation_ends_when_the_account_gets_a_password_otherwise() {
    let (service, account) = start().await;
    // The account has a password. The invitation was not ended, and it fails nevertheless.
    let token = service.link("invitation", account.id, &account.email).await;
    assert_problem(&reset(&service, &token, NEW).await, 410, "link_invalid");
    service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_link_works_once() {
    let (service, account) = start().await;
    let token = service.link("password_reset", account.id, &account.email).await;
    reset(&service, &token, NEW).await.expect(204);
    assert_problem(&reset(&service, &token, "another good password").await, 410, "link_invalid");
    service.login("alice@example.com", NEW).await;
    assert_eq!(service.sql("SELECT count(*) FROM one_time_tokens").await, ["0"]);
}

#[tokio::test]
async fn any_other_text_than_a_good_token_is_410_alike() {
    let (service, account) = start().await;
    let token = service.link("password_reset", account.id, &account.email).await;
    let expired = service.link("password_reset", account.id, &account.email).await;
    service
        .sql(&format!(
            "UPDATE one_time_tokens SET expires_at = now() - interval '1 s' WHERE token_hash = '\\x{}'",
            users_tests::token::sha256_hex(&expired)
        ))
        .await;
    let mut details = Vec::new();
    for bad in [&expired, "", "x", "🗝", &token[1..], &token.to_uppercase(), &"x".repeat(40_000)] {
        let answer = reset(&service, bad, NEW).await;
        assert_problem(&answer, 410, "link_invalid");
        details.push(answer.json()["detail"].clone());
    }
    assert!(details.iter().all(|it| *it == details[0]), "expected one text: {details:?}");
    service.login("alice@example.com", PASSWORD).await;
    reset(&service, &token, NEW).await.expect(204);
}

#[tokio::test]
async fn a_link_with_another_purpose_sets_no_password() {
    let (service, account) = start().await;
    for purpose in ["email_verification", "email_change"] {
        let token = service.link(purpose, account.id, &account.email).await;
        assert_problem(&reset(&service, &token, NEW).await, 410, "link_invalid");
    }
    assert_eq!(service.sql("SELECT count(*) FROM one_time_tokens").await, ["2"], "expected them to stay");
}

#[tokio::test]
async fn a_link_to_another_address_or_of_a_deactivated_account_is_410() {
    let (service, account) = start().await;
    let token = service.link("password_reset", account.id, "former@example.com").await;
    assert_problem(&reset(&service, &token, NEW).await, 410, "link_invalid");
    service.sql("UPDATE users SET is_active = false").await;
    let token = service.link("password_reset", account.id, &account.email).await;
    assert_problem(&reset(&service, &token, NEW).await, 410, "link_invalid");
    service.sql("UPDATE users SET is_active = true").await;
    service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_link_of_a_deleted_account_is_410() {
    let (service, account) = start().await;
    let token = service.link("password_reset", account.id, &account.email).await;
    service.sql("DELETE FROM users").await;
    assert_problem(&reset(&service, &token, NEW).await, 410, "link_invalid");
    assert_eq!(service.sql("SELECT count(*) FROM one_time_tokens").await, ["0"]);
}

#[tokio::test]
async fn a_password_that_breaks_a_rule_leaves_the_link_as_it_is() {
    let (service, account) = start().await;
    let token = service.link("password_reset", account.id, &account.email).await;
    for bad in ["short", "password123", "ALICE@example.com", &"x".repeat(129)] {
        assert_eq!(pointers(&reset(&service, &token, bad).await), ["/new_password"], "{bad}");
    }
    let nothing = service.post("/auth/password/reset").json(&json!({})).send().await;
    assert_eq!(pointers(&nothing), ["/new_password", "/token"]);
    reset(&service, &token, NEW).await.expect(204);
}

#[tokio::test]
async fn a_denied_word_leaves_the_link_as_it_is() {
    let service = Service::builder().variable("denied_words", "acme").start().await;
    let account = service.account("alice@example.com").await;
    let token = service.link("password_reset", account.id, &account.email).await;
    assert_eq!(pointers(&reset(&service, &token, "i love 4CME").await), ["/new_password"]);
    reset(&service, &token, NEW).await.expect(204);
}

#[tokio::test]
async fn the_password_may_stay_the_same() {
    let (service, account) = start().await;
    let token = service.link("password_reset", account.id, &account.email).await;
    reset(&service, &token, PASSWORD).await.expect(204);
    service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test]
async fn an_unknown_token_costs_one_statement_and_a_good_one_two() {
    let (service, account) = start().await;
    let token = service.link("password_reset", account.id, &account.email).await;
    for (id, token, count) in [("unknown", "x", 1), ("good", token.as_str(), 2)] {
        let body = json!({"token": token, "new_password": NEW});
        service.post("/auth/password/reset").id(id).json(&body).send().await;
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), count, "{id}: {log:#?}");
        assert_eq!(log.access()["user_id"].as_i64(), (count == 2).then_some(account.id), "{log:#?}");
    }
}

/// Sends a reset again while the service is too busy to hash: fifty passwords at once are more than a slow machine hashes in the time
/// that a request waits for a slot.
async fn reset_with_patience(service: &Service, token: &str, password: &str) -> Answer {
    loop {
        let answer = reset(service, token, password).await;
        if answer.status != 503 {
            return answer;
        }
        assert_problem(&answer, 503, "too_busy");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_resets_with_one_token_at_once_one_succeeds() {
    let (service, account) = start().await;
    let token = service.link("password_reset", account.id, &account.email).await;
    let password = |number: usize| format!("the new password {number}");
    let passwords: Vec<String> = (0..50).map(password).collect();
    let answers =
        join_all(passwords.iter().map(|password| reset_with_patience(&service, &token, password))).await;
    let winners: Vec<usize> = (0..50).filter(|number| answers[*number].status == 204).collect();
    assert_eq!(winners.len(), 1, "expected one 204: {answers:#?}");
    for answer in answers.iter().filter(|answer| answer.status != 204) {
        assert_problem(answer, 410, "link_invalid");
    }
    service.login("alice@example.com", &password(winners[0])).await;
    assert_eq!(
        service.outbox().await,
        [format!("password_changed|{}|{{}}", account.id)],
        "expected one notice"
    );
}

#[tokio::test]
async fn two_tokens_of_one_message_end_with_the_first_use() {
    let (service, account) = start().await;
    let first = service.link("password_reset", account.id, &account.email).await;
    let second = service.link("password_reset", account.id, &account.email).await;
    reset(&service, &first, NEW).await.expect(204);
    assert_problem(&reset(&service, &second, "another good password").await, 410, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_of_the_old_password_survives_a_reset_that_races_with_logins() {
    let (service, account) = start().await;
    let mut current = PASSWORD.to_owned();
    for round in 0..25 {
        let token = service.link("password_reset", account.id, &account.email).await;
        let next = format!("the password of round {round}");
        let logins = join_all((0..3).map(|_| service.try_login("alice@example.com", &current)));
        let (logins, answer) = tokio::join!(logins, reset(&service, &token, &next));
        answer.expect(204);
        for login in logins {
            if login.status == 200 {
                let tokens = Tokens::of(&login);
                assert_problem(&service.me(&tokens.access).await, 401, "invalid_token");
                assert_problem(&service.refresh(&tokens.refresh).await, 401, "invalid_token");
            } else {
                assert_problem(&login, 401, "invalid_credentials");
            }
        }
        assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"], "round {round}");
        current = next;
    }
}

#[tokio::test]
async fn a_login_that_waits_for_a_reset_is_refused() {
    let (service, account) = start().await;
    let mut db = service.db().await;
    let other = db.transaction().await.unwrap();
    other.batch_execute("UPDATE users SET password_hash = 'another'; DELETE FROM sessions").await.unwrap();
    let commit = async {
        statements_wait(&service.db().await, 1).await;
        other.commit().await.unwrap();
    };
    let (login, ()) = tokio::join!(service.try_login(&account.email, PASSWORD), commit);
    assert_problem(&login, 401, "invalid_credentials");
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"]);
}

#[tokio::test]
async fn a_reset_that_waits_while_its_link_ends_is_410() {
    let (service, account) = start().await;
    let token = service.link("password_reset", account.id, &account.email).await;
    let mut db = service.db().await;
    let other = db.transaction().await.unwrap();
    // A trigger ends the links.
    other.batch_execute("UPDATE users SET email = 'new@example.com'").await.unwrap();
    let commit = async {
        statements_wait(&service.db().await, 1).await;
        other.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(reset(&service, &token, NEW), commit);
    assert_problem(&answer, 410, "link_invalid");
    assert_eq!(service.outbox().await, [""; 0]);
    service.me(&account.tokens.access).await.expect(200);
}

//! `DELETE /users/{id}/factors`

use serde_json::Value;
use users_tests::{Account, PASSWORD, assert_problem, token};

use crate::support::{Fixture, assert_nothing, grant};

/// The rows that are left of the factors of all accounts, and of the proof that their keys have.
const LEFT: &str = "
    SELECT 'totp', user_id FROM totp UNION ALL SELECT 'passkey', user_id FROM passkeys
     UNION ALL SELECT 'recovery code', user_id FROM recovery_codes
     UNION ALL SELECT 'challenge', user_id FROM login_challenges
     UNION ALL SELECT 'begun', s.user_id FROM passkey_challenges c JOIN sessions s ON s.id = c.session_id
     UNION ALL SELECT 'key', user_id FROM api_keys WHERE second_factor
     UNION ALL SELECT 'has one', id FROM users WHERE factors_since IS NOT NULL
     ORDER BY 1";

/// An account with every kind of factor, and all that goes with them.
async fn with_factors(fixture: &Fixture, email: &str) -> Account {
    let account = fixture.service.account(email).await;
    let session = token::claims(&account.tokens.access)["sid"].as_str().expect("a session").to_owned();
    fixture
        .sql(&format!(
            "UPDATE users SET factors_since = now() WHERE id = {id};
             UPDATE sessions SET factor_at = now() WHERE user_id = {id};
             INSERT INTO totp VALUES ({id}, 'seed', now(), 1, NULL, NULL, NULL);
             INSERT INTO recovery_codes (user_id, code_hash) VALUES ({id}, sha256('{email} 1')), ({id}, sha256('{email} 2'));
             INSERT INTO passkeys (user_id, name, credential_id, public_key, algorithm, sign_count, backup_eligible, backed_up, user_verified,
                                   transports, aaguid)
             VALUES ({id}, 'my phone', sha256('{email}'), 'key', -7, 1, true, false, true, '{{hybrid}}', gen_random_uuid());
             INSERT INTO login_challenges (challenge_hash, user_id, shared_key, own_key) VALUES (sha256('{email}'), {id}, 'shared', 'own');
             INSERT INTO passkey_challenges (challenge_hash, purpose, session_id) VALUES (sha256('{email}'), 'proof', {session});
             INSERT INTO api_keys (user_id, name, key_hash, second_factor) VALUES ({id}, 'a key', sha256('{email}'), true)",
            id = account.id
        ))
        .await;
    account
}

fn path(account: &Account) -> String {
    format!("/users/{}/factors", account.id)
}

#[tokio::test]
async fn all_factors_of_the_account_go_and_the_owner_is_told() {
    let fixture = Fixture::start().await;
    let alice = with_factors(&fixture, "alice@example.com").await;
    let bob = with_factors(&fixture, "bob@example.com").await;
    fixture.service.empty_outbox().await;
    let of_bob = fixture.sql(LEFT).await.into_iter().filter(|it| it.ends_with(&format!("|{}", bob.id)));
    let of_bob: Vec<String> = of_bob.collect();
    assert_eq!(of_bob.len(), 8);
    assert_nothing(&fixture.delete(&path(&alice)).await);
    assert_eq!(fixture.sql(LEFT).await, of_bob, "expected the other account to keep all");
    assert_eq!(fixture.service.outbox().await, [format!("factors_reset|{}|{{}}", alice.id)]);
    assert_problem(&fixture.service.me(&alice.tokens.access).await, 401, "invalid_token");
    assert_problem(&fixture.service.refresh(&alice.tokens.refresh).await, 401, "invalid_token");
    fixture.service.login("alice@example.com", PASSWORD).await;
    fixture.service.me(&bob.tokens.access).await.expect(200);
}

#[tokio::test]
async fn without_a_factor_there_is_nobody_to_tell_and_the_sessions_stay() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    // One that is begun goes, though it is none yet.
    let begun = format!("INSERT INTO totp VALUES ({}, NULL, NULL, NULL, 'seed', 1, now())", alice.id);
    fixture.sql(&begun).await;
    fixture.service.empty_outbox().await;
    for _ in 0..2 {
        assert_nothing(&fixture.delete(&path(&alice)).await);
    }
    assert!(fixture.sql(LEFT).await.is_empty());
    assert!(fixture.service.outbox().await.is_empty());
    fixture.service.me(&alice.tokens.access).await.expect(200);
    assert_problem(&fixture.delete("/users/999999/factors").await, 404, "not_found");
    let program = fixture.add_service("Report").await;
    assert_nothing(&fixture.delete(&format!("/users/{program}/factors")).await);
}

#[tokio::test]
async fn a_reset_is_one_statement_and_a_line_of_the_log() {
    let fixture = Fixture::start().await;
    let alice = with_factors(&fixture, "alice@example.com").await;
    for (id, expected) in [("first", 1), ("second", 0)] {
        let request = fixture.service.delete(&path(&alice)).bearer(&fixture.root.tokens.access).id(id);
        assert_nothing(&request.send().await);
        let log = fixture.service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 2, "the guard's and the reset: {log:#?}");
        let message = format!("the second factors of account {} were reset", alice.id);
        let lines = fixture.service.logs().objects();
        let said: Vec<&Value> =
            lines.iter().filter(|it| it["request_id"] == id && it["message"] == message.as_str()).collect();
        assert_eq!(said.len(), expected, "{id}: {lines:#?}");
        assert!(said.iter().all(|it| it["user_id"] == fixture.root.id && it["level"] == "warn"), "{said:#?}");
    }
}

#[tokio::test]
async fn nobody_resets_their_own_factors_or_those_of_administrators_without_being_one() {
    let fixture = Fixture::start().await;
    let root = with_factors(&fixture, "boss@example.com").await;
    fixture.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", root.id)).await;
    let operator = fixture.service.account("operator@example.com").await;
    grant(&fixture.service, operator.id, "accounts:write").await;
    let alice = with_factors(&fixture, "alice@example.com").await;
    let before = fixture.sql(LEFT).await;
    let reset = async |caller: &Account, of: &Account| {
        fixture.service.delete(&path(of)).bearer(&caller.tokens.access).send().await
    };
    for (caller, of, status, code) in [
        (&root, &root, 409, "cannot_target_self"),
        (&operator, &operator, 409, "cannot_target_self"),
        (&operator, &root, 403, "admin_required"),
        (&alice, &operator, 403, "admin_required"),
        (&alice, &alice, 403, "admin_required"),
    ] {
        assert_problem(&reset(caller, of).await, status, code);
    }
    assert_eq!(fixture.sql(LEFT).await, before);
    assert_nothing(&reset(&operator, &alice).await);
    assert_nothing(&reset(&fixture.root, &root).await);
    assert!(fixture.sql(LEFT).await.is_empty());
}

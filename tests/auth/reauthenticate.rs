//! `POST /auth/reauthenticate`

use serde_json::json;
use users_tests::{
    Account, Answer, PASSWORD, Service, Tokens, assert_problem, pointers, statements_wait, token,
};

async fn start() -> (Service, Account) {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    make_stale(&service).await;
    (service, alice)
}

async fn make_stale(service: &Service) {
    service.sql("UPDATE sessions SET authenticated_at = now() - interval '11 minutes'").await;
}

async fn reauthenticate(service: &Service, access: &str, password: &str) -> Answer {
    let request = service.post("/auth/reauthenticate").bearer(access).id("reauthenticate");
    request.json(&json!({"password": password})).send().await
}

async fn export(service: &Service, access: &str) -> Answer {
    service.get("/auth/export").bearer(access).send().await
}

#[tokio::test]
async fn the_password_makes_the_session_fresh_and_no_other_one() {
    let (service, alice) = start().await;
    let other = service.login("alice@example.com", PASSWORD).await;
    make_stale(&service).await;
    assert_problem(&export(&service, &alice.tokens.access).await, 401, "insufficient_user_authentication");
    reauthenticate(&service, &alice.tokens.access, PASSWORD).await.expect(204);
    export(&service, &alice.tokens.access).await.expect(200);
    assert_problem(&export(&service, &other.access).await, 401, "insufficient_user_authentication");
    let changed = "SELECT factor_at IS NULL, methods, last_used_at < authenticated_at FROM sessions ORDER BY id LIMIT 1";
    assert_eq!(service.sql(changed).await, ["t|{pwd}|t"], "expected no use of the refresh token");
}

#[tokio::test]
async fn the_next_token_tells_of_the_new_proof() {
    let (service, alice) = start().await;
    reauthenticate(&service, &alice.tokens.access, PASSWORD).await.expect(204);
    let refreshed = Tokens::of(&service.refresh(&alice.tokens.refresh).await.expect(200));
    let claims = token::claims(&refreshed.access);
    let age = claims["iat"].as_i64().unwrap() - claims["auth_time"].as_i64().unwrap();
    assert!((0..60).contains(&age), "{claims:#}");
    assert_eq!(claims["amr"], json!(["pwd"]));
}

#[tokio::test]
async fn a_session_of_the_release_before_becomes_fresh_too() {
    let (service, alice) = start().await;
    service.sql("UPDATE sessions SET authenticated_at = NULL, methods = NULL, created_at = now() - interval '1 day'").await;
    assert_problem(&export(&service, &alice.tokens.access).await, 401, "insufficient_user_authentication");
    reauthenticate(&service, &alice.tokens.access, PASSWORD).await.expect(204);
    export(&service, &alice.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_wrong_password_is_403_and_changes_nothing() {
    let (service, alice) = start().await;
    let before = service.sql("SELECT s FROM sessions s").await;
    for wrong in ["not the password", ""] {
        assert_problem(&reauthenticate(&service, &alice.tokens.access, wrong).await, 403, "wrong_password");
    }
    assert_eq!(service.sql("SELECT s FROM sessions s").await, before);
    let empty =
        service.post("/auth/reauthenticate").bearer(&alice.tokens.access).json(&json!({})).send().await;
    assert_eq!(pointers(&empty), ["/password"]);
}

#[tokio::test]
async fn a_right_password_is_not_counted_and_gives_its_slot_back() {
    let service = Service::builder().variable("limit_password_failures", "1/10m").start().await;
    let alice = service.account("alice@example.com").await;
    for _ in 0..3 {
        reauthenticate(&service, &alice.tokens.access, PASSWORD).await.expect(204);
    }
    assert_eq!(service.sql("SELECT count(*) FROM limits WHERE attempts <> '{}'").await, ["0"]);
    assert_eq!(service.sql("SELECT count(*) FROM hash_slots WHERE leased_until > now()").await, ["0"]);
    let log = service.logs().of_request("reauthenticate").await;
    assert_eq!(log.statements().len() % 3, 0, "expected three statements for each: {log:#?}");
}

/// The route would otherwise be a way around the factor.
#[tokio::test]
async fn where_a_second_factor_is_set_up_the_password_is_not_even_compared() {
    let (service, alice) = start().await;
    service.sql("UPDATE users SET factors_since = now()").await;
    let before = service.sql("SELECT s FROM sessions s").await;
    for password in [PASSWORD, "not the password"] {
        let refused = reauthenticate(&service, &alice.tokens.access, password).await;
        assert_problem(&refused, 401, "insufficient_user_authentication");
        assert!(refused.header("www-authenticate").unwrap().contains(r#"acr_values="2""#), "{refused:#?}");
    }
    assert_eq!(service.sql("SELECT s FROM sessions s").await, before);
    assert_eq!(service.sql("SELECT count(*) FROM limits WHERE attempts <> '{}'").await, ["0"]);
}

/// While a request compares the password, its session may end, or a second factor may be set up. Then it must not be fresh afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn what_changed_meanwhile_counts() {
    for change in ["DELETE FROM sessions", "UPDATE users SET factors_since = now()"] {
        let service = Service::builder().one_request_per_instance().start().await;
        let alice = service.account("alice@example.com").await;
        make_stale(&service).await;
        let db = service.db().await;
        let lock = format!("BEGIN; SELECT FROM users WHERE id = {} FOR NO KEY UPDATE", alice.id);
        db.batch_execute(&lock).await.unwrap();
        let meanwhile = async {
            statements_wait(&service.db().await, 1).await;
            db.batch_execute(&format!("{change}; COMMIT")).await.unwrap();
        };
        let (answer, ()) = tokio::join!(reauthenticate(&service, &alice.tokens.access, PASSWORD), meanwhile);
        assert_problem(&answer, 401, "invalid_token");
        let fresh = "SELECT FROM sessions WHERE authenticated_at > now() - interval '10 minutes'";
        assert!(service.sql(fresh).await.is_empty(), "{change}");
    }
}

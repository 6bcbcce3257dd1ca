//! `/auth/totp` (RFC 6238)

use serde_json::{Value, json};
use users_tests::{
    Account, Authenticator, Front, PASSWORD, Service, assert_no_store, assert_problem, assert_timestamp,
    fields, pointers, within_a_step,
};

const ALICE: &str = "alice@example.com";

async fn start() -> (Service, Account) {
    let service = Service::start().await;
    let alice = service.account(ALICE).await;
    service.empty_outbox().await;
    (service, alice)
}

async fn factors(service: &Service, access: &str) -> Value {
    service.get("/auth/factors").bearer(access).send().await.expect(200).json()
}

/// Logs in with the password and this code. Returns the status.
async fn try_code(front: &Front, code: String) -> u16 {
    let challenge = front.challenge(ALICE).await;
    front.login_factor(&challenge, &json!({"code": code})).await.status
}

/// RFC 6238 appendix B, SHA-1. Its codes have eight digits, of which ours are the last six.
#[test]
fn the_authenticator_of_the_tests_makes_the_codes_of_the_standard() {
    let authenticator = Authenticator::of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    for (seconds, code) in [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ] {
        assert_eq!(authenticator.code_of(seconds / 30), code[2..]);
    }
}

#[tokio::test]
async fn a_secret_comes_as_text_as_a_uri_and_as_an_image() {
    let (service, alice) = start().await;
    let answer = service.post("/auth/totp").bearer(&alice.tokens.access).send().await.expect(200);
    assert_no_store(&answer);
    let begun = answer.json();
    assert_eq!(fields(&begun), ["qr_svg", "secret", "uri"]);
    let (secret, uri) = (begun["secret"].as_str().unwrap(), begun["uri"].as_str().unwrap());
    assert_eq!(secret.len(), 32, "expected 160 bits: {secret}");
    assert!(secret.bytes().all(|it| matches!(it, b'A'..=b'Z' | b'2'..=b'7')), "expected base 32: {secret}");
    assert!(uri.starts_with("otpauth://totp/127.0.0.1"), "{uri}");
    assert!(uri.contains(":alice%40example.com?") && uri.contains(&format!("secret={secret}&")), "{uri}");
    assert!(uri.ends_with("&algorithm=SHA1&digits=6&period=30"), "{uri}");
    let image = begun["qr_svg"].as_str().unwrap();
    assert!(image.starts_with("<svg") && image.ends_with("</svg>") && !image.contains("script"), "{image}");
    assert!(!service.logs().text().contains(secret), "expected no secret in the log");
    let stored = "SELECT encode(next_secret, 'escape') FROM totp";
    assert!(!service.sql(stored).await.concat().contains(secret));
}

#[tokio::test]
async fn what_is_begun_and_not_confirmed_changes_nothing() {
    let (service, alice) = start().await;
    let before = service.sql("SELECT u FROM users u").await;
    service.begin_totp(&alice.tokens.access).await;
    assert_eq!(service.sql("SELECT u FROM users u").await, before);
    let none = json!({"totp": null, "passkeys": 0, "recovery_codes_left": 0});
    assert_eq!(factors(&service, &alice.tokens.access).await, none);
    service.login(ALICE, PASSWORD).await;
    assert!(service.outbox().await.is_empty());
}

#[tokio::test]
async fn the_first_code_sets_up_the_factor_and_ends_the_other_sessions() {
    let (service, alice) = start().await;
    let other = service.login(ALICE, PASSWORD).await;
    let authenticator = service.begin_totp(&alice.tokens.access).await;
    let answer = service.confirm_totp(&alice.tokens.access, &authenticator.code(0)).await.expect(200);
    assert_no_store(&answer);
    let codes = answer.json()["recovery_codes"].as_array().unwrap().clone();
    assert_eq!(codes.len(), 10);
    let distinct: std::collections::BTreeSet<_> = codes.iter().map(Value::to_string).collect();
    assert_eq!(distinct.len(), 10);

    let shown = factors(&service, &alice.tokens.access).await;
    assert_timestamp(&shown["totp"]["created_at"]);
    assert_eq!((&shown["passkeys"], &shown["recovery_codes_left"]), (&json!(0), &json!(10)));
    assert_problem(&service.me(&other.access).await, 401, "invalid_token");
    assert_problem(&service.refresh(&other.refresh).await, 401, "invalid_token");
    // The session that did it is fresh by the factor.
    service.get("/auth/export").bearer(&alice.tokens.access).send().await.expect(200);
    assert_eq!(service.sql("SELECT factor_at IS NOT NULL, methods FROM sessions").await, ["t|{pwd,otp,mfa}"]);
    assert_eq!(service.outbox().await, [format!("factor_added|{}|{{}}", alice.id)]);
    assert_problem(&service.try_login(ALICE, PASSWORD).await, 401, "second_factor_required");
}

#[tokio::test]
async fn a_wrong_first_code_is_422_and_changes_nothing() {
    let (service, alice) = start().await;
    let authenticator = service.begin_totp(&alice.tokens.access).await;
    let state = "SELECT u FROM users u; SELECT t FROM totp t; SELECT s FROM sessions s";
    let before = service.sql(state).await;
    for code in [authenticator.wrong_code(), authenticator.code(5), "12345".to_owned(), "abcdef".to_owned()] {
        let answer = service.confirm_totp(&alice.tokens.access, &code).await;
        assert_problem(&answer, 422, "validation_failed");
        assert_eq!(pointers(&answer), ["/code"]);
    }
    assert_eq!(service.sql(state).await, before);
}

#[tokio::test]
async fn only_the_session_that_saw_the_secret_confirms_it_within_an_hour_and_once() {
    let (service, alice) = start().await;
    let confirm = async |access: &str, code: &str| service.confirm_totp(access, code).await;
    assert_problem(&confirm(&alice.tokens.access, "123456").await, 409, "totp_not_begun");
    let other = service.login(ALICE, PASSWORD).await;
    let authenticator = service.begin_totp(&alice.tokens.access).await;
    assert_problem(&confirm(&other.access, &authenticator.code(0)).await, 409, "totp_not_begun");
    service.sql("UPDATE totp SET next_expires_at = now()").await;
    assert_problem(&confirm(&alice.tokens.access, &authenticator.code(0)).await, 409, "totp_not_begun");
    let authenticator = service.begin_totp(&alice.tokens.access).await;
    confirm(&alice.tokens.access, &authenticator.code(0)).await.expect(200);
    assert_problem(&confirm(&alice.tokens.access, &authenticator.code(1)).await, 409, "totp_not_begun");
}

#[tokio::test]
async fn a_code_works_once() {
    let (service, alice) = start().await;
    within_a_step(15).await;
    let authenticator = service.begin_totp(&alice.tokens.access).await;
    let code = authenticator.code(0);
    service.confirm_totp(&alice.tokens.access, &code).await.expect(200);
    assert_eq!(try_code(&service, code).await, 401, "the confirmation has used it");
    assert_eq!(try_code(&service, authenticator.code(-1)).await, 401, "it is older than the last one");
    assert_eq!(try_code(&service, authenticator.code(1)).await, 200);
    assert_eq!(try_code(&service, authenticator.code(1)).await, 401);
}

#[tokio::test]
async fn a_clock_may_be_a_step_off_and_not_two() {
    let (service, alice) = start().await;
    let (authenticator, _) = service.authenticator(&alice).await;
    for (off, status) in [(-2, 401), (2, 401), (-1, 200), (0, 200), (1, 200)] {
        within_a_step(15).await;
        service.forget_codes().await;
        assert_eq!(try_code(&service, authenticator.code(off)).await, status, "{off}");
    }
}

/// Each request comes from a login of its own, so nothing but the code decides.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_requests_with_one_code_on_two_replicas_one_opens_a_session() {
    let (service, alice) = start().await;
    let (authenticator, _) = service.authenticator(&alice).await;
    let replica = service.replica(&[]);
    let second = Front::new(replica.address(), true);
    for _ in 0..10 {
        let challenges = [service.challenge(ALICE).await, second.challenge(ALICE).await];
        within_a_step(10).await;
        service.forget_codes().await;
        let code = json!({"code": authenticator.code(0)});
        let (one, other) = tokio::join!(
            service.login_factor(&challenges[0], &code),
            second.login_factor(&challenges[1], &code)
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
    }
}

#[tokio::test]
async fn the_former_authenticator_counts_until_its_successor_is_confirmed() {
    let (service, alice) = start().await;
    let (former, _) = service.authenticator(&alice).await;
    service.empty_outbox().await;
    let successor = service.begin_totp(&alice.tokens.access).await;
    assert_eq!(try_code(&service, successor.code(0)).await, 401);
    assert_eq!(try_code(&service, former.code(0)).await, 200);
    let other = service.login_with_code(ALICE, &former).await;

    let confirmed = service.confirm_totp(&alice.tokens.access, &successor.code(0)).await.expect(200).json();
    assert_eq!(confirmed, json!({"recovery_codes": null}), "the account has codes");
    service.forget_codes().await;
    assert_eq!(try_code(&service, former.code(0)).await, 401);
    assert_eq!(try_code(&service, successor.code(0)).await, 200);
    service.me(&other.access).await.expect(200);
    let left = &factors(&service, &alice.tokens.access).await["recovery_codes_left"];
    assert_eq!(*left, json!(10));
    assert_eq!(service.outbox().await, [format!("factor_added|{}|{{}}", alice.id)]);
}

#[tokio::test]
async fn without_the_last_factor_the_password_is_enough_again() {
    let (service, alice) = start().await;
    let (authenticator, codes) = service.authenticator(&alice).await;
    service.begin_totp(&alice.tokens.access).await;
    let challenge = service.challenge(ALICE).await;
    service.empty_outbox().await;
    for _ in 0..2 {
        service.delete("/auth/totp").bearer(&alice.tokens.access).send().await.expect(204);
    }
    assert_eq!(service.outbox().await, [format!("factor_removed|{}|{{}}", alice.id)], "told once");
    for proof in [json!({"code": authenticator.code(0)}), json!({"recovery_code": codes[0]})] {
        let answer = service.login_factor(&challenge, &proof).await;
        assert_problem(&answer, 401, "invalid_credentials");
    }
    let none = json!({"totp": null, "passkeys": 0, "recovery_codes_left": 0});
    assert_eq!(factors(&service, &alice.tokens.access).await, none);
    assert_eq!(service.sql("SELECT factors_since IS NULL FROM users").await, ["t"]);
    assert_eq!(service.sql("SELECT count(*) FROM totp").await, ["0"], "nor is one begun");
    service.login(ALICE, PASSWORD).await;
    let made = service.authenticator(&alice).await.1;
    assert_eq!(made.len(), 10, "expected new recovery codes with a new first factor");
}

#[tokio::test]
async fn changes_of_factors_need_a_fresh_session_and_no_key_makes_them() {
    let (service, alice) = start().await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "a key"})).await;
    let routes = [
        ("POST", "/auth/totp"),
        ("POST", "/auth/totp/confirm"),
        ("DELETE", "/auth/totp"),
        ("POST", "/auth/recovery-codes"),
    ];
    let send = async |(method, path): (&str, &str), token: &str| {
        service.request(method, path).bearer(token).json(&json!({"code": "123456"})).send().await
    };
    for route in routes {
        assert_problem(&send(route, &key).await, 403, "api_key_not_allowed");
    }
    for stale in [
        "UPDATE sessions SET authenticated_at = now() - interval '11 minutes'",
        "UPDATE users SET factors_since = now(); UPDATE sessions SET authenticated_at = now()",
        "UPDATE sessions SET factor_at = now() - interval '11 minutes'",
    ] {
        service.sql(stale).await;
        for route in routes {
            let answer = send(route, &alice.tokens.access).await;
            assert_problem(&answer, 401, "insufficient_user_authentication");
        }
        factors(&service, &alice.tokens.access).await;
    }
    assert_eq!(service.sql("SELECT count(*) FROM totp").await, ["0"]);
}

/// Two statements at most, and one more where a code is compared.
#[tokio::test]
async fn the_operations_cost_few_statements() {
    let (service, alice) = start().await;
    let authenticator = service.begin_totp(&alice.tokens.access).await;
    let code = json!({"code": authenticator.code(0)});
    let requests = [
        ("list", service.get("/auth/factors"), 2),
        ("confirm", service.post("/auth/totp/confirm").json(&code), 3),
        ("begin", service.post("/auth/totp"), 2),
        ("codes", service.post("/auth/recovery-codes"), 2),
        ("remove", service.delete("/auth/totp"), 2),
    ];
    for (id, request, statements) in requests {
        request.bearer(&alice.tokens.access).id(id).send().await;
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), statements, "{id}: {log:#?}");
    }
}

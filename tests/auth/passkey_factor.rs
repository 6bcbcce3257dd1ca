//! Passkeys as a second factor: `POST /auth/login/factor` and `POST /auth/reauthenticate` with an `assertion`

use serde_json::{Value, json};
use software_authenticator::{Algorithm, Authenticator, Behaviour, Counter, Tampering};
use users_tests::{
    Answer, Front, ORIGIN, PASSWORD, Service, Tokens, assert_problem, pointers, token,
};

const ALICE: &str = "alice@example.com";
const ELSEWHERE: [u8; 4] = [127, 0, 0, 66];

/// The answer to the right password.
async fn waiting(service: &Front) -> Value {
    let answer = service.try_login(ALICE, PASSWORD).await;
    assert_problem(&answer, 401, "second_factor_required");
    answer.json()
}

async fn complete(service: &Front, waiting: &Value, assertion: &Value) -> Answer {
    let body = json!({"challenge": waiting["challenge"], "assertion": assertion});
    service.post("/auth/login/factor").json(&body).send().await
}

/// Logs in by the password and a passkey.
async fn log_in_as(service: &Front, authenticator: &mut Authenticator, behaviour: &Behaviour) -> Answer {
    let waiting = waiting(service).await;
    let assertion = authenticator.get_as(&waiting["passkey_options"], ORIGIN, behaviour).expect("an answer");
    complete(service, &waiting, &assertion).await
}

async fn proof_options(service: &Front, access: &str) -> Value {
    service.post("/auth/passkeys/login/options").bearer(access).send().await.expect(200).json()
}

async fn prove(service: &Front, access: &str, assertion: &Value) -> Answer {
    let request = service.post("/auth/reauthenticate").bearer(access);
    request.json(&json!({"assertion": assertion})).send().await
}

async fn make_stale(service: &Service) {
    let stale = "UPDATE sessions SET authenticated_at = now() - interval '11 minutes', factor_at = now() - interval '11 minutes'";
    service.sql(stale).await;
}

async fn export(service: &Front, access: &str) -> Answer {
    service.get("/auth/export").bearer(access).send().await
}

async fn sessions(service: &Service) -> Vec<String> {
    service.sql("SELECT count(*) FROM sessions").await
}

#[tokio::test]
async fn the_password_and_a_passkey_open_a_session() {
    let (service, alice, mut authenticator) = Service::start_with_passkey(ALICE).await;
    let waiting = waiting(&service).await;
    assert_eq!(waiting["methods"], json!(["passkey", "recovery_code"]));
    let id = authenticator.get(&waiting["passkey_options"], ORIGIN).unwrap()["id"].clone();
    let expected = json!({
        "challenge": waiting["challenge"], "timeout": 300_000, "rpId": "127.0.0.1",
        "allowCredentials": [{"type": "public-key", "id": id, "transports": ["internal"]}],
        "userVerification": "preferred",
    });
    assert_eq!(waiting["passkey_options"], expected);
    let again = json!({"challenge": waiting["challenge"]});
    let options = service.post("/auth/passkeys/login/options").json(&again).send().await.expect(200).json();
    assert_eq!(options, expected);

    let assertion = authenticator.get(&options, ORIGIN).unwrap();
    let tokens = Tokens::of(&complete(&service, &waiting, &assertion).await.expect(200));
    let claims = token::claims(&tokens.access);
    assert_eq!(claims["sub"], alice.id.to_string());
    assert_eq!((&claims["amr"], &claims["acr"]), (&json!(["pwd", "hwk", "mfa"]), &json!("2")));
    export(&service, &tokens.access).await.expect(200);
    let used = service.sql("SELECT sign_count > 1, last_used_at IS NOT NULL FROM passkeys").await;
    assert_eq!(used, ["t|t"]);
    assert_eq!(complete(&service, &waiting, &assertion).await.status, 401, "expected the challenge to end");
    assert_eq!(service.sql("SELECT count(*) FROM limits WHERE attempts <> '{}'").await, ["0"]);
    assert_eq!(service.outbox().await, [""; 0]);
}

/// The person has given the password, so the touch of a key is the second factor.
#[tokio::test]
async fn a_key_without_a_pin_is_a_second_factor() {
    for algorithm in Algorithm::ALL {
        let service = Service::start().await;
        let alice = service.account(ALICE).await;
        let mut authenticator = Authenticator::new();
        let touch = Behaviour { algorithm: Some(algorithm), user_verified: false, ..Behaviour::default() };
        service.passkey_as(&alice.tokens.access, &mut authenticator, &touch).await;
        // The authenticator may leave out whose passkey it is.
        let silent = Behaviour { returns_user_handle: false, ..touch };
        log_in_as(&service, &mut authenticator, &silent).await.expect(200);
    }
}

fn attacks() -> Vec<(&'static str, Behaviour)> {
    let right = Behaviour::default;
    vec![
        ("http://127.0.0.1:3001", right()),
        (ORIGIN, Behaviour { rp_id: Some("example.com".to_owned()), ..right() }),
        (ORIGIN, Behaviour { challenge: Some("A".repeat(43)), ..right() }),
        (ORIGIN, Behaviour { client_data_type: Some("webauthn.create".to_owned()), ..right() }),
        (ORIGIN, Behaviour { cross_origin: Some(true), ..right() }),
        (ORIGIN, Behaviour { user_present: false, ..right() }),
        (ORIGIN, Behaviour { backup_eligible: true, ..right() }),
        (ORIGIN, Behaviour { user_handle: Some(vec![7; 32]), ..right() }),
        (ORIGIN, Behaviour { tampering: Some(Tampering::ClientData), ..right() }),
        (ORIGIN, Behaviour { tampering: Some(Tampering::AuthenticatorData), ..right() }),
        (ORIGIN, Behaviour { tampering: Some(Tampering::Signature), ..right() }),
        (ORIGIN, Behaviour { presents_as: Some(vec![7; 16]), ..right() }),
        (ORIGIN, Behaviour { counter: Counter::Is(0), ..right() }),
    ]
}

#[tokio::test]
async fn every_attack_is_refused_at_the_login_and_for_a_fresh_session() {
    for algorithm in Algorithm::ALL {
        let service = Service::start().await;
        let alice = service.account(ALICE).await;
        let mut authenticator = Authenticator::new();
        let behaviour = Behaviour { algorithm: Some(algorithm), ..Behaviour::default() };
        service.passkey_as(&alice.tokens.access, &mut authenticator, &behaviour).await;
        let access =
            Tokens::of(&log_in_as(&service, &mut authenticator, &behaviour).await.expect(200)).access;
        make_stale(&service).await;
        let before = sessions(&service).await;
        for (origin, attack) in attacks() {
            let waiting = waiting(&service).await;
            let options = &waiting["passkey_options"];
            let assertion = authenticator.get_as(options, origin, &attack).unwrap();
            assert_problem(&complete(&service, &waiting, &assertion).await, 401, "invalid_credentials");
            let options = proof_options(&service, &access).await;
            let assertion = authenticator.get_as(&options, origin, &attack).unwrap();
            assert_problem(&prove(&service, &access, &assertion).await, 401, "invalid_credentials");
        }
        assert_eq!(sessions(&service).await, before, "{algorithm:?}");
        assert_problem(&export(&service, &access).await, 401, "insufficient_user_authentication");
        log_in_as(&service, &mut authenticator, &behaviour).await.expect(200);
    }
}

#[tokio::test]
async fn the_passkey_of_somebody_else_is_no_factor() {
    let (service, alice, _) = Service::start_with_passkey(ALICE).await;
    let mut other = Authenticator::new();
    service.account_with_passkey("bob@example.com", &mut other).await;
    let waiting = waiting(&service).await;
    let mut options = waiting["passkey_options"].clone();
    options["allowCredentials"] = json!([]);
    let assertion = other.get(&options, ORIGIN).unwrap();
    assert_problem(&complete(&service, &waiting, &assertion).await, 401, "invalid_credentials");
    make_stale(&service).await;
    let mut options = proof_options(&service, &alice.tokens.access).await;
    options["allowCredentials"] = json!([]);
    let assertion = other.get(&options, ORIGIN).unwrap();
    assert_problem(&prove(&service, &alice.tokens.access, &assertion).await, 401, "invalid_credentials");
}

#[tokio::test]
async fn a_challenge_is_for_its_own_login_and_client_address() {
    let (service, alice, mut authenticator) = Service::start_with_passkey(ALICE).await;
    let (one, other) = (waiting(&service).await, waiting(&service).await);
    // The answer to another challenge: of another login, of a login by the passkey alone, of a session.
    for options in [
        other["passkey_options"].clone(),
        service.passkey_login_options().await,
        proof_options(&service, &alice.tokens.access).await,
    ] {
        let assertion = authenticator.get(&options, ORIGIN).unwrap();
        assert_problem(&complete(&service, &one, &assertion).await, 401, "invalid_credentials");
    }
    // The challenge of a login opens nothing by the passkey alone.
    let mut options = service.passkey_login_options().await;
    options["challenge"] = one["challenge"].clone();
    let assertion = authenticator.get(&options, ORIGIN).unwrap();
    assert_problem(&service.try_passkey_login(&assertion).await, 401, "invalid_credentials");
    let elsewhere = service.at(ELSEWHERE);
    let asked = elsewhere.post("/auth/passkeys/login/options").json(&json!({"challenge": one["challenge"]}));
    assert_problem(&asked.send().await, 401, "invalid_credentials");
    let assertion = authenticator.get(&one["passkey_options"], ORIGIN).unwrap();
    assert_problem(&complete(&elsewhere, &one, &assertion).await, 401, "invalid_credentials");
    let assertion = authenticator.get(&one["passkey_options"], ORIGIN).unwrap();
    complete(&service, &one, &assertion).await.expect(200);
}

#[tokio::test]
async fn a_passkey_makes_its_session_fresh() {
    let (service, alice, mut authenticator) = Service::start_with_passkey(ALICE).await;
    let other = Tokens::of(&log_in_as(&service, &mut authenticator, &Behaviour::default()).await.expect(200));
    make_stale(&service).await;
    let access = &alice.tokens.access;
    let options = proof_options(&service, access).await;
    assert_eq!(options["userVerification"], "preferred");
    let assertion = authenticator.get(&options, ORIGIN).unwrap();
    // In the other session, the answer is worth nothing.
    assert_problem(&prove(&service, &other.access, &assertion).await, 401, "invalid_credentials");
    prove(&service, access, &assertion).await.expect(204);
    export(&service, access).await.expect(200);
    assert_problem(&export(&service, &other.access).await, 401, "insufficient_user_authentication");
    assert_problem(&prove(&service, access, &assertion).await, 401, "invalid_credentials");
    let refreshed = Tokens::of(&service.refresh(&alice.tokens.refresh).await.expect(200));
    let claims = token::claims(&refreshed.access);
    assert_eq!((&claims["amr"], &claims["acr"]), (&json!(["pwd", "hwk", "mfa"]), &json!("2")));
    let age = claims["iat"].as_i64().unwrap() - claims["auth_time"].as_i64().unwrap();
    assert!((0..60).contains(&age), "{claims:#}");
}

#[tokio::test]
async fn five_wrong_passkeys_end_the_challenge_and_the_session() {
    let service = Service::builder().variable("limit_codes", "5").start().await;
    let mut authenticator = Authenticator::new();
    let alice = service.account_with_passkey(ALICE, &mut authenticator).await;
    let wrong = Behaviour { tampering: Some(Tampering::Signature), ..Behaviour::default() };
    let waiting = waiting(&service).await;
    for behaviour in [&wrong; 5].into_iter().chain([&Behaviour::default()]) {
        let assertion = authenticator.get_as(&waiting["passkey_options"], ORIGIN, behaviour).unwrap();
        assert_problem(&complete(&service, &waiting, &assertion).await, 401, "invalid_credentials");
    }
    let access = &alice.tokens.access;
    for _ in 0..5 {
        let options = proof_options(&service, access).await;
        let assertion = authenticator.get_as(&options, ORIGIN, &wrong).unwrap();
        assert_problem(&prove(&service, access, &assertion).await, 401, "invalid_credentials");
    }
    assert_problem(&service.me(access).await, 401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_answers_on_two_replicas_one_completes_the_login() {
    let service = Service::builder().one_request_per_instance().start().await;
    let mut authenticator = Authenticator::new();
    service.account_with_passkey(ALICE, &mut authenticator).await;
    let replica = service.replica(&["--max-instance-concurrent-reuse-count=1"]);
    let replica = Front::new(replica.address(), true);
    for _ in 0..5 {
        let waiting = waiting(&service).await;
        let answers = [(), ()].map(|()| authenticator.get(&waiting["passkey_options"], ORIGIN).unwrap());
        let (one, other) = tokio::join!(
            complete(&service, &waiting, &answers[0]),
            complete(&replica, &waiting, &answers[1])
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "{one:#?} {other:#?}");
    }
}

#[tokio::test]
async fn a_passkey_is_sent_alone() {
    let (service, alice, mut authenticator) = Service::start_with_passkey(ALICE).await;
    let waiting = waiting(&service).await;
    let assertion = authenticator.get(&waiting["passkey_options"], ORIGIN).unwrap();
    for (other, value) in [("code", "123456"), ("recovery_code", "7K3QX-0PV9M")] {
        let body = json!({"challenge": waiting["challenge"], "assertion": assertion, other: value});
        let answer = service.post("/auth/login/factor").json(&body).send().await;
        assert_eq!(pointers(&answer), ["/assertion"]);
        let body = json!({"assertion": assertion, other: value});
        let request = service.post("/auth/reauthenticate").bearer(&alice.tokens.access);
        assert_eq!(pointers(&request.json(&body).send().await), ["/assertion"]);
    }
    let body = json!({"assertion": assertion, "password": PASSWORD});
    let request = service.post("/auth/reauthenticate").bearer(&alice.tokens.access);
    assert_eq!(pointers(&request.json(&body).send().await), ["/password"]);
    complete(&service, &waiting, &assertion).await.expect(200);
}

#[tokio::test]
async fn an_account_has_both_factors_and_either_completes_the_login() {
    let (service, alice, mut authenticator) = Service::start_with_passkey(ALICE).await;
    let access = &alice.tokens.access;
    let totp = service.begin_totp(access).await;
    let confirmed = service.confirm_totp(access, &totp.code(0)).await.expect(200).json();
    assert_eq!(confirmed["recovery_codes"], Value::Null, "expected the codes of the passkey to stay");
    let first = waiting(&service).await;
    assert_eq!(first["methods"], json!(["totp", "passkey", "recovery_code"]));
    let assertion = authenticator.get(&first["passkey_options"], ORIGIN).unwrap();
    complete(&service, &first, &assertion).await.expect(200);
    service.login_with_code(ALICE, &totp).await;
    let factors = service.get("/auth/factors").bearer(&alice.tokens.access).send().await.expect(200).json();
    assert_eq!((&factors["passkeys"], &factors["recovery_codes_left"]), (&json!(1), &json!(10)));
    // Without the authenticator, the passkey is still a factor, and the codes stay.
    service.delete("/auth/totp").bearer(&alice.tokens.access).send().await.expect(204);
    assert_eq!(waiting(&service).await["methods"], json!(["passkey", "recovery_code"]));
}

#[tokio::test]
async fn a_login_that_waits_ends_when_the_factors_change() {
    let (service, alice, mut authenticator) = Service::start_with_passkey(ALICE).await;
    for added in [true, false] {
        let waiting = waiting(&service).await;
        let assertion = authenticator.get(&waiting["passkey_options"], ORIGIN).unwrap();
        let access = &alice.tokens.access;
        if added {
            service.passkey_as(access, &mut Authenticator::new(), &Behaviour::default()).await;
        } else {
            let list = service.get("/auth/passkeys").bearer(access).send().await.expect(200).json();
            let path = format!("/auth/passkeys/{}", list[0]["id"]);
            service.delete(&path).bearer(access).send().await.expect(204);
        }
        assert_problem(&complete(&service, &waiting, &assertion).await, 401, "invalid_credentials");
    }
}

#[tokio::test]
async fn a_login_by_password_and_passkey_runs_as_many_statements_as_one_with_a_code() {
    let service = Service::builder().with_limits().start().await;
    let mut authenticator = Authenticator::new();
    let alice = service.account_with_passkey(ALICE, &mut authenticator).await;
    let form = [("username", ALICE), ("password", PASSWORD)];
    let waiting = service.post("/auth/login").id("login").form(&form).send().await.expect(401).json();
    let assertion = authenticator.get(&waiting["passkey_options"], ORIGIN).unwrap();
    let body = json!({"challenge": waiting["challenge"], "assertion": assertion});
    service.post("/auth/login/factor").id("factor").json(&body).send().await.expect(200);
    let options = proof_options(&service, &alice.tokens.access).await;
    let assertion = authenticator.get(&options, ORIGIN).unwrap();
    let request = service.post("/auth/reauthenticate").id("proof").bearer(&alice.tokens.access);
    request.json(&json!({"assertion": assertion})).send().await.expect(204);
    for (id, statements) in [("login", 2), ("factor", 2), ("proof", 3)] {
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), statements, "{id}: {log:#?}");
    }
}

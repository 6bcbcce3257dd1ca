//! `POST /auth/passkeys/login/options` and `POST /auth/passkeys/login`

use serde_json::{Value, json};
use software_authenticator::{Algorithm, Authenticator, Behaviour, Counter, Tampering};
use users_tests::{
    Account, Answer, Front, ORIGIN, PASSWORD, Service, Tokens, assert_no_store, assert_problem,
    statements_wait, token,
};

const ALICE: &str = "alice@example.com";
const ELSEWHERE: [u8; 4] = [127, 0, 0, 66];

async fn log_in(service: &Front, authenticator: &mut Authenticator) -> Answer {
    service.passkey_login_as(authenticator, &Behaviour::default()).await
}

async fn sessions(service: &Service) -> Vec<String> {
    service.sql("SELECT count(*) FROM sessions").await
}

#[tokio::test]
async fn a_passkey_alone_opens_a_session_by_two_factors() {
    let (service, alice, mut authenticator) = Service::start_with_passkey(ALICE).await;
    let answer = log_in(&service, &mut authenticator).await.expect(200);
    assert_no_store(&answer);
    let tokens = Tokens::of(&answer);
    let claims = token::claims(&tokens.access);
    assert_eq!(claims["sub"], alice.id.to_string());
    assert_eq!((&claims["amr"], &claims["acr"]), (&json!(["hwk", "user", "mfa"]), &json!("2")));
    assert_eq!(claims["auth_time"], claims["iat"]);
    assert_eq!(service.me(&tokens.access).await.expect(200).json()["email"], ALICE);
    // The session is fresh, goes on, and has a name.
    service.get("/auth/export").bearer(&tokens.access).send().await.expect(200);
    let refreshed = Tokens::of(&service.refresh(&tokens.refresh).await.expect(200));
    assert_eq!(token::claims(&refreshed.access)["acr"], "2");
    let list = service.get("/auth/sessions").bearer(&tokens.access).send().await.expect(200).json();
    assert_eq!((&list[0]["is_current"], &list[0]["address"]), (&json!(true), &json!("127.0.0.1")));
    let used = "SELECT sign_count, last_used_at > created_at FROM passkeys";
    assert_eq!(service.sql(used).await, ["2|t"]);
    // The client address is remembered, and the login counted.
    assert_eq!(service.sql("SELECT count(*) FROM known_addresses").await, ["1"]);
    assert_eq!(service.sql("SELECT sum(attempts), sum(logins) FROM login_hours").await, ["2|2"]);
    assert_eq!(service.outbox().await, [""; 0]);
}

#[tokio::test]
async fn the_options_are_those_of_the_standard() {
    let (service, ..) = Service::start_with_passkey(ALICE).await;
    let answer = service.post("/auth/passkeys/login/options").send().await.expect(200);
    assert_no_store(&answer);
    let mut options = answer.json();
    let challenge = options["challenge"].take();
    assert_eq!(challenge.as_str().unwrap().len(), 43);
    let expected = json!({
        "challenge": null, "timeout": 300_000, "rpId": "127.0.0.1", "allowCredentials": [], "userVerification": "required",
    });
    assert_eq!(options, expected);
    assert_ne!(service.passkey_login_options().await["challenge"], challenge);
    // A body without a challenge is as good as none.
    for body in [json!({}), json!({"challenge": null})] {
        service.post("/auth/passkeys/login/options").json(&body).send().await.expect(200);
    }
    let unknown = json!({"challenge": challenge});
    let refused = service.post("/auth/passkeys/login/options").json(&unknown).send().await;
    assert_problem(&refused, 401, "invalid_credentials");
    let refused = service.post("/auth/passkeys/login/options").bearer("x.y.z").send().await;
    assert_problem(&refused, 401, "invalid_token");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_gets_no_options_for_another_login() {
    let (service, ..) = Service::start_with_passkey(ALICE).await;
    for (kind, body, status, code) in [
        ("application/json", "{", 400, "malformed_body"),
        ("application/json", "[]", 422, "validation_failed"),
        ("application/json", r#"{"challenge": 5}"#, 422, "validation_failed"),
        ("text/plain", r#"{"challenge": null}"#, 415, "unsupported_media_type"),
    ] {
        let request = service.post("/auth/passkeys/login/options").body(kind, body);
        assert_problem(&request.send().await, status, code);
    }
    let large = service.post("/auth/passkeys/login/options").body("application/json", " ".repeat(64 * 1024 + 1));
    assert_problem(&large.send().await, 413, "body_too_large");
    assert_eq!(service.sql("SELECT count(*) FROM passkey_challenges").await, ["0"]);
}

/// The attacks with an answer that would otherwise be right: the origin, the reason in the log, the behaviour.
fn attacks() -> Vec<(&'static str, &'static str, Behaviour)> {
    let right = Behaviour::default;
    vec![
        ("http://127.0.0.1:3001", "webauthn_origins", right()),
        ("https://example.com", "webauthn_origins", right()),
        (ORIGIN, "another relying party id", Behaviour { rp_id: Some("example.com".to_owned()), ..right() }),
        (ORIGIN, "no such challenge", Behaviour { challenge: Some("A".repeat(43)), ..right() }),
        (
            ORIGIN,
            "another ceremony",
            Behaviour { client_data_type: Some("webauthn.create".to_owned()), ..right() },
        ),
        (ORIGIN, "another origin", Behaviour { cross_origin: Some(true), ..right() }),
        (ORIGIN, "user is present", Behaviour { user_present: false, ..right() }),
        (ORIGIN, "did not verify the user", Behaviour { user_verified: false, ..right() }),
        (ORIGIN, "eligible", Behaviour { backed_up: true, ..right() }),
        (ORIGIN, "eligibility for backup", Behaviour { backup_eligible: true, ..right() }),
        (ORIGIN, "user handle is missing", Behaviour { returns_user_handle: false, ..right() }),
        (ORIGIN, "another account", Behaviour { user_handle: Some(vec![7; 32]), ..right() }),
        (ORIGIN, "signature is wrong", Behaviour { tampering: Some(Tampering::ClientData), ..right() }),
        (
            ORIGIN,
            "signature is wrong",
            Behaviour { tampering: Some(Tampering::AuthenticatorData), ..right() },
        ),
        (ORIGIN, "signature is wrong", Behaviour { tampering: Some(Tampering::Signature), ..right() }),
        (ORIGIN, "no such passkey", Behaviour { presents_as: Some(vec![7; 16]), ..right() }),
        (ORIGIN, "signature counter", Behaviour { counter: Counter::Is(0), ..right() }),
    ]
}

#[tokio::test]
async fn every_attack_with_every_algorithm_gets_the_same_answer_and_opens_nothing() {
    let service = Service::start().await;
    for algorithm in Algorithm::ALL {
        let account = service.account(&format!("{algorithm:?}@example.com")).await;
        let mut authenticator = Authenticator::new();
        let behaviour = Behaviour { algorithm: Some(algorithm), ..Behaviour::default() };
        service.passkey_as(&account.tokens.access, &mut authenticator, &behaviour).await;
        log_in(&service, &mut authenticator).await.expect(200);
        let before = (sessions(&service).await, service.sql("SELECT p FROM passkeys p ORDER BY id").await);
        for (number, (origin, reason, behaviour)) in attacks().into_iter().enumerate() {
            let options = service.passkey_login_options().await;
            let assertion = authenticator.get_as(&options, origin, &behaviour).unwrap();
            let id = format!("{algorithm:?}-{number}");
            let request = service.post("/auth/passkeys/login").id(&id);
            let refused = request.json(&json!({"assertion": assertion})).send().await;
            assert_problem(&refused, 401, "invalid_credentials");
            let mut body = refused.json();
            body["request_id"] = Value::Null;
            let detail =
                "The passkey was refused; ask for new options and try again, or log in in another way.";
            let expected = json!({
                "type": "about:blank", "title": "Unauthorized", "status": 401, "detail": detail, "code": "invalid_credentials",
                "request_id": null,
            });
            assert_eq!(body, expected, "{behaviour:?}");
            let log = service.logs().of_request(&id).await;
            let causes = log.causes().join("\n");
            assert!(causes.contains(reason), "{algorithm:?}, {reason}: {causes}");
        }
        let after = (sessions(&service).await, service.sql("SELECT p FROM passkeys p ORDER BY id").await);
        assert_eq!(before, after, "{algorithm:?}");
        log_in(&service, &mut authenticator).await.expect(200);
    }
}

#[tokio::test]
async fn the_passkey_of_another_account_opens_that_account_only() {
    let (service, alice, mut authenticator) = Service::start_with_passkey(ALICE).await;
    let mut other = Authenticator::new();
    let bob = service.account_with_passkey("bob@example.com", &mut other).await;
    let tokens = Tokens::of(&log_in(&service, &mut other).await.expect(200));
    assert_eq!(token::claims(&tokens.access)["sub"], bob.id.to_string());
    // Bob's key under the name of Alice's passkey, with either handle.
    let alices = authenticator.credentials()[0].id().to_vec();
    let handle = authenticator.credentials()[0].user_handle().to_vec();
    for user_handle in [None, Some(handle)] {
        let swapped = Behaviour { presents_as: Some(alices.clone()), user_handle, ..Behaviour::default() };
        let refused = service.passkey_login_as(&mut other, &swapped).await;
        assert_problem(&refused, 401, "invalid_credentials");
    }
    let tokens = Tokens::of(&log_in(&service, &mut authenticator).await.expect(200));
    assert_eq!(token::claims(&tokens.access)["sub"], alice.id.to_string());
}

#[tokio::test]
async fn a_challenge_works_once_for_a_login_and_for_five_minutes() {
    let (service, alice, mut authenticator) = Service::start_with_passkey(ALICE).await;
    let options = service.passkey_login_options().await;
    let assertion = authenticator.get(&options, ORIGIN).unwrap();
    service.try_passkey_login(&assertion).await.expect(200);
    let again = authenticator.get(&options, ORIGIN).unwrap();
    for replayed in [&assertion, &again] {
        assert_problem(&service.try_passkey_login(replayed).await, 401, "invalid_credentials");
    }
    // A wrong answer ends the challenge, too.
    let options = service.passkey_login_options().await;
    let wrong = Behaviour { tampering: Some(Tampering::Signature), ..Behaviour::default() };
    for (behaviour, _) in [(wrong, 1), (Behaviour::default(), 2)] {
        let assertion = authenticator.get_as(&options, ORIGIN, &behaviour).unwrap();
        assert_problem(&service.try_passkey_login(&assertion).await, 401, "invalid_credentials");
    }
    let options = service.passkey_login_options().await;
    service.sql("UPDATE passkey_challenges SET expires_at = now()").await;
    let assertion = authenticator.get(&options, ORIGIN).unwrap();
    assert_problem(&service.try_passkey_login(&assertion).await, 401, "invalid_credentials");
    // Challenges for something else.
    let access = &alice.tokens.access;
    let proof = service.post("/auth/passkeys/login/options").bearer(access).send().await.expect(200).json();
    let registration = service.creation_options(access).await;
    for challenge in [&proof["challenge"], &registration["challenge"]] {
        let mut options = service.passkey_login_options().await;
        options["challenge"] = challenge.clone();
        let assertion = authenticator.get(&options, ORIGIN).unwrap();
        assert_problem(&service.try_passkey_login(&assertion).await, 401, "invalid_credentials");
    }
    // Anybody may have asked for a challenge: the options name nobody.
    let options = service.at(ELSEWHERE).passkey_login_options().await;
    let assertion = authenticator.get(&options, ORIGIN).unwrap();
    service.try_passkey_login(&assertion).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_answers_to_one_challenge_on_two_replicas_one_opens_a_session() {
    let service = Service::builder().one_request_per_instance().start().await;
    let mut authenticator = Authenticator::new();
    service.account_with_passkey(ALICE, &mut authenticator).await;
    let replica = service.replica(&["--max-instance-concurrent-reuse-count=1"]);
    let replica = Front::new(replica.address(), true);
    for round in 0..5 {
        let options = service.passkey_login_options().await;
        // The same answer twice, and two answers.
        let one = authenticator.get(&options, ORIGIN).unwrap();
        let other = if round % 2 == 0 { one.clone() } else { authenticator.get(&options, ORIGIN).unwrap() };
        let before = sessions(&service).await;
        let (a, b) = tokio::join!(service.try_passkey_login(&one), replica.try_passkey_login(&other));
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "{a:#?} {b:#?}");
        let opened = |count: &[String]| count[0].parse::<i32>().unwrap();
        assert_eq!(opened(&sessions(&service).await), opened(&before) + 1);
    }
}

/// A copy of the authenticator answers with the counter that the owner's has reached.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_answers_with_one_counter_one_opens_a_session() {
    let service = Service::builder().one_request_per_instance().start().await;
    let mut authenticator = Authenticator::new();
    service.account_with_passkey(ALICE, &mut authenticator).await;
    for count in [10, 20] {
        let behaviour = Behaviour { counter: Counter::Is(count), ..Behaviour::default() };
        let mut assertions = Vec::new();
        for _ in 0..2 {
            let options = service.passkey_login_options().await;
            assertions.push(authenticator.get_as(&options, ORIGIN, &behaviour).unwrap());
        }
        let (a, b) = tokio::join!(
            service.try_passkey_login(&assertions[0]),
            service.try_passkey_login(&assertions[1])
        );
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "{a:#?} {b:#?}");
    }
    // One that does not count may always answer, until it counts.
    let service = Service::start().await;
    let mut authenticator =
        Authenticator::new().behaving(Behaviour { counter: Counter::Is(0), ..Behaviour::default() });
    let alice = service.account(ALICE).await;
    let silent = authenticator.behaviour.clone();
    service.passkey_as(&alice.tokens.access, &mut authenticator, &silent).await;
    for (count, status) in [(0, 200), (0, 200), (7, 200), (0, 401), (7, 401), (8, 200)] {
        let behaviour = Behaviour { counter: Counter::Is(count), ..Behaviour::default() };
        service.passkey_login_as(&mut authenticator, &behaviour).await.expect(status);
    }
}

#[tokio::test]
async fn a_counter_that_does_not_grow_is_a_warning_in_the_log() {
    let (service, _, mut authenticator) = Service::start_with_passkey(ALICE).await;
    let options = service.passkey_login_options().await;
    let copied = Behaviour { counter: Counter::Is(1), ..Behaviour::default() };
    let assertion = authenticator.get_as(&options, ORIGIN, &copied).unwrap();
    let request = service.post("/auth/passkeys/login").id("copied");
    request.json(&json!({"assertion": assertion})).send().await.expect(401);
    let log = format!("{:?}", service.logs().of_request("copied").await);
    assert!(log.contains("it may have been copied"), "{log}");
}

#[tokio::test]
async fn a_passkey_remembers_whether_it_is_copied() {
    let service = Service::start().await;
    let alice = service.account(ALICE).await;
    let mut authenticator = Authenticator::new();
    let state = |backed_up| Behaviour { backup_eligible: true, backed_up, ..Behaviour::default() };
    service.passkey_as(&alice.tokens.access, &mut authenticator, &state(false)).await;
    for backed_up in [true, false] {
        let answer = service.passkey_login_as(&mut authenticator, &state(backed_up)).await.expect(200);
        let tokens = Tokens::of(&answer);
        assert_eq!(token::claims(&tokens.access)["amr"], json!(["swk", "user", "mfa"]));
        let list = service.get("/auth/passkeys").bearer(&tokens.access).send().await.expect(200).json();
        assert_eq!(list[0]["backed_up"], backed_up);
    }
}

#[tokio::test]
async fn accounts_that_may_not_log_in_are_refused_once_the_passkey_is_right() {
    let service = Service::builder().variable("require_verified_email", "true").start().await;
    service.register(ALICE, PASSWORD).await.expect(201);
    service.sql("UPDATE users SET email_verified = true").await;
    let alice = Account { id: 0, email: ALICE.to_owned(), tokens: service.login(ALICE, PASSWORD).await };
    let mut authenticator = Authenticator::new();
    service.passkey_as(&alice.tokens.access, &mut authenticator, &Behaviour::default()).await;
    let before = sessions(&service).await;
    let wrong = Behaviour { tampering: Some(Tampering::Signature), ..Behaviour::default() };

    service.sql("UPDATE users SET email_verified = false").await;
    service.empty_outbox().await;
    let refused = service.passkey_login_as(&mut authenticator, &wrong).await;
    assert_problem(&refused, 401, "invalid_credentials");
    assert_eq!(service.outbox().await, [""; 0]);
    assert_problem(&log_in(&service, &mut authenticator).await, 403, "email_unverified");
    let outbox = service.outbox().await;
    assert!(
        outbox.len() == 1 && outbox[0].starts_with("email_verification|"),
        "expected the link: {outbox:?}"
    );

    service.sql("UPDATE users SET email_verified = true, is_active = false").await;
    let refused = service.passkey_login_as(&mut authenticator, &wrong).await;
    assert_problem(&refused, 401, "invalid_credentials");
    assert_problem(&log_in(&service, &mut authenticator).await, 403, "inactive_account");
    assert_eq!(sessions(&service).await, before);

    service.sql("UPDATE users SET is_active = true").await;
    log_in(&service, &mut authenticator).await.expect(200);
}

#[tokio::test]
async fn a_passkey_that_was_removed_opens_nothing() {
    let (service, _, mut authenticator) = Service::start_with_passkey(ALICE).await;
    service.sql("DELETE FROM passkeys").await;
    assert_problem(&log_in(&service, &mut authenticator).await, 401, "invalid_credentials");
    // Whoever knows no service at all.
    let mut options = service.passkey_login_options().await;
    options["rpId"] = json!("example.com");
    let mut stranger = Authenticator::new();
    let creation = json!({
        "rp": {"id": "example.com", "name": "Example"},
        "user": {"id": "AAAA", "name": "ada", "displayName": "Ada"},
        "challenge": "A".repeat(43),
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
    });
    stranger.create(&creation, ORIGIN).unwrap();
    let assertion = stranger.get(&options, ORIGIN).unwrap();
    assert_problem(&service.try_passkey_login(&assertion).await, 401, "invalid_credentials");
}

/// While a request verifies the passkey, the account or the passkey may change.
#[tokio::test(flavor = "multi_thread")]
async fn what_changed_meanwhile_counts() {
    for change in ["UPDATE users SET is_active = false", "DELETE FROM passkeys", "DELETE FROM users"] {
        let service = Service::builder().one_request_per_instance().start().await;
        let mut authenticator = Authenticator::new();
        service.account_with_passkey(ALICE, &mut authenticator).await;
        let opened = "SELECT count(*) FROM sessions WHERE 'user' = ANY (methods)";
        let options = service.passkey_login_options().await;
        let assertion = authenticator.get(&options, ORIGIN).unwrap();
        let db = service.db().await;
        db.batch_execute("BEGIN; SELECT FROM users FOR UPDATE").await.unwrap();
        let meanwhile = async {
            statements_wait(&service.db().await, 1).await;
            db.batch_execute(&format!("{change}; COMMIT")).await.unwrap();
        };
        let (answer, ()) = tokio::join!(service.try_passkey_login(&assertion), meanwhile);
        assert_problem(&answer, 401, "invalid_credentials");
        assert_eq!(service.sql(opened).await, ["0"], "{change}");
    }
}

#[tokio::test]
async fn logins_and_their_options_are_limited_each_for_itself() {
    let service = Service::builder().variable("limit_logins", "3/1m").start().await;
    let mut authenticator = Authenticator::new();
    // One login by the password.
    service.account_with_passkey(ALICE, &mut authenticator).await;
    let front = service.at(ELSEWHERE);
    let mut answers = Vec::new();
    for _ in 0..3 {
        let options = service.passkey_login_options().await;
        answers.push(authenticator.get(&options, ORIGIN).unwrap());
    }
    let refused = service.post("/auth/passkeys/login/options").send().await;
    assert_problem(&refused, 429, "too_many_requests");
    assert_eq!(refused.header("ratelimit-policy").as_deref(), Some(r#""logins";q=3;w=60"#));
    assert!(refused.header("retry-after").is_some());
    front.passkey_login_options().await;

    for (answer, status) in answers.iter().zip([200, 200, 429]) {
        let answer = service.try_passkey_login(answer).await.expect(status);
        if status == 429 {
            assert_problem(&answer, 429, "too_many_requests");
        }
    }
    assert_problem(&service.try_login(ALICE, PASSWORD).await, 429, "too_many_requests");
    // The challenge that was refused is still open, and elsewhere nobody has logged in.
    front.try_passkey_login(&answers[2]).await.expect(200);
}

#[tokio::test]
async fn wrong_passwords_and_wrong_passkeys_do_not_count_for_each_other() {
    let service = Service::builder().variable("limit_password_failures", "1/10m").start().await;
    let mut authenticator = Authenticator::new();
    service.account_with_passkey(ALICE, &mut authenticator).await;
    let front = service.at(ELSEWHERE);
    let wrong = Behaviour { tampering: Some(Tampering::Signature), ..Behaviour::default() };
    for _ in 0..3 {
        front.passkey_login_as(&mut authenticator, &wrong).await.expect(401);
    }
    front.try_login(ALICE, "not the password").await.expect(401);
    front.try_login(ALICE, PASSWORD).await.expect(429);
    // The owner is not kept out, and their address is known from then on.
    log_in(&front, &mut authenticator).await.expect(200);
    assert_eq!(front.try_login(ALICE, "not the password").await.status, 401);
}

#[tokio::test]
async fn a_login_runs_two_statements_and_its_options_one() {
    let service = Service::builder().with_limits().start().await;
    let mut authenticator = Authenticator::new();
    let alice = service.account_with_passkey(ALICE, &mut authenticator).await;
    let options = service.post("/auth/passkeys/login/options").id("options").send().await.expect(200).json();
    let assertion = authenticator.get(&options, ORIGIN).unwrap();
    let login = |id: &'static str| {
        service.post("/auth/passkeys/login").id(id).json(&json!({"assertion": assertion})).send()
    };
    login("login").await.expect(200);
    login("replayed").await.expect(401);
    let proof = service.post("/auth/passkeys/login/options").id("proof").bearer(&alice.tokens.access);
    proof.send().await.expect(200);
    for (id, statements) in [("options", 1), ("login", 2), ("replayed", 1), ("proof", 2)] {
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), statements, "{id}: {log:#?}");
    }
}

#[tokio::test]
async fn a_request_without_an_answer_is_422_and_counts_nowhere() {
    let service = Service::builder().variable("limit_logins", "1/1m").start().await;
    for body in [json!({}), json!({"assertion": {"id": "AA"}}), json!({"assertion": null})] {
        let answer = service.post("/auth/passkeys/login").json(&body).send().await;
        assert_eq!(users_tests::pointers(&answer), ["/assertion"]);
    }
    assert_eq!(service.sql("SELECT count(*) FROM limits").await, ["0"]);
}

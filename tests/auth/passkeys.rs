//! `/auth/passkeys`: registration, list, names, removal.

use serde_json::{Value, json};
use software_authenticator::{Algorithm, Attestation, Authenticator, Behaviour};
use users_tests::{
    Account, Answer, Front, ORIGIN, PASSWORD, Service, Tokens, assert_no_store, assert_problem,
    assert_timestamp, fields, pointers, token,
};

const ALICE: &str = "alice@example.com";

async fn start() -> (Service, Account) {
    let service = Service::start().await;
    let alice = service.account(ALICE).await;
    service.empty_outbox().await;
    (service, alice)
}

async fn passkeys(service: &Front, access: &str) -> Vec<Value> {
    let list = service.get("/auth/passkeys").bearer(access).send().await.expect(200);
    assert_no_store(&list);
    list.json().as_array().expect("a list").clone()
}

/// The answer of an authenticator to new options of the session.
async fn credential(service: &Front, access: &str, authenticator: &mut Authenticator) -> Value {
    let options = service.creation_options(access).await;
    authenticator.create(&options, ORIGIN).expect("a passkey")
}

async fn remove(service: &Front, access: &str, passkey: &Value) -> Answer {
    service.delete(&format!("/auth/passkeys/{}", passkey["id"])).bearer(access).send().await
}

async fn has_factor(service: &Service) -> bool {
    service.sql("SELECT factors_since IS NOT NULL FROM users").await == ["t"]
}

#[tokio::test]
async fn a_passkey_is_registered_listed_renamed_and_removed() {
    let (service, alice) = start().await;
    let access = &alice.tokens.access;
    assert!(passkeys(&service, access).await.is_empty());

    let mut phone = Authenticator::new();
    let behaviour = Behaviour { backup_eligible: true, backed_up: true, ..Behaviour::default() };
    let options = service.creation_options(access).await;
    let answer = phone.create_as(&options, ORIGIN, &behaviour).unwrap();
    let body = json!({"name": " phone ", "credential": answer});
    let made = service.post("/auth/passkeys").bearer(access).json(&body).send().await.expect(201);
    assert_no_store(&made);
    let mut first = made.json();
    assert_eq!(made.header("location"), Some(format!("/auth/passkeys/{}", first["id"])));
    assert_eq!(
        first.as_object_mut().unwrap().remove("recovery_codes").unwrap().as_array().unwrap().len(),
        10
    );
    let members = ["backed_up", "created_at", "id", "last_used_at", "name", "transports"];
    assert_eq!(fields(&first), members);
    assert_eq!(
        (&first["name"], &first["backed_up"], &first["last_used_at"], &first["transports"]),
        (&json!("phone"), &json!(true), &Value::Null, &json!(["internal"]))
    );
    assert_timestamp(&first["created_at"]);

    let second = service.passkey_as(access, &mut Authenticator::new(), &Behaviour::default()).await;
    assert_eq!(fields(&second), members, "expected recovery codes once");
    assert_eq!((&second["name"], &second["backed_up"]), (&json!("Passkey 2"), &json!(false)));
    assert_eq!(passkeys(&service, access).await, [second.clone(), first.clone()]);

    let path = format!("/auth/passkeys/{}", first["id"]);
    let renamed =
        service.put(&path).bearer(access).json(&json!({"name": "old phone"})).send().await.expect(200);
    first["name"] = json!("old phone");
    assert_eq!(renamed.json(), first);
    assert_eq!(passkeys(&service, access).await, [second.clone(), first.clone()]);

    remove(&service, access, &first).await.expect(204);
    assert_eq!(passkeys(&service, access).await, [second]);
    assert_problem(&remove(&service, access, &first).await, 404, "not_found");
}

#[tokio::test]
async fn the_options_are_those_of_the_standard() {
    let (service, alice) = start().await;
    let access = &alice.tokens.access;
    let answer = service.post("/auth/passkeys/options").bearer(access).send().await.expect(200);
    assert_no_store(&answer);
    let mut options = answer.json();
    let mut octets = |pointer: &str| {
        let text = options.pointer_mut(pointer).unwrap().take();
        let text = text.as_str().unwrap().to_owned();
        assert_eq!(text.len(), 43, "expected 256 bits: {text}");
        text
    };
    let (challenge, handle) = (octets("/challenge"), octets("/user/id"));
    let expected = json!({
        "rp": {"id": "127.0.0.1", "name": "127.0.0.1:3000"},
        "user": {"id": null, "name": ALICE, "displayName": ALICE},
        "challenge": null,
        "pubKeyCredParams": [
            {"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -8}, {"type": "public-key", "alg": -257},
        ],
        "timeout": 300_000,
        "excludeCredentials": [],
        "authenticatorSelection": {
            "residentKey": "required", "requireResidentKey": true, "userVerification": "preferred",
        },
        "attestation": "none",
        "extensions": {"credProps": true},
    });
    assert_eq!(options, expected);

    let made = credential(&service, access, &mut Authenticator::new()).await;
    service.try_passkey(access, &made).await.expect(201);
    service.sql("UPDATE users SET full_name = 'Ada'").await;
    let again = service.creation_options(access).await;
    let present = json!([{"type": "public-key", "id": made["id"], "transports": ["internal"]}]);
    assert_eq!((&again["excludeCredentials"], &again["user"]["id"]), (&present, &json!(handle)));
    assert_eq!(again["user"]["displayName"], "Ada");
    assert_ne!(again["challenge"], challenge, "expected another challenge each time");
    let bob = service.account("bob@example.com").await;
    assert_ne!(service.creation_options(&bob.tokens.access).await["user"]["id"], handle);
}

#[tokio::test]
async fn every_algorithm_and_attestation_is_accepted() {
    let (service, alice) = start().await;
    let access = &alice.tokens.access;
    let mut count = 0;
    for algorithm in Algorithm::ALL {
        for attestation in [Attestation::None, Attestation::Itself, Attestation::Unknown] {
            let behaviour = Behaviour { algorithm: Some(algorithm), attestation, ..Behaviour::default() };
            service.passkey_as(access, &mut Authenticator::new(), &behaviour).await;
            count += 1;
        }
    }
    // A key without a PIN is a second factor.
    let touch = Behaviour { user_verified: false, ..Behaviour::default() };
    service.passkey_as(access, &mut Authenticator::new(), &touch).await;
    assert_eq!(passkeys(&service, access).await.len(), count + 1);
    let stored = "SELECT algorithm, count(*), bool_and(user_verified) FROM passkeys GROUP BY algorithm ORDER BY algorithm";
    assert_eq!(service.sql(stored).await, ["-257|3|t", "-8|3|t", "-7|4|f"]);
}

/// The ways in which the answer of an authenticator, or of its browser, is wrong, with the reason in the log.
fn attacks() -> Vec<(&'static str, &'static str, Behaviour)> {
    let right = Behaviour::default;
    vec![
        (ORIGIN, "another relying party id", Behaviour { rp_id: Some("example.com".to_owned()), ..right() }),
        (
            ORIGIN,
            "no such challenge|another challenge",
            Behaviour { challenge: Some("A".repeat(43)), ..right() },
        ),
        (
            ORIGIN,
            "another ceremony",
            Behaviour { client_data_type: Some("webauthn.get".to_owned()), ..right() },
        ),
        (ORIGIN, "another origin", Behaviour { cross_origin: Some(true), ..right() }),
        (ORIGIN, "user is present", Behaviour { user_present: false, ..right() }),
        (ORIGIN, "backed up", Behaviour { backed_up: true, ..right() }),
        (ORIGIN, "statement", Behaviour { attestation: Attestation::NoneWithStatement, ..right() }),
        (ORIGIN, "no credential", Behaviour { attests_credential: false, ..right() }),
        (ORIGIN, "another credential", Behaviour { presents_as: Some(vec![7; 16]), ..right() }),
        (ORIGIN, "public key", Behaviour { public_key: Some(vec![0xa0]), ..right() }),
        ("http://127.0.0.1:3001", "webauthn_origins", right()),
        ("https://127.0.0.1:3000", "webauthn_origins", right()),
        ("http://127.0.0.1.example.com:3000", "webauthn_origins", right()),
        ("null", "webauthn_origins", right()),
    ]
}

#[tokio::test]
async fn a_wrong_answer_is_422_and_registers_nothing() {
    let (service, alice) = start().await;
    let access = &alice.tokens.access;
    for (number, (origin, reason, behaviour)) in attacks().into_iter().enumerate() {
        let options = service.creation_options(access).await;
        let answer = Authenticator::new().create_as(&options, origin, &behaviour).unwrap();
        let id = format!("attack-{number}");
        let request = service.post("/auth/passkeys").bearer(access).id(&id);
        let refused = request.json(&json!({"credential": answer})).send().await;
        assert_eq!(pointers(&refused), ["/credential"], "{behaviour:?}");
        let told = &refused.json()["errors"][0]["message"];
        assert_eq!(
            told, "was refused; ask for new options and try again",
            "expected no reason: {refused:#?}"
        );
        let log = service.logs().of_request(&id).await;
        let causes = log.causes().join("\n");
        assert!(reason.split('|').any(|reason| causes.contains(reason)), "{reason}: {causes}");
        // The challenge is spent, unless the answer was for another one.
        let right = Authenticator::new().create(&options, ORIGIN).unwrap();
        if behaviour.challenge.is_none() {
            assert_eq!(pointers(&service.try_passkey(access, &right).await), ["/credential"], "{behaviour:?}");
        }
    }
    assert!(passkeys(&service, access).await.is_empty());
    assert!(!has_factor(&service).await);
    assert_eq!(service.outbox().await, [""; 0]);
}

#[tokio::test]
async fn what_is_no_answer_at_all_is_422() {
    let (service, alice) = start().await;
    let access = &alice.tokens.access;
    let good = credential(&service, access, &mut Authenticator::new()).await;
    let with = |pointer: &str, value: Value| {
        let mut body = json!({"credential": good});
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for body in [
        json!({}),
        json!({"credential": null}),
        json!({"credential": "text"}),
        with("/credential/rawId", json!("AA==")),
        with("/credential/rawId", json!("")),
        with("/credential/id", json!("AAAA")),
        with("/credential/type", json!("password")),
        with("/credential/response", json!({})),
        with("/credential/response/clientDataJSON", json!("e30")),
        with("/credential/response/clientDataJSON", json!("_w")),
        with("/credential/response/attestationObject", json!("oA")),
        with("/credential/response/attestationObject", json!("")),
        with("/credential/response/attestationObject", json!("A".repeat(30_000))),
    ] {
        let answer = service.post("/auth/passkeys").bearer(access).json(&body).send().await;
        assert_eq!(pointers(&answer), ["/credential"], "{body}");
    }
    let named = json!({"credential": good, "name": "x".repeat(101)});
    let answer = service.post("/auth/passkeys").bearer(access).json(&named).send().await;
    assert_eq!(pointers(&answer), ["/name"]);
    assert!(passkeys(&service, access).await.is_empty());
    let good = credential(&service, access, &mut Authenticator::new()).await;
    service.try_passkey(access, &good).await.expect(201);
}

#[tokio::test]
async fn a_challenge_works_once_in_its_session_and_for_five_minutes() {
    let (service, alice) = start().await;
    let other = service.login(ALICE, PASSWORD).await;
    let bob = service.account("bob@example.com").await;
    let access = &alice.tokens.access;
    let mut authenticator = Authenticator::new();

    let answer = credential(&service, access, &mut authenticator).await;
    for elsewhere in [&other.access, &bob.tokens.access] {
        assert_eq!(pointers(&service.try_passkey(elsewhere, &answer).await), ["/credential"]);
    }
    service.sql("UPDATE passkey_challenges SET expires_at = now()").await;
    assert_eq!(pointers(&service.try_passkey(access, &answer).await), ["/credential"]);
    // Challenges for something else.
    for options in [
        service.passkey_login_options().await,
        service.post("/auth/passkeys/login/options").bearer(access).send().await.expect(200).json(),
    ] {
        let mut creation = service.creation_options(access).await;
        creation["challenge"] = options["challenge"].clone();
        let answer = authenticator.create(&creation, ORIGIN).unwrap();
        assert_eq!(pointers(&service.try_passkey(access, &answer).await), ["/credential"]);
    }

    let options = service.creation_options(access).await;
    let answer = authenticator.create(&options, ORIGIN).unwrap();
    service.try_passkey(access, &answer).await.expect(201);
    let replayed = Authenticator::new().create(&options, ORIGIN).unwrap();
    for answer in [&answer, &replayed] {
        assert_eq!(pointers(&service.try_passkey(access, answer).await), ["/credential"]);
    }
    assert_eq!(passkeys(&service, access).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_answers_on_two_replicas_one_is_accepted() {
    let service = Service::builder().one_request_per_instance().start().await;
    let alice = service.account(ALICE).await;
    let replica = service.replica(&["--max-instance-concurrent-reuse-count=1"]);
    let replica = Front::new(replica.address(), true);
    let access = &alice.tokens.access;
    for _ in 0..5 {
        let before = passkeys(&service, access).await.len();
        let options = service.creation_options(access).await;
        let [one, other] = [(), ()].map(|()| Authenticator::new().create(&options, ORIGIN).unwrap());
        let (one, other) =
            tokio::join!(service.try_passkey(access, &one), replica.try_passkey(access, &other));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422], "{one:#?} {other:#?}");
        assert_eq!(passkeys(&service, access).await.len(), before + 1);
    }
}

#[tokio::test]
async fn ten_challenges_of_a_session_wait_at_most() {
    let (service, alice) = start().await;
    let access = &alice.tokens.access;
    let mut authenticator = Authenticator::new();
    let oldest = credential(&service, access, &mut authenticator).await;
    let older = service.creation_options(access).await;
    for _ in 0..9 {
        service.creation_options(access).await;
    }
    assert_eq!(service.sql("SELECT count(*) FROM passkey_challenges").await, ["10"]);
    assert_eq!(pointers(&service.try_passkey(access, &oldest).await), ["/credential"]);
    let answer = authenticator.create(&older, ORIGIN).unwrap();
    service.try_passkey(access, &answer).await.expect(201);
    service.post("/auth/logout").bearer(access).send().await.expect(204);
    assert_eq!(service.sql("SELECT count(*) FROM passkey_challenges").await, ["0"]);
}

#[tokio::test]
async fn a_passkey_is_registered_once_and_an_account_has_at_most_20() {
    let (service, alice) = start().await;
    let bob = service.account("bob@example.com").await;
    let id = Behaviour { new_id: Some(vec![9; 16]), ..Behaviour::default() };
    service.passkey_as(&alice.tokens.access, &mut Authenticator::new(), &id).await;
    for access in [&alice.tokens.access, &bob.tokens.access] {
        let options = service.creation_options(access).await;
        let again = Authenticator::new().create_as(&options, ORIGIN, &id).unwrap();
        assert_problem(&service.try_passkey(access, &again).await, 409, "passkey_exists");
    }
    assert!(passkeys(&service, &bob.tokens.access).await.is_empty());
    let fill = "INSERT INTO passkeys OVERRIDING SYSTEM VALUE
                SELECT (p).* FROM (
                    SELECT jsonb_populate_record(p, jsonb_build_object('id', 1000 + n, 'credential_id', '\\x' || lpad(to_hex(n), 32, '0'))) AS p
                      FROM passkeys p, generate_series(1, 19) n
                ) made";
    service.sql(fill).await;
    let answer = credential(&service, &alice.tokens.access, &mut Authenticator::new()).await;
    assert_problem(&service.try_passkey(&alice.tokens.access, &answer).await, 409, "too_many_passkeys");
    let list = passkeys(&service, &alice.tokens.access).await;
    assert_eq!(list.len(), 20);
    remove(&service, &alice.tokens.access, &list[0]).await.expect(204);
    let answer = credential(&service, &alice.tokens.access, &mut Authenticator::new()).await;
    service.try_passkey(&alice.tokens.access, &answer).await.expect(201);
}

#[tokio::test]
async fn the_first_factor_ends_the_other_sessions_and_makes_this_one_fresh() {
    let (service, alice) = start().await;
    let other = service.login(ALICE, PASSWORD).await;
    let access = &alice.tokens.access;
    service.passkey_as(access, &mut Authenticator::new(), &Behaviour::default()).await;
    assert!(has_factor(&service).await);
    assert_problem(&service.me(&other.access).await, 401, "invalid_token");
    // Only a factor makes a session fresh now.
    service.get("/auth/export").bearer(access).send().await.expect(200);
    let refreshed = Tokens::of(&service.refresh(&alice.tokens.refresh).await.expect(200));
    let claims = token::claims(&refreshed.access);
    assert_eq!((&claims["amr"], &claims["acr"]), (&json!(["pwd", "hwk", "mfa"]), &json!("2")));

    // A second one ends nothing, and makes nothing fresh.
    service
        .sql(
            "INSERT INTO sessions (user_id, expires_at, factor_at) SELECT id, now() + interval '1 day', now() FROM users;
              UPDATE sessions SET factor_at = now() - interval '9 minutes'",
        )
        .await;
    service.passkey_as(&refreshed.access, &mut Authenticator::new(), &Behaviour::default()).await;
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["2"]);
    let fresh = "SELECT FROM sessions WHERE factor_at > now() - interval '8 minutes'";
    assert!(service.sql(fresh).await.is_empty());
}

#[tokio::test]
async fn a_passkey_that_may_be_copied_is_a_key_in_software() {
    let (service, alice) = start().await;
    let copied = Behaviour { backup_eligible: true, ..Behaviour::default() };
    service.passkey_as(&alice.tokens.access, &mut Authenticator::new(), &copied).await;
    assert_eq!(service.sql("SELECT methods FROM sessions").await, ["{pwd,swk,mfa}"]);
}

#[tokio::test]
async fn the_owner_is_told_of_every_passkey_that_comes_and_goes() {
    let (service, alice) = start().await;
    let access = &alice.tokens.access;
    let made = service.passkey_as(access, &mut Authenticator::new(), &Behaviour::default()).await;
    remove(&service, access, &made).await.expect(204);
    let told: Vec<String> = service
        .outbox()
        .await
        .iter()
        .map(|line| line.split('|').take(2).collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(told, ["factor_added", "factor_removed"].map(|kind| format!("{kind}|{}", alice.id)));
}

#[tokio::test]
async fn with_the_last_passkey_the_factor_and_its_recovery_codes_go() {
    let (service, alice) = start().await;
    let access = &alice.tokens.access;
    let first = service.passkey_as(access, &mut Authenticator::new(), &Behaviour::default()).await;
    let second = service.passkey_as(access, &mut Authenticator::new(), &Behaviour::default()).await;
    remove(&service, access, &first).await.expect(204);
    assert!(has_factor(&service).await);
    assert_eq!(service.sql("SELECT count(*) FROM recovery_codes").await, ["10"]);
    remove(&service, access, &second).await.expect(204);
    assert!(!has_factor(&service).await);
    assert_eq!(service.sql("SELECT count(*) FROM recovery_codes").await, ["0"]);
    service.login(ALICE, PASSWORD).await;
    let third = service.passkey_as(access, &mut Authenticator::new(), &Behaviour::default()).await;
    assert!(third["recovery_codes"].is_array(), "expected new ones: {third:#}");
}

#[tokio::test]
async fn passkeys_of_others_are_404() {
    let (service, alice) = start().await;
    let bob = service.account("bob@example.com").await;
    let made =
        service.passkey_as(&alice.tokens.access, &mut Authenticator::new(), &Behaviour::default()).await;
    let path = format!("/auth/passkeys/{}", made["id"]);
    let renaming = service.put(&path).bearer(&bob.tokens.access).json(&json!({"name": "mine"}));
    assert_problem(&renaming.send().await, 404, "not_found");
    assert_problem(&remove(&service, &bob.tokens.access, &made).await, 404, "not_found");
    let list = passkeys(&service, &alice.tokens.access).await;
    assert_eq!(list[0]["name"], made["name"]);
    for id in ["0", "x", "9223372036854775808"] {
        let answer = service.delete(&format!("/auth/passkeys/{id}")).bearer(&bob.tokens.access).send().await;
        assert_eq!(pointers(&answer), ["/passkey_id"]);
    }
}

#[tokio::test]
async fn changes_need_a_fresh_session_and_no_key_makes_them() {
    let (service, alice) = start().await;
    let access = alice.tokens.access.clone();
    let key = service.api_key(&access, &json!({"name": "a key"})).await;
    let answer = credential(&service, &access, &mut Authenticator::new()).await;
    let stale = "UPDATE sessions SET authenticated_at = now() - interval '11 minutes', factor_at = now() - interval '11 minutes'";
    let changes = [
        ("POST", "/auth/passkeys/options", json!({})),
        ("POST", "/auth/passkeys", json!({"credential": answer})),
        ("PUT", "/auth/passkeys/1", json!({"name": "phone"})),
        ("DELETE", "/auth/passkeys/1", json!({})),
    ];
    for factor in ["NULL", "now()"] {
        service.sql(&format!("{stale}; UPDATE users SET factors_since = {factor}")).await;
        for (method, path, body) in &changes {
            let request = service.request(method, path).bearer(&access).json(body);
            assert_problem(&request.send().await, 401, "insufficient_user_authentication");
        }
        passkeys(&service, &access).await;
    }
    for (method, path, body) in &changes {
        let request = service.request(method, path).bearer(&key).json(body);
        assert_problem(&request.send().await, 403, "api_key_not_allowed");
    }
    let list = service.get("/auth/passkeys").bearer(&key).send().await;
    assert_problem(&list, 403, "api_key_not_allowed");
}

#[tokio::test]
async fn a_registration_runs_two_statements() {
    let (service, alice) = start().await;
    let access = &alice.tokens.access;
    let options = service.post("/auth/passkeys/options").bearer(access).id("options").send().await.json();
    let answer = Authenticator::new().create(&options, ORIGIN).unwrap();
    let request = service.post("/auth/passkeys").bearer(access).id("register");
    request.json(&json!({"credential": answer})).send().await.expect(201);
    service.get("/auth/passkeys").bearer(access).id("list").send().await.expect(200);
    for id in ["options", "register", "list"] {
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 2, "{id}: {log:#?}");
    }
}

/// While a request is on its way, its session may end.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_meanwhile_registers_nothing() {
    let service = Service::builder().one_request_per_instance().start().await;
    let alice = service.account(ALICE).await;
    let access = &alice.tokens.access;
    let answer = credential(&service, access, &mut Authenticator::new()).await;
    let db = service.db().await;
    db.batch_execute("BEGIN; SELECT FROM users FOR NO KEY UPDATE").await.unwrap();
    let meanwhile = async {
        users_tests::statements_wait(&service.db().await, 1).await;
        db.batch_execute("DELETE FROM sessions; COMMIT").await.unwrap();
    };
    let (refused, ()) = tokio::join!(service.try_passkey(access, &answer), meanwhile);
    assert_problem(&refused, 401, "invalid_token");
    assert_eq!(service.sql("SELECT count(*) FROM passkeys").await, ["0"]);
    assert!(!has_factor(&service).await);
}

#[tokio::test]
async fn passkeys_go_with_their_account() {
    let (service, alice) = start().await;
    service.passkey_as(&alice.tokens.access, &mut Authenticator::new(), &Behaviour::default()).await;
    let request = service.delete("/auth/me").bearer(&alice.tokens.access);
    request.json(&json!({"password": PASSWORD})).send().await.expect(204);
    let left = "SELECT count(*) FROM passkeys; SELECT count(*) FROM passkey_handles; SELECT count(*) FROM passkey_challenges";
    assert_eq!(service.sql(left).await, ["0", "0", "0"]);
}

#[tokio::test]
async fn the_domain_and_the_origins_are_those_of_the_variables() {
    let builder = Service::builder().variable("public_url", "https://users.example.com/service");
    let builder = builder.variable("webauthn_rp_id", "example.com");
    let origins = "https://users.example.com,https://app.example.com:8443";
    let service = builder.variable("webauthn_origins", origins).start().await;
    let alice = service.account(ALICE).await;
    let access = &alice.tokens.access;
    for (origin, status) in [
        ("https://app.example.com:8443", 201),
        ("https://users.example.com", 201),
        ("https://example.com", 422),
        ("https://app.example.com", 422),
        ("https://other.example.com", 422),
    ] {
        let options = service.creation_options(access).await;
        assert_eq!(options["rp"], json!({"id": "example.com", "name": "users.example.com"}));
        let answer = Authenticator::new().create(&options, origin).unwrap();
        service.try_passkey(access, &answer).await.expect(status);
    }
}

#[tokio::test]
async fn a_wrong_variable_is_a_defect_of_the_deployment_that_the_log_names() {
    for (name, value) in [("webauthn_rp_id", "https://example.com"), ("webauthn_origins", "*")] {
        let service = Service::builder().variable(name, value).start().await;
        let answer = service.post("/auth/passkeys/login/options").id("broken").send().await;
        assert_problem(&answer, 500, "internal_error");
        assert!(!answer.body.contains(name), "{answer:#?}");
        let log = service.logs().of_request("broken").await;
        assert!(format!("{log:?}").contains(name), "{log:#?}");
    }
}

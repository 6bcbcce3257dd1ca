//! `POST /auth/login` and `POST /auth/login/factor` of an account with a second factor

use serde_json::{Value, json};
use users_tests::{
    Account, Answer, Authenticator, Front, PASSWORD, Service, Tokens, assert_no_store, assert_problem,
    fields, pointers, statements_wait, token,
};

const ALICE: &str = "alice@example.com";
const ELSEWHERE: [u8; 4] = [127, 0, 0, 66];

/// A service, an account with an authenticator, and its recovery codes.
async fn start() -> (Service, Account, Authenticator, Vec<String>) {
    let service = Service::start().await;
    let alice = service.account(ALICE).await;
    let (authenticator, codes) = service.authenticator(&alice).await;
    (service, alice, authenticator, codes)
}

fn code(authenticator: &Authenticator) -> Value {
    json!({"code": authenticator.code(0)})
}

async fn sessions(service: &Service) -> i64 {
    service.sql("SELECT count(*) FROM sessions").await[0].parse().unwrap()
}

#[tokio::test]
async fn a_right_password_gets_a_challenge_and_no_session() {
    let (service, ..) = start().await;
    service.sql("DELETE FROM known_addresses; DELETE FROM login_hours").await;
    let before = sessions(&service).await;
    let answer = service.try_login(ALICE, PASSWORD).await;
    assert_problem(&answer, 401, "second_factor_required");
    assert_no_store(&answer);
    let body = answer.json();
    let members = [
        "challenge",
        "code",
        "detail",
        "error",
        "expires_in",
        "methods",
        "request_id",
        "status",
        "title",
        "type",
    ];
    assert_eq!(fields(&body), members);
    let challenge = body["challenge"].as_str().unwrap();
    assert_eq!(challenge.len(), 43, "expected 256 bits: {challenge}");
    assert_eq!(body["methods"], json!(["totp", "recovery_code"]));
    assert_eq!((&body["expires_in"], &body["error"]), (&json!(300), &json!("invalid_grant")));
    assert_eq!(answer.header("www-authenticate").as_deref(), Some(r#"Bearer realm="users""#));

    assert_eq!(sessions(&service).await, before);
    assert_eq!(service.sql("SELECT count(*) FROM known_addresses").await, ["0"]);
    assert_eq!(service.sql("SELECT sum(attempts), sum(logins) FROM login_hours").await, ["1|0"]);
    let seconds =
        "SELECT extract(epoch FROM expires_at - now())::int BETWEEN 290 AND 300 FROM login_challenges";
    assert_eq!(service.sql(seconds).await, ["t"]);
    let stored =
        service.sql("SELECT c::text, encode(challenge_hash, 'escape') FROM login_challenges c").await;
    assert!(!stored.concat().contains(challenge) && !service.logs().text().contains(challenge));
}

#[tokio::test]
async fn the_factor_completes_the_login() {
    let (service, alice, authenticator, _) = start().await;
    service.sql("DELETE FROM sessions; DELETE FROM known_addresses; DELETE FROM login_hours").await;
    let request = service.post("/auth/login").header("user-agent", "a browser");
    let challenge = request.form(&[("username", ALICE), ("password", PASSWORD)]).send().await.json();
    let challenge = challenge["challenge"].as_str().unwrap();
    let answer = service.login_factor(challenge, &code(&authenticator)).await.expect(200);
    assert_no_store(&answer);
    let members = ["access_token", "expires_in", "refresh_expires_in", "refresh_token", "token_type"];
    assert_eq!(fields(&answer.json()), members);
    let tokens = Tokens::of(&answer);
    let claims = token::claims(&tokens.access);
    assert_eq!(claims["sub"], alice.id.to_string());
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("2"), &json!(["pwd", "otp", "mfa"])));
    assert_eq!(claims["auth_time"], claims["iat"]);
    let refreshed = Tokens::of(&service.refresh(&tokens.refresh).await.expect(200));
    assert_eq!(token::claims(&refreshed.access)["amr"], json!(["pwd", "otp", "mfa"]));
    service.get("/auth/export").bearer(&refreshed.access).send().await.expect(200);

    let session = "SELECT client, address, methods, factor_at = authenticated_at FROM sessions";
    assert_eq!(service.sql(session).await, ["a browser|127.0.0.1|{pwd,otp,mfa}|t"]);
    assert_eq!(service.sql("SELECT count(*) FROM known_addresses").await, ["1"]);
    assert_eq!(service.sql("SELECT sum(attempts), sum(logins) FROM login_hours").await, ["1|1"]);
    assert_eq!(service.sql("SELECT count(*) FROM login_challenges").await, ["0"]);
}

#[tokio::test]
async fn a_challenge_opens_one_session() {
    let (service, _, authenticator, codes) = start().await;
    let challenge = service.challenge(ALICE).await;
    let before = sessions(&service).await;
    service.login_factor(&challenge, &code(&authenticator)).await.expect(200);
    for proof in [code(&authenticator), json!({"recovery_code": codes[0]})] {
        service.forget_codes().await;
        let answer = service.login_factor(&challenge, &proof).await;
        assert_problem(&answer, 401, "invalid_credentials");
    }
    assert_eq!(sessions(&service).await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_requests_with_one_challenge_on_two_replicas_one_opens_a_session() {
    let (service, _, authenticator, codes) = start().await;
    let replica = service.replica(&[]);
    let second = Front::new(replica.address(), true);
    for recovery_code in &codes {
        service.forget_codes().await;
        let challenge = service.challenge(ALICE).await;
        let before = sessions(&service).await;
        let (by_code, by_recovery_code) = (code(&authenticator), json!({"recovery_code": recovery_code}));
        let (one, other) = tokio::join!(
            service.login_factor(&challenge, &by_code),
            second.login_factor(&challenge, &by_recovery_code)
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
        assert_eq!(sessions(&service).await, before + 1);
    }
}

/// Every reason has the same answer.
#[tokio::test]
async fn a_wrong_factor_and_a_challenge_that_never_was_look_alike() {
    let (service, _, authenticator, _) = start().await;
    let challenge = service.challenge(ALICE).await;
    let unknown = "A".repeat(43);
    let wrong = json!({"code": authenticator.wrong_code()});
    let right = code(&authenticator);
    let mut answers: Vec<Value> = Vec::new();
    for (challenge, proof) in [
        (challenge.as_str(), &wrong),
        (&challenge, &json!({"recovery_code": "00000-00000"})),
        (&unknown, &wrong),
        (&unknown, &right),
        ("", &right),
        ("no challenge", &right),
    ] {
        let answer = service.login_factor(challenge, proof).await;
        assert_problem(&answer, 401, "invalid_credentials");
        assert_eq!(answer.header("www-authenticate").as_deref(), Some(r#"Bearer realm="users""#));
        answers.push(token::without(&answer.json(), "request_id"));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    service.login_factor(&challenge, &right).await.expect(200);
}

#[tokio::test]
async fn an_account_without_a_factor_looks_to_a_stranger_like_one_with_a_factor() {
    let (service, ..) = start().await;
    service.account("bob@example.com").await;
    let mut answers = Vec::new();
    for email in [ALICE, "bob@example.com", "nobody@example.com"] {
        let answer = service.try_login(email, "not the password").await;
        assert_problem(&answer, 401, "invalid_credentials");
        let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        answers.push((token::without(&answer.json(), "request_id"), names));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

#[tokio::test]
async fn another_client_address_cannot_complete_the_login() {
    let (service, _, authenticator, codes) = start().await;
    let challenge = service.challenge(ALICE).await;
    let elsewhere = service.at(ELSEWHERE);
    for proof in [code(&authenticator), json!({"recovery_code": codes[0]})] {
        let answer = elsewhere.login_factor(&challenge, &proof).await;
        assert_problem(&answer, 401, "invalid_credentials");
    }
    assert_eq!(service.sql("SELECT count(*) FROM recovery_codes").await, ["10"], "none was used");
    service.login_factor(&challenge, &code(&authenticator)).await.expect(200);
}

#[tokio::test]
async fn a_challenge_ends_after_five_minutes() {
    let (service, _, authenticator, _) = start().await;
    let challenge = service.challenge(ALICE).await;
    service.sql("UPDATE login_challenges SET expires_at = now()").await;
    let answer = service.login_factor(&challenge, &code(&authenticator)).await;
    assert_problem(&answer, 401, "invalid_credentials");
    // The next login deletes it.
    service.challenge(ALICE).await;
    assert_eq!(service.sql("SELECT count(*) FROM login_challenges").await, ["1"]);
}

/// Ending all sessions of an account also ends the logins that wait.
#[tokio::test]
async fn a_challenge_ends_with_what_it_was_made_of() {
    let (service, alice, authenticator, codes) = start().await;
    let root = service.administrator("root@example.com").await;
    // The first reset of an address that nobody has verified would remove the factors.
    service.sql("UPDATE users SET email_verified = true").await;
    let new = "a stapled battery of horses";
    let mut password = PASSWORD;
    for change in
        ["password", "reset", "sessions", "sessions by an administrator", "deactivation", "verification", "authenticator"]
    {
        service.forget_codes().await;
        let challenge =
            service.try_login(ALICE, password).await.json()["challenge"].as_str().unwrap().to_owned();
        let access = {
            let own =
                service.try_login(ALICE, password).await.json()["challenge"].as_str().unwrap().to_owned();
            Tokens::of(&service.login_factor(&own, &code(&authenticator)).await.expect(200)).access
        };
        let users = format!("/users/{}", alice.id);
        match change {
            "password" => {
                let body = json!({"current_password": password, "new_password": new});
                service.put("/auth/password").bearer(&access).json(&body).send().await.expect(204);
                password = new;
            }
            "reset" => {
                let token = service.link("password_reset", alice.id, ALICE).await;
                let body = json!({"token": token, "new_password": PASSWORD});
                service.post("/auth/password/reset").json(&body).send().await.expect(204);
                password = PASSWORD;
            }
            "sessions" => {
                service.delete("/auth/sessions").bearer(&access).send().await.expect(204);
            }
            "sessions by an administrator" => {
                let request = service.delete(&format!("{users}/sessions")).bearer(&root.tokens.access);
                request.send().await.expect(204);
            }
            "deactivation" => {
                for change in ["deactivate", "activate"] {
                    let request = service.put(&format!("{users}/{change}")).bearer(&root.tokens.access);
                    request.send().await.expect(200);
                }
            }
            "verification" => {
                let request = service.put(&users).bearer(&root.tokens.access);
                request.json(&json!({"email_verified": false})).send().await.expect(200);
            }
            "authenticator" => {
                let successor = service.begin_totp(&access).await;
                service.confirm_totp(&access, &successor.code(0)).await.expect(200);
                service.forget_codes().await;
                let answer = service.login_factor(&challenge, &code(&successor)).await;
                assert_problem(&answer, 401, "invalid_credentials");
                break;
            }
            _ => panic!("an unknown change: {change}"),
        }
        service.forget_codes().await;
        let answer = service.login_factor(&challenge, &code(&authenticator)).await;
        assert_problem(&answer, 401, "invalid_credentials");
        let answer = service.login_factor(&challenge, &json!({"recovery_code": codes[0]})).await;
        assert_problem(&answer, 401, "invalid_credentials");
    }
    assert_eq!(service.sql("SELECT count(*) FROM login_challenges").await, ["0"]);
}

#[tokio::test]
async fn an_account_that_is_deactivated_meanwhile_gets_no_session() {
    let (service, _, authenticator, _) = start().await;
    let challenge = service.challenge(ALICE).await;
    service.sql("UPDATE users SET is_active = false").await;
    let answer = service.login_factor(&challenge, &code(&authenticator)).await;
    assert_problem(&answer, 401, "invalid_credentials");
    assert_problem(&service.try_login(ALICE, PASSWORD).await, 403, "inactive_account");
}

#[tokio::test]
async fn exactly_one_factor_is_sent() {
    let (service, _, authenticator, codes) = start().await;
    let challenge = service.challenge(ALICE).await;
    for (proof, pointer) in [
        (json!({}), "/code"),
        (json!({"code": authenticator.code(0), "recovery_code": codes[0]}), "/recovery_code"),
        (json!({"code": "1234567"}), "/code"),
        (json!({"code": 123_456}), "/code"),
        (json!({"recovery_code": "7K3QX"}), "/recovery_code"),
    ] {
        let answer = service.login_factor(&challenge, &proof).await;
        assert_problem(&answer, 422, "validation_failed");
        assert_eq!(pointers(&answer), [pointer]);
    }
    assert_eq!(service.sql("SELECT attempts FROM login_challenges").await, ["0"], "none was compared");
}

#[tokio::test]
async fn a_login_costs_what_it_cost_and_the_second_step_two_statements() {
    let (service, _, authenticator, _) = start().await;
    service.account("bob@example.com").await;
    let login = async |email: &str, id: &str| -> Answer {
        let form = [("username", email), ("password", PASSWORD)];
        service.post("/auth/login").id(id).form(&form).send().await
    };
    login("bob@example.com", "without").await.expect(200);
    let challenge = login(ALICE, "with").await.expect(401).json()["challenge"].clone();
    let body = json!({"challenge": challenge, "code": authenticator.code(0)});
    service.post("/auth/login/factor").id("factor").json(&body).send().await.expect(200);
    for id in ["without", "with", "factor"] {
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 2, "{id}: {log:#?}");
    }
}

/// The statement that opens the session looks for a factor under the lock on the account.
#[tokio::test(flavor = "multi_thread")]
async fn a_factor_that_is_set_up_during_a_login_is_asked_for() {
    let service = Service::builder().one_request_per_instance().start().await;
    let alice = service.account(ALICE).await;
    let db = service.db().await;
    let lock = format!("BEGIN; SELECT FROM users WHERE id = {} FOR NO KEY UPDATE", alice.id);
    db.batch_execute(&lock).await.unwrap();
    let meanwhile = async {
        statements_wait(&service.db().await, 1).await;
        db.batch_execute("UPDATE users SET factors_since = now(); COMMIT").await.unwrap();
    };
    let before = sessions(&service).await;
    let (answer, ()) = tokio::join!(service.try_login(ALICE, PASSWORD), meanwhile);
    assert_problem(&answer, 401, "second_factor_required");
    assert_eq!(sessions(&service).await, before);
}

/// The release before knows of no factors: its statement would open a session for the password alone.
#[tokio::test]
async fn the_release_before_opens_no_session_for_the_password_alone() {
    let (service, alice, ..) = start().await;
    let before = sessions(&service).await;
    let insert = |user: i64| {
        format!(
            "INSERT INTO sessions (user_id, expires_at, client) VALUES ({user}, now() + interval '1 day', 'old') RETURNING id"
        )
    };
    assert!(service.sql(&insert(alice.id)).await.is_empty());
    let bob = service.account("bob@example.com").await;
    assert_eq!(service.sql(&insert(bob.id)).await.len(), 1);
    assert_eq!(sessions(&service).await, before + 2);
}

#[tokio::test]
async fn a_code_makes_a_session_fresh_and_keeps_what_it_proved() {
    let (service, alice, authenticator, codes) = start().await;
    let stale = "UPDATE sessions SET authenticated_at = now() - interval '11 minutes', factor_at = now() - interval '11 minutes'";
    for proof in [json!({"code": authenticator.code(0)}), json!({"recovery_code": codes[0]})] {
        service.sql(stale).await;
        let export = || service.get("/auth/export").bearer(&alice.tokens.access).send();
        assert_problem(&export().await, 401, "insufficient_user_authentication");
        service.reauthenticate(&alice.tokens.access, &proof).await.expect(204);
        export().await.expect(200);
        let answer = service.reauthenticate(&alice.tokens.access, &proof).await;
        assert_problem(&answer, 401, "invalid_credentials");
    }
    assert_eq!(service.sql("SELECT methods FROM sessions").await, ["{pwd,otp,mfa}"]);
    let body = json!({"current_password": PASSWORD, "new_password": "a stapled battery of horses"});
    service.put("/auth/password").bearer(&alice.tokens.access).json(&body).send().await.expect(204);
}

#[tokio::test]
async fn without_a_factor_no_code_makes_a_session_fresh() {
    let service = Service::start().await;
    let alice = service.account(ALICE).await;
    for proof in [json!({"code": "123456"}), json!({"recovery_code": "00000-00000"})] {
        let answer = service.reauthenticate(&alice.tokens.access, &proof).await;
        assert_problem(&answer, 401, "invalid_credentials");
    }
}

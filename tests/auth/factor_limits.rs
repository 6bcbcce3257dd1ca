//! The limits of wrong second factors

use serde_json::{Value, json};
use tokio::task::JoinSet;
use users_tests::{Account, Authenticator, Builder, Front, PASSWORD, Service, Tokens, assert_problem};

const ALICE: &str = "alice@example.com";
const HOME: [u8; 4] = [127, 0, 0, 9];

async fn start(builder: Builder) -> (Service, Account, Authenticator) {
    let service = builder.start().await;
    let alice = service.account(ALICE).await;
    let (authenticator, _) = service.authenticator(&alice).await;
    service.empty_outbox().await;
    (service, alice, authenticator)
}

fn wrong(authenticator: &Authenticator) -> Value {
    json!({"code": authenticator.wrong_code()})
}

fn right(authenticator: &Authenticator) -> Value {
    json!({"code": authenticator.code(0)})
}

#[tokio::test]
async fn five_wrong_factors_end_the_challenge() {
    let (service, _, authenticator) = start(Service::builder().variable("limit_codes", "5")).await;
    let challenge = service.challenge(ALICE).await;
    for number in 0..5 {
        let proof = if number == 2 { json!({"recovery_code": "00000-00000"}) } else { wrong(&authenticator) };
        let answer = service.login_factor(&challenge, &proof).await;
        assert_problem(&answer, 401, "invalid_credentials");
    }
    let answer = service.login_factor(&challenge, &right(&authenticator)).await;
    assert_problem(&answer, 401, "invalid_credentials");
    // Another login has another challenge, and the fifth factor may be the right one.
    let challenge = service.challenge(ALICE).await;
    for _ in 0..4 {
        service.login_factor(&challenge, &wrong(&authenticator)).await.expect(401);
    }
    service.login_factor(&challenge, &right(&authenticator)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_factors_at_once_on_two_replicas_five_are_compared() {
    let builder = Service::builder().variable("limit_codes", "5").one_request_per_instance();
    let (service, _, authenticator) = start(builder).await;
    let challenge = service.challenge(ALICE).await;
    let replica = service.replica(&[]);
    let fronts = [Front::clone(&service), Front::new(replica.address(), true)];
    let mut guesses = JoinSet::new();
    for number in 0..100 {
        let (front, challenge) = (fronts[number % 2].clone(), challenge.clone());
        let proof = wrong(&authenticator);
        guesses.spawn(async move { front.login_factor(&challenge, &proof).await.status });
    }
    assert!(guesses.join_all().await.iter().all(|status| *status == 401));
    assert_eq!(service.sql("SELECT attempts FROM login_challenges").await, ["5"]);
}

#[tokio::test]
async fn the_operator_sets_the_number_or_none() {
    for (limit, tries) in [("2", 2), ("0", 12)] {
        let (service, _, authenticator) = start(Service::builder().variable("limit_codes", limit)).await;
        let challenge = service.challenge(ALICE).await;
        for _ in 0..tries {
            service.login_factor(&challenge, &wrong(&authenticator)).await.expect(401);
        }
        let status = service.login_factor(&challenge, &right(&authenticator)).await.status;
        assert_eq!(status, if limit == "0" { 200 } else { 401 }, "{limit}");
    }
}

/// The attacker has the password, and every client address, challenge and replica that they want.
#[tokio::test(flavor = "multi_thread")]
async fn of_10000_wrong_codes_spread_over_addresses_challenges_and_replicas_ten_are_compared() {
    let builder = Service::builder()
        .with_limits()
        .variable("limit_logins", "0")
        .variable("limit_registrations", "0")
        .variable("trusted_proxies", "127.0.0.1");
    let service = builder.start().await;
    // The owner logs in from home.
    let home = service.at(HOME);
    let user = service.register(ALICE, PASSWORD).await.expect(201).json();
    let tokens = home.login(ALICE, PASSWORD).await;
    let alice = Account { id: user["id"].as_i64().unwrap(), email: ALICE.to_owned(), tokens };
    let (authenticator, _) = service.authenticator(&alice).await;
    service.empty_outbox().await;

    let replica = service.replica(&[]);
    let fronts = [Front::clone(&service), Front::new(replica.address(), true)];
    let address = |number: usize| format!("203.0.113.{number}");
    let mut challenges = Vec::new();
    for number in 0..40 {
        let request = service.post("/auth/login").header("x-forwarded-for", address(number));
        let answer = request.form(&[("username", ALICE), ("password", PASSWORD)]).send().await;
        assert_problem(&answer, 401, "second_factor_required");
        challenges.push(answer.json()["challenge"].as_str().unwrap().to_owned());
    }
    let mut guesses = JoinSet::new();
    for part in 0..40 {
        let (front, address) = (fronts[part % 2].clone(), address(part));
        let challenge = challenges[part].clone();
        guesses.spawn(async move {
            let mut statuses = Vec::with_capacity(250);
            for number in 0..250 {
                let code = format!("{:06}", part * 250 + number);
                let request = front.post("/auth/login/factor").header("x-forwarded-for", &address);
                let answer = request.json(&json!({"challenge": challenge, "code": code})).send().await;
                statuses.push(answer.status);
            }
            statuses
        });
    }
    let statuses = guesses.join_all().await.concat();
    let compared = service.sql("SELECT sum(attempts) FROM login_challenges").await;
    assert_eq!(compared, ["10"]);
    assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
    assert_eq!(service.outbox().await, [format!("password_guessed|{}|{{}}", alice.id)], "told once");
    // Elsewhere nobody gets further, with whichever password. At home, the owner logs in.
    assert_eq!(service.try_login(ALICE, PASSWORD).await.status, 429);
    let challenge = home.challenge(ALICE).await;
    home.login_factor(&challenge, &right(&authenticator)).await.expect(200);
}

#[tokio::test]
async fn wrong_factors_and_wrong_passwords_count_together() {
    let builder = Service::builder().variable("limit_password_failures", "4/10m");
    let (service, alice, authenticator) = start(builder).await;
    service.sql("DELETE FROM known_addresses").await;
    let challenge = service.challenge(ALICE).await;
    service.try_login(ALICE, "not the password").await.expect(401);
    service.login_factor(&challenge, &wrong(&authenticator)).await.expect(401);
    service.reauthenticate(&alice.tokens.access, &wrong(&authenticator)).await.expect(401);
    service.reauthenticate(&alice.tokens.access, &json!({"recovery_code": "00000-00000"})).await.expect(401);
    for answer in [
        service.try_login(ALICE, PASSWORD).await,
        service.login_factor(&challenge, &right(&authenticator)).await,
        service.reauthenticate(&alice.tokens.access, &right(&authenticator)).await,
    ] {
        assert_problem(&answer, 429, "too_many_requests");
        assert_eq!(answer.header("ratelimit-policy").as_deref(), Some(r#""password-failures";q=4;w=600"#));
    }
    assert_eq!(
        service.sql("SELECT attempts FROM login_challenges").await,
        ["1"],
        "refused ones do not count"
    );
    assert_eq!(service.outbox().await, [format!("password_guessed|{}|{{}}", alice.id)]);
}

#[tokio::test]
async fn right_factors_are_no_wrong_ones() {
    let builder =
        Service::builder().variable("limit_password_failures", "1/10m").variable("limit_codes", "1");
    let (service, alice, authenticator) = start(builder).await;
    service.sql("DELETE FROM known_addresses").await;
    for last in 1..=3 {
        let front = service.at([127, 0, 1, last]);
        let challenge = front.challenge(ALICE).await;
        service.forget_codes().await;
        let answer = front.login_factor(&challenge, &right(&authenticator)).await.expect(200);
        let tokens = Tokens::of(&answer);
        service.forget_codes().await;
        front.reauthenticate(&tokens.access, &right(&authenticator)).await.expect(204);
    }
    service.forget_codes().await;
    service.reauthenticate(&alice.tokens.access, &right(&authenticator)).await.expect(204);
    assert_eq!(service.sql("SELECT count(*) FROM limits WHERE attempts <> '{}'").await, ["0"]);
    assert!(service.outbox().await.is_empty());
}

#[tokio::test]
async fn five_wrong_factors_in_a_row_end_the_session() {
    let (service, alice, authenticator) = start(Service::builder().variable("limit_codes", "5")).await;
    let other = service.login_with_code(ALICE, &authenticator).await;
    let try_code = async |proof: Value| service.reauthenticate(&alice.tokens.access, &proof).await;
    for _ in 0..2 {
        for _ in 0..4 {
            assert_problem(&try_code(wrong(&authenticator)).await, 401, "invalid_credentials");
        }
        service.forget_codes().await;
        try_code(right(&authenticator)).await.expect(204);
    }
    for _ in 0..5 {
        assert_problem(&try_code(wrong(&authenticator)).await, 401, "invalid_credentials");
    }
    assert_problem(&try_code(right(&authenticator)).await, 401, "invalid_token");
    assert_problem(&service.refresh(&alice.tokens.refresh).await, 401, "invalid_token");
    service.me(&other.access).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_factors_at_once_in_a_session_five_are_compared() {
    let builder = Service::builder().variable("limit_codes", "5").one_request_per_instance();
    let (service, alice, authenticator) = start(builder).await;
    let mut guesses = JoinSet::new();
    for _ in 0..50 {
        let (front, access) = (Front::clone(&service), alice.tokens.access.clone());
        let proof = wrong(&authenticator);
        guesses.spawn(async move { front.reauthenticate(&access, &proof).await.status });
    }
    assert!(guesses.join_all().await.iter().all(|status| *status == 401));
    let counted = "SELECT cardinality(attempts) FROM limits WHERE expires_at > now() + interval '1 day'";
    assert_eq!(service.sql(counted).await, ["5"]);
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"]);
}

//! The limits of wrong passwords and of logins, at `POST /auth/login`.

use serde_json::Value;
use tokio::task::JoinSet;
use users_tests::{Answer, Front, PASSWORD, Service, assert_no_store, assert_problem, token};

const ALICE: &str = "alice@example.com";
/// The client address from which the owner logs in.
const HOME: [u8; 4] = [127, 0, 0, 9];
/// A client address from which nobody has logged in.
const ELSEWHERE: [u8; 4] = [127, 0, 0, 66];

/// A service that allows as many wrong passwords, with an account that was never logged in to.
async fn allowing(failures: &str) -> Service {
    let service = Service::builder().variable("limit_password_failures", failures).start().await;
    service.register(ALICE, PASSWORD).await.expect(201);
    service.empty_outbox().await;
    service
}

/// A slot for each of these many guesses: on a slow machine, one that waits for a slot for five seconds would be answered 503.
const ENOUGH_SLOTS: &str = "200";

/// The statuses of wrong passwords, one after the other.
async fn guess(front: &Front, email: &str, times: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..times {
        statuses.push(front.try_login(email, "not the password").await.status);
    }
    statuses
}

/// Asserts the answer of a limit. Returns the seconds to wait.
#[track_caller]
fn assert_limited(answer: &Answer, policy: &str, quota: u32, window: u32) -> u32 {
    assert_problem(answer, 429, "too_many_requests");
    assert_no_store(answer);
    let wait: u32 = answer.header("retry-after").expect("Retry-After").parse().expect("seconds");
    assert!((1..=window).contains(&wait), "expected 1 to {window} seconds: {answer:#?}");
    assert_eq!(answer.header("ratelimit"), Some(format!("\"{policy}\";r=0;t={wait}")));
    assert_eq!(answer.header("ratelimit-policy"), Some(format!("\"{policy}\";q={quota};w={window}")));
    wait
}

#[tokio::test]
async fn by_default_ten_wrong_passwords_are_compared_and_the_next_is_refused() {
    let service = Service::builder().with_limits().start().await;
    service.register(ALICE, PASSWORD).await.expect(201);
    assert_eq!(guess(&service, ALICE, 10).await, [401; 10]);
    let refused = service.try_login(ALICE, "not the password").await;
    assert_limited(&refused, "password-failures", 10, 600);
    assert_eq!(refused.json()["error"], "temporarily_unavailable");
    // The right password is not compared either.
    assert_limited(&service.try_login(ALICE, PASSWORD).await, "password-failures", 10, 600);
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"]);
}

#[tokio::test]
async fn an_address_without_an_account_is_refused_like_one_with_an_account() {
    let service = allowing("3/10m").await;
    let mut answers = Vec::new();
    for email in [ALICE, "nobody@example.com"] {
        assert_eq!(guess(&service, email, 3).await, [401; 3], "{email}");
        answers.push(service.try_login(email, PASSWORD).await);
        assert_limited(&answers[answers.len() - 1], "password-failures", 3, 600);
    }
    let shown = |answer: &Answer| -> (Value, Vec<String>) {
        (
            token::without(&answer.json(), "request_id"),
            answer.headers.keys().map(ToString::to_string).collect(),
        )
    };
    assert_eq!(shown(&answers[0]), shown(&answers[1]));
}

#[tokio::test]
async fn spellings_of_an_address_share_its_limit() {
    let service = allowing("2/10m").await;
    assert_eq!(guess(&service, "Alice@Example.com", 1).await, [401]);
    assert_eq!(guess(&service, " ALICE@EXAMPLE.COM", 1).await, [401]);
    assert_eq!(guess(&service, ALICE, 1).await, [429]);
    assert_eq!(guess(&service, "bob@example.com", 1).await, [401]);
}

#[tokio::test]
async fn of_200_guesses_at_once_through_two_replicas_ten_are_compared_and_the_owner_logs_in_meanwhile() {
    let service = Service::builder()
        .variable("limit_password_failures", "10/10m")
        .variable("hash_slots", ENOUGH_SLOTS)
        .start()
        .await;
    service.register(ALICE, PASSWORD).await.expect(201);
    let home = service.at(HOME);
    home.login(ALICE, PASSWORD).await;
    let replica = service.replica(&[]);
    let fronts = [service.at(ELSEWHERE), Front::new(replica.address(), true).at(ELSEWHERE)];
    let mut guesses = JoinSet::new();
    for number in 0..200 {
        let front = fronts[number % 2].clone();
        guesses.spawn(async move { front.try_login(ALICE, "not the password").await.status });
    }
    for _ in 0..3 {
        home.login(ALICE, PASSWORD).await;
    }
    let statuses = guesses.join_all().await;
    let count = |status| statuses.iter().filter(|it| **it == status).count();
    assert_eq!((count(401), count(429)), (10, 190), "{statuses:?}");
    home.login(ALICE, PASSWORD).await;
}

#[tokio::test]
async fn a_thousand_addresses_together_get_ten_guesses_and_the_owner_still_logs_in() {
    let service = Service::builder()
        .variable("limit_password_failures", "10/10m")
        .variable("hash_slots", ENOUGH_SLOTS)
        .variable("trusted_proxies", "127.0.0.1")
        .start()
        .await;
    service.register(ALICE, PASSWORD).await.expect(201);
    service.at(HOME).login(ALICE, PASSWORD).await;
    // A hundred at once, each from ten addresses. The requests come from the trusted proxy.
    let mut guesses = JoinSet::new();
    for part in 0..100 {
        let proxy = Front::clone(&service);
        guesses.spawn(async move {
            let mut statuses = Vec::new();
            for last in 1..=10 {
                let address = format!("203.0.{part}.{last}");
                let request = proxy.post("/auth/login").header("x-forwarded-for", address);
                let form = [("username", ALICE), ("password", "not the password")];
                statuses.push(request.form(&form).send().await.status);
            }
            statuses
        });
    }
    let statuses = guesses.join_all().await.concat();
    let count = |status| statuses.iter().filter(|it| **it == status).count();
    assert_eq!((count(401), count(429)), (10, 990), "{statuses:?}");
    service.at(HOME).login(ALICE, PASSWORD).await;
    // A right password from an address that the owner never used helps nobody.
    assert_eq!(service.at(ELSEWHERE).try_login(ALICE, PASSWORD).await.status, 429);
}

#[tokio::test]
async fn right_passwords_are_no_wrong_ones() {
    let service = allowing("2/10m").await;
    for last in 1..=5 {
        service.at([127, 0, 1, last]).login(ALICE, PASSWORD).await;
        service.at([127, 0, 1, last]).login(ALICE, PASSWORD).await;
    }
    assert_eq!(service.sql("SELECT count(*) FROM limits WHERE attempts <> '{}'").await, ["0"]);
    assert_eq!(guess(&service.at(ELSEWHERE), ALICE, 3).await, [401, 401, 429]);
}

#[tokio::test]
async fn right_passwords_of_accounts_that_may_not_log_in_are_no_wrong_ones() {
    let service = Service::builder()
        .variable("limit_password_failures", "1/10m")
        .variable("require_verified_email", "true")
        .start()
        .await;
    service.register(ALICE, PASSWORD).await.expect(201);
    for _ in 0..3 {
        assert_problem(&service.try_login(ALICE, PASSWORD).await, 403, "email_unverified");
    }
    service.sql("UPDATE users SET email_verified = true, is_active = false").await;
    for _ in 0..3 {
        assert_problem(&service.try_login(ALICE, PASSWORD).await, 403, "inactive_account");
    }
    assert_eq!(service.sql("SELECT attempts FROM limits").await, ["{}"]);
    assert_eq!(service.sql("SELECT count(*) FROM known_addresses").await, ["0"], "nobody has logged in");
    assert_eq!(guess(&service, ALICE, 2).await, [401, 429]);
}

#[tokio::test]
async fn an_address_of_the_owner_has_a_count_of_its_own_that_a_login_clears() {
    let service = allowing("3/10m").await;
    let home = service.at(HOME);
    home.login(ALICE, PASSWORD).await;
    assert_eq!(guess(&home, ALICE, 2).await, [401; 2]);
    home.login(ALICE, PASSWORD).await;
    assert_eq!(guess(&home, ALICE, 4).await, [401, 401, 401, 429]);
    assert_limited(&home.try_login(ALICE, PASSWORD).await, "password-failures", 3, 600);
    // The two counts are separate.
    assert_eq!(guess(&service.at(ELSEWHERE), ALICE, 4).await, [401, 401, 401, 429]);
    // The count belongs to one account: another account logs in from there.
    service.register("bob@example.com", PASSWORD).await.expect(201);
    home.login("bob@example.com", PASSWORD).await;
}

#[tokio::test]
async fn an_address_is_known_for_180_days() {
    let service = allowing("1/10m").await;
    let home = service.at(HOME);
    home.login(ALICE, PASSWORD).await;
    assert_eq!(guess(&service.at(ELSEWHERE), ALICE, 2).await, [401, 429]);
    let aged = |days| format!("UPDATE known_addresses SET last_login_at = now() - interval '{days} days'");
    service.sql(&aged(181)).await;
    assert_eq!(home.try_login(ALICE, PASSWORD).await.status, 429);
    service.sql(&aged(179)).await;
    home.login(ALICE, PASSWORD).await;
    let again = "SELECT last_login_at > now() - interval '1 minute' FROM known_addresses";
    assert_eq!(service.sql(again).await, ["t"], "each login counts");
}

#[tokio::test]
async fn the_window_slides_and_retry_after_says_when_an_attempt_is_free() {
    let service = allowing("2/10m").await;
    assert_eq!(guess(&service, ALICE, 3).await, [401, 401, 429]);
    let age = |age: &str| {
        format!(
            "UPDATE limits SET attempts[1] = clock_timestamp() - interval '{age}' WHERE cardinality(attempts) = 2"
        )
    };
    service.sql(&age("9 minutes 30 seconds")).await;
    let wait = assert_limited(&service.try_login(ALICE, PASSWORD).await, "password-failures", 2, 600);
    assert!((20..=30).contains(&wait), "expected about 30 seconds: {wait}");
    service.sql(&age("10 minutes")).await;
    // The first attempt is over, the second one is not.
    assert_eq!(guess(&service, ALICE, 2).await, [401, 429]);
    assert_eq!(service.sql("SELECT cardinality(attempts) FROM limits").await, ["2"]);
}

#[tokio::test]
async fn refused_attempts_do_not_count() {
    let service = allowing("2/10m").await;
    assert_eq!(guess(&service, ALICE, 8).await[2..], [429; 6]);
    let past =
        "UPDATE limits SET attempts = ARRAY(SELECT a - interval '10 minutes' FROM unnest(attempts) AS a)";
    service.sql(past).await;
    assert_eq!(guess(&service, ALICE, 3).await, [401, 401, 429]);
}

#[tokio::test]
async fn logins_from_one_client_address_are_limited_whatever_they_are() {
    let service = Service::builder().variable("limit_logins", "3/1m").start().await;
    service.register(ALICE, PASSWORD).await.expect(201);
    let home = service.at(HOME);
    home.login(ALICE, PASSWORD).await;
    assert_eq!(guess(&home, ALICE, 1).await, [401]);
    assert_eq!(guess(&home, "nobody@example.com", 1).await, [401]);
    let refused = home.try_login(ALICE, PASSWORD).await;
    assert_limited(&refused, "logins", 3, 60);
    service.at(ELSEWHERE).login(ALICE, PASSWORD).await;
}

#[tokio::test]
async fn zero_turns_a_limit_off() {
    let service = allowing("0").await;
    assert_eq!(guess(&service, ALICE, 12).await, [401; 12]);
    assert_eq!(service.sql("SELECT count(*) FROM limits").await, ["0"]);
}

#[tokio::test]
async fn a_login_runs_two_statements_whatever_its_password_and_a_refused_one_runs_one() {
    let service = allowing("2/10m").await;
    let send = async |id: &str, email: &str, password: &str| {
        let form = [("username", email), ("password", password)];
        let answer = service.post("/auth/login").id(id).form(&form).send().await;
        (answer.status, service.logs().of_request(id).await.statements().len())
    };
    // The first login of an installation also makes the key that signs tokens.
    service.login(ALICE, PASSWORD).await;
    assert_eq!(send("right", ALICE, PASSWORD).await, (200, 2));
    service.sql("DELETE FROM known_addresses").await;
    for (name, email) in [("alice", ALICE), ("nobody", "nobody@example.com")] {
        // The second statement returns the slot of the hash.
        assert_eq!(send(&format!("first-{name}"), email, "wrong").await, (401, 2));
        // The last one that may be wrong tells the owner, and does the same work for nobody.
        assert_eq!(send(&format!("last-{name}"), email, "wrong").await, (401, 2));
        assert_eq!(send(&format!("refused-{name}"), email, "wrong").await, (429, 1));
    }
}

#[tokio::test]
async fn the_log_names_account_and_limit_of_a_refused_login() {
    let service = allowing("1/10m").await;
    guess(&service, ALICE, 1).await;
    let form = [("username", ALICE), ("password", PASSWORD)];
    service.post("/auth/login").id("refused").form(&form).send().await.expect(429);
    let log = service.logs().of_request("refused").await;
    assert_eq!(log.causes(), ["the limit password-failures is reached"]);
    assert_eq!(log.access()["user_id"], 1);
}

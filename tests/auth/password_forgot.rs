//! `POST /auth/password/forgot`

use std::time::{Duration, Instant};

use serde_json::json;
use users_tests::{Answer, PASSWORD, Service, assert_common_headers, pointers};

/// The pairs of requests whose times are compared.
const PAIRS: usize = 500;

async fn forgot(service: &Service, id: &str, email: &str) -> Answer {
    service.post("/auth/password/forgot").id(id).json(&json!({"email": email})).send().await
}

#[tokio::test]
async fn every_address_gets_the_same_answer_by_the_same_statement() {
    let service = Service::start().await;
    for email in ["alice@example.com", "carol@example.com", "invited@example.com"] {
        service.register(email, PASSWORD).await.expect(201);
    }
    service
        .sql(
            "UPDATE users SET is_active = false WHERE email = 'carol@example.com';
             UPDATE users SET password_hash = '' WHERE email = 'invited@example.com'",
        )
        .await;
    let mut seen = Vec::new();
    for (id, email) in [
        ("existing", "alice@example.com"),
        ("again", "alice@example.com"),
        ("unknown", "bobby@example.com"),
        ("inactive", "carol@example.com"),
        ("invited", "invited@example.com"),
    ] {
        let answer = forgot(&service, id, email).await.expect(202);
        assert_common_headers(&answer);
        assert_eq!(answer.body, "{}");
        let mut headers: Vec<String> = answer
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        headers.sort_unstable();
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 1, "expected one statement: {log:#?}");
        assert!(log.access()["user_id"].is_null(), "expected no account in the log: {log:#?}");
        seen.push((answer.status, headers, log.statements()[0].to_owned()));
    }
    assert!(seen.iter().all(|it| *it == seen[0]), "expected no difference: {seen:#?}");
    assert!(!seen[0].2.contains("users"), "expected that nobody looks for an account: {}", seen[0].2);
}

#[tokio::test]
async fn a_request_is_recorded_with_the_address_as_it_was_typed_and_without_an_account() {
    let service = Service::start().await;
    service.register("jürgen@bücher.example", PASSWORD).await.expect(201);
    service.empty_outbox().await;
    forgot(&service, "one", "  JÜRGEN@Bücher.example ").await.expect(202);
    let recorded = service
        .sql("SELECT kind, user_id, carries ->> 'email', carries ->> 'email_key', sent_at, attempts FROM outbox")
        .await;
    assert_eq!(
        recorded,
        ["password_forgotten||JÜRGEN@Bücher.example|jürgen@xn--bcher-kva.example||0"],
        "expected no account"
    );
    let keys = "SELECT count(*) FROM users u JOIN outbox o ON o.carries ->> 'email_key' = u.email_key";
    assert_eq!(service.sql(keys).await, ["1"], "expected the key of the account");
}

#[tokio::test]
async fn a_text_that_cannot_be_an_address_is_refused_whoever_has_an_account() {
    let service = Service::start().await;
    for bad in ["", "x", "a@b", "a\0@example.com", &format!("{}@example.com", "a".repeat(250))] {
        assert_eq!(pointers(&forgot(&service, "bad", bad).await), ["/email"], "{bad:?}");
    }
    let missing = service.post("/auth/password/forgot").json(&json!({"email": null})).send().await;
    assert_eq!(pointers(&missing), ["/email"]);
    assert_eq!(service.outbox().await, [""; 0]);
}

#[tokio::test]
async fn a_token_in_the_request_does_not_matter() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for token in [account.tokens.access.as_str(), "x.y.z"] {
        let body = json!({"email": "alice@example.com"});
        let answer = service.post("/auth/password/forgot").bearer(token).json(&body).send().await;
        assert_eq!(answer.expect(202).body, "{}");
    }
}

/// The median time of 500 requests for each of two addresses. The addresses take turns, so other work on the machine affects both.
async fn medians(service: &Service, addresses: [&str; 2]) -> [Duration; 2] {
    let mut times = [Vec::with_capacity(PAIRS), Vec::with_capacity(PAIRS)];
    for pair in 0..PAIRS {
        // Each address comes first in half of the pairs.
        for index in [pair % 2, 1 - pair % 2] {
            let start = Instant::now();
            forgot(service, "timed", addresses[index]).await.expect(202);
            times[index].push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[PAIRS / 2]
    })
}

#[tokio::test]
async fn the_time_does_not_show_who_has_an_account() {
    let service = Service::builder().without("log_queries").start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let addresses = ["alice@example.com", "bobby@example.com"];
    medians(&service, addresses).await;
    let mut differences = Vec::new();
    // A real difference shows in every round. A difference by chance does not.
    for _ in 0..4 {
        let [existing, unknown] = medians(&service, addresses).await.map(|it| it.as_secs_f64());
        let difference = (existing - unknown).abs() / existing.min(unknown);
        if difference < 0.05 {
            return;
        }
        differences.push(difference);
    }
    panic!("expected less than 5 % between the medians: {differences:?}");
}

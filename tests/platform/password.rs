//! Tests of another rule for passwords. An operator selects it with one line of `spin.toml`.

use std::time::{Duration, Instant};

use serde_json::json;
use users_tests::{Answer, HostKind, PASSWORD, Service, assert_problem, environment, pointers};

use crate::guests::assert_failed;

/// The passwords for which `tests/guests/password-faulty` fails, each in another way.
const TRAP: &str = "trap the request";
const LOOP: &str = "loop without end";
const HOARD: &str = "take all memory";
const REFUSE: &str = "refuse silently";
const TELL: &str = "Tell What You Know";

/// `spin.toml` with the file of another rule.
fn with_rule(name: &str) -> String {
    let manifest = std::fs::read_to_string(&environment().manifest).expect("the manifest can be read");
    let line = |name: &str| format!(r#"source = "target/wasm/wasm32-wasip2/component/{name}.wasm""#);
    assert_eq!(manifest.matches(&line("password")).count(), 1, "expected one line to edit");
    manifest.replace(&line("password"), &line(name))
}

async fn faulty(arguments: &[&str]) -> Service {
    let builder = Service::builder().manifest(&with_rule("password_faulty"));
    let builder = builder.variable("denied_words", "Acme,globex");
    arguments.iter().fold(builder, |builder, it| builder.argument(it)).start().await
}

async fn register(service: &Service, password: &str) -> Answer {
    let body = json!({"email": "Eve@example.com", "password": password, "full_name": "Eve Adams"});
    service.post("/auth/register").json(&body).send().await
}

/// The messages about the fields of a 422.
fn messages(answer: &Answer) -> Vec<String> {
    assert_problem(answer, 422, "validation_failed");
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["message"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Asserts that a registration with this password fails and leaves no account, while the service goes on.
async fn assert_fails_without_a_change(service: &Service, password: &str) {
    assert_failed(&register(service, password).await);
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["0"]);
}

#[tokio::test]
async fn one_line_of_the_manifest_replaces_the_rule() {
    let service = faulty(&[]).await;
    register(&service, "password123").await.expect(201);
    service.login("eve@example.com", "password123").await;

    let usual = Service::start().await;
    assert_eq!(pointers(&register(&usual, "password123").await), ["/password"]);
}

#[tokio::test]
async fn the_reason_of_a_rule_reaches_the_client_and_an_empty_one_is_replaced() {
    let service = faulty(&[]).await;
    assert_eq!(messages(&register(&service, REFUSE).await), ["must be harder to guess; choose another"]);
    let told = messages(&register(&service, TELL).await);
    assert_eq!(told, ["tell what you know; Eve@example.com; Eve Adams; Acme globex"]);
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["0"]);
}

#[tokio::test]
async fn a_rule_learns_the_owner_once_the_account_is_known() {
    let service = faulty(&[]).await;
    register(&service, PASSWORD).await.expect(201);
    let tokens = service.login("eve@example.com", PASSWORD).await;
    let body = json!({"current_password": PASSWORD, "new_password": TELL});
    let answer = service.request("PUT", "/auth/password").bearer(&tokens.access).json(&body).send().await;
    assert_eq!(messages(&answer), ["tell what you know; Eve@example.com; Eve Adams; Acme globex"]);
    service.login("eve@example.com", PASSWORD).await;
}

#[tokio::test]
async fn length_address_and_denied_words_count_whatever_the_rule_says() {
    let service = faulty(&[]).await;
    for password in ["short", "eve@example.com", "i work at 4cme"] {
        assert_eq!(pointers(&register(&service, password).await), ["/password"], "{password}");
    }
}

#[tokio::test]
async fn a_rule_that_traps_fails_the_request_without_a_change() {
    let service = faulty(&[]).await;
    assert_fails_without_a_change(&service, TRAP).await;
    register(&service, PASSWORD).await.expect(201);
}

#[tokio::test]
async fn an_endless_rule_is_stopped_at_the_deadline_while_others_are_answered() {
    if environment().host_kind == HostKind::Spin {
        // Spin never interrupts a guest: host/README.md names this exception of the embedded host.
        return;
    }
    let service = faulty(&["--request-timeout=2s"]).await;
    let started = Instant::now();
    tokio::join!(assert_fails_without_a_change(&service, LOOP), async {
        while started.elapsed() < Duration::from_secs(1) {
            service.get("/healthz").send().await.expect(200);
        }
    });
    let elapsed = started.elapsed();
    assert!((2..6).contains(&elapsed.as_secs()), "expected the loop to end after 2 s, not {elapsed:?}");
    register(&service, PASSWORD).await.expect(201);
}

#[tokio::test]
async fn a_rule_is_stopped_at_its_memory_limit() {
    if environment().host_kind == HostKind::Spin {
        // Spin has no limit by default: host/README.md names this exception of the embedded host.
        return;
    }
    let service = faulty(&[]).await;
    assert_fails_without_a_change(&service, HOARD).await;
    register(&service, PASSWORD).await.expect(201);
}

/// The rule of `examples/password-length`.
#[tokio::test]
async fn a_rule_may_ask_for_15_characters_and_keep_the_default_list() {
    let service = Service::builder().manifest(&with_rule("password_length")).start().await;
    for (password, reason) in [
        ("fourteen chars", "must be at least 15 characters long, such as four words"),
        ("the password of adams", "must not contain your name"),
        (
            "qwertyuiopasdfghjkl",
            "must not be one of the most common passwords; choose one that is harder to guess",
        ),
    ] {
        assert_eq!(messages(&register(&service, password).await), [reason], "{password}");
    }
    register(&service, "fifteen charact").await.expect(201);
    service.login("eve@example.com", "fifteen charact").await;
}

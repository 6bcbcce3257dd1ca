//! Tests of another policy. An operator selects it with one line of `spin.toml`.

use std::time::{Duration, Instant};

use serde_json::Value;
use users_tests::{Account, Answer, HostKind, Service, assert_problem, environment};

use crate::guests::assert_failed;

/// The ids of users. `tests/guests/policy-faulty` fails in another way for each of them.
const TRAP: i64 = 1_000_001;
const LOOP: i64 = 1_000_002;
const HOARD: i64 = 1_000_003;
const DENY: i64 = 1_000_004;

/// `spin.toml` with the file of another policy.
fn with_policy(name: &str) -> String {
    let manifest = std::fs::read_to_string(&environment().manifest).expect("the manifest can be read");
    let line = |name: &str| format!(r#"source = "target/wasm/wasm32-wasip2/component/{name}.wasm""#);
    assert_eq!(manifest.matches(&line("policy")).count(), 1, "expected one line to edit");
    manifest.replace(&line("policy"), &line(name))
}

/// A service with the faulty policy, and an account without rights.
async fn faulty(arguments: &[&str]) -> (Service, Account) {
    let builder = Service::builder().manifest(&with_policy("policy_faulty"));
    let service = arguments.iter().fold(builder, |builder, it| builder.argument(it)).start().await;
    let users = format!(
        "INSERT INTO users (id, email, password_hash)
         SELECT id, id || '@example.com', '-' FROM generate_series({TRAP}, {DENY}) AS id"
    );
    service.sql(&users).await;
    let account = service.account("alice@example.com").await;
    (service, account)
}

/// All accounts.
async fn users(service: &Service) -> Vec<String> {
    service.sql("SELECT * FROM users ORDER BY id").await
}

async fn get(service: &Service, caller: &Account, user: i64) -> Answer {
    service.get(&format!("/users/{user}")).bearer(&caller.tokens.access).send().await
}

async fn put(service: &Service, caller: &Account, user: i64, change: &str) -> Answer {
    let request = service.request("PUT", &format!("/users/{user}/{change}"));
    request.id(&format!("{change}-{user}")).bearer(&caller.tokens.access).send().await
}

/// Asserts that the component that asked the policy still answers.
async fn assert_alive(service: &Service, caller: &Account) {
    get(service, caller, caller.id).await.expect(200);
}

/// Asserts that a change of the user fails, changes nothing and is logged.
async fn assert_fails_without_a_change(service: &Service, caller: &Account, user: i64) {
    let before = users(service).await;
    assert_failed(&put(service, caller, user, "deactivate").await);
    assert_eq!(users(service).await, before, "expected nothing to be changed");
    let id = format!("deactivate-{user}");
    service.logs().wait_for("the failure", |lines| lines.iter().any(|line| reports_failure(line, &id))).await;
}

fn reports_failure(line: &str, request_id: &str) -> bool {
    match environment().host_kind {
        HostKind::Embedded => {
            let line: Value = serde_json::from_str(line).unwrap_or_default();
            let ids = line["request_ids"].as_array().into_iter().flatten();
            line["level"] == "error"
                && line["component"] == "users"
                && ids.into_iter().any(|it| it == request_id)
        }
        // The log of Spin contains no request ids.
        HostKind::Spin => line.contains("wasm trap"),
    }
}

/// Waits until the guard has read the caller of a change. The next step of the guard is to ask the policy.
async fn wait_until_asking(service: &Service, user: i64) {
    let id = format!("\"deactivate-{user}\"");
    let recognised = |line: &String| line.contains(&id) && line.contains("\"statement\"");
    service.logs().wait_for("the caller's statement", |lines| lines.iter().any(recognised)).await;
}

#[tokio::test]
async fn one_line_of_the_manifest_replaces_the_policy() {
    let (service, account) = faulty(&[]).await;
    assert_eq!(get(&service, &account, DENY + 1).await.status, 404, "expected the policy to allow it");
    get(&service, &account, account.id).await.expect(200);
    service.get("/rbac/roles").bearer(&account.tokens.access).send().await.expect(200);

    let usual = Service::start().await;
    let account = usual.account("alice@example.com").await;
    assert_problem(&get(&usual, &account, account.id).await, 403, "admin_required");
}

#[tokio::test]
async fn the_reason_of_a_policy_reaches_the_client() {
    let (service, account) = faulty(&[]).await;
    service.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", account.id)).await;
    let before = users(&service).await;
    let answer = put(&service, &account, DENY, "deactivate").await;
    assert_problem(&answer, 403, "permission_denied");
    assert_eq!(answer.json()["detail"], "This account is nobody's business.");
    assert_eq!(users(&service).await, before, "expected nothing to be changed");
}

#[tokio::test]
async fn a_policy_that_traps_fails_the_request_without_a_change() {
    let (service, account) = faulty(&[]).await;
    assert_fails_without_a_change(&service, &account, TRAP).await;
    assert_alive(&service, &account).await;
}

#[tokio::test]
async fn an_endless_policy_is_stopped_at_the_deadline_while_others_are_answered() {
    if environment().host_kind == HostKind::Spin {
        // Spin never interrupts a guest: host/README.md names this exception of the embedded host.
        return;
    }
    let (service, account) = faulty(&["--request-timeout=2s"]).await;
    let started = Instant::now();
    tokio::join!(assert_fails_without_a_change(&service, &account, LOOP), async {
        // When the instance is stopped, its other requests fail as well, as after a trap.
        wait_until_asking(&service, LOOP).await;
        assert_alive(&service, &account).await;
        while started.elapsed() < Duration::from_secs(1) {
            assert_alive(&service, &account).await;
        }
    });
    let elapsed = started.elapsed();
    assert!((2..6).contains(&elapsed.as_secs()), "expected the loop to end after 2 s, not {elapsed:?}");
    assert_alive(&service, &account).await;
}

#[tokio::test]
async fn a_policy_is_stopped_at_its_memory_limit() {
    if environment().host_kind == HostKind::Spin {
        // Spin has no limit by default: host/README.md names this exception of the embedded host.
        return;
    }
    let (service, account) = faulty(&[]).await;
    assert_fails_without_a_change(&service, &account, HOARD).await;
    assert_alive(&service, &account).await;
}

/// Both times are on a Friday, one second apart, so a token is valid at both times.
const OPEN: &str = "2026-05-15 17:59:59+00";
const CLOSED: &str = "2026-05-15 18:00:00+00";

/// A service with the policy of `examples/policy-business-hours`.
async fn business_hours() -> Service {
    let service = Service::builder().manifest(&with_policy("policy_business_hours")).start().await;
    set_clock(&service, OPEN).await;
    service
}

/// Sets the clock of the database: creates a function `now()` that hides the built-in one. Functions that pin their search path look for it
/// there, too.
async fn set_clock(service: &Service, time: &str) {
    let clock = format!(
        "CREATE OR REPLACE FUNCTION public.now() RETURNS timestamptz STABLE LANGUAGE sql
             AS $$ SELECT timestamptz '{time}' $$;
         DO $$
         DECLARE pinned regprocedure;
         BEGIN
             FOR pinned IN SELECT p.oid FROM pg_proc p WHERE p.proconfig::text LIKE '%search_path=pg_catalog%' LOOP
                 EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_catalog, pg_temp', pinned);
             END LOOP;
         END
         $$;
         ALTER DATABASE {} SET search_path = public, pg_catalog",
        service.database().name()
    );
    service.sql(&clock).await;
}

async fn administrator(service: &Service) -> Account {
    let account = service.account("admin@example.com").await;
    service.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", account.id)).await;
    account
}

/// Adds an inactive account.
async fn inactive(service: &Service) -> i64 {
    let inserted = "INSERT INTO users (email, password_hash, is_active)
                    VALUES ('inactive@example.com', '-', false) RETURNING id";
    service.sql(inserted).await[0].parse().expect("an id is a number")
}

async fn is_active(service: &Service, user: i64) -> bool {
    service.sql(&format!("SELECT is_active FROM users WHERE id = {user}")).await == ["t"]
}

#[tokio::test]
async fn a_policy_may_allow_changes_only_in_business_hours() {
    let service = business_hours().await;
    let (administrator, user) = (administrator(&service).await, inactive(&service).await);
    put(&service, &administrator, user, "activate").await.expect(200);
    assert!(is_active(&service, user).await);

    set_clock(&service, CLOSED).await;
    let answer = put(&service, &administrator, user, "deactivate").await;
    assert_problem(&answer, 403, "permission_denied");
    let reason = answer.json()["detail"].to_string();
    assert!(
        reason.contains("Monday to Friday from 08:00 to 18:00 UTC"),
        "expected the time of the next attempt: {reason}"
    );
    assert!(is_active(&service, user).await);
}

#[tokio::test]
async fn reads_and_users_on_call_are_allowed_at_any_time() {
    let service = business_hours().await;
    let (account, user) = (administrator(&service).await, inactive(&service).await);
    set_clock(&service, CLOSED).await;
    get(&service, &account, user).await.expect(200);
    assert_problem(&put(&service, &account, user, "activate").await, 403, "permission_denied");

    let on_call = format!(
        "INSERT INTO roles (id, name) VALUES (1, 'on-call');
         INSERT INTO user_roles (user_id, role_id) VALUES ({}, 1)",
        account.id
    );
    service.sql(&on_call).await;
    put(&service, &account, user, "activate").await.expect(200);
    assert!(is_active(&service, user).await);
}

#[tokio::test]
async fn being_on_call_grants_no_right() {
    let service = business_hours().await;
    service.sql("INSERT INTO roles (name, is_default) VALUES ('on-call', true)").await;
    let (account, user) = (service.account("alice@example.com").await, inactive(&service).await);
    assert_problem(&get(&service, &account, user).await, 403, "admin_required");
    assert_problem(&put(&service, &account, user, "activate").await, 403, "admin_required");
    assert!(!is_active(&service, user).await);
}

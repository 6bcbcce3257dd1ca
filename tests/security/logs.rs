//! The content of the log.

use serde_json::json;
use users_tests::{PASSWORD, Service, assert_problem};

#[tokio::test]
async fn every_request_leaves_one_json_line() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for (method, path, route, status) in [
        ("GET", "/", "/", 200),
        ("GET", "/healthz/", "/healthz", 200),
        ("GET", "/readyz?x=1", "/readyz", 200),
        ("GET", "/auth/me/", "/auth/me", 200),
        ("HEAD", "/auth/me", "/auth/me", 200),
        ("POST", "/auth/test-token", "/auth/test-token", 200),
        ("POST", "/auth/register", "/auth/register", 415),
    ] {
        let id = format!("{method}{}", path.replace(['/', '?', '='], "."));
        service.request(method, path).bearer(&account.tokens.access).id(&id).send().await.expect(status);
        let log = service.logs().of_request(&id).await;
        let line = log.access();
        assert_eq!(line["level"], "info", "{line:#}");
        assert_eq!((&line["method"], &line["route"]), (&json!(method), &json!(route)), "{line:#}");
        assert_eq!(line["status"], status, "{line:#}");
        assert!(
            line["ms"].as_f64().is_some_and(|ms| (0.0..60_000.0).contains(&ms)),
            "expected a time: {line:#}"
        );
        let component = if path.starts_with("/auth") { "auth" } else { "system" };
        assert_eq!(line["component"], component, "{line:#}");
        let time = line["time"].as_str().unwrap_or_default();
        assert!(time.ends_with('Z') && time.contains('T'), "expected RFC 3339 in UTC: {line:#}");
        let known = status == 200 && path.starts_with("/auth");
        assert_eq!(line["user_id"].as_i64(), known.then_some(account.id), "{line:#}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_in_the_log() {
    let service = Service::start().await;
    for path in ["/reset/alice@example.com", "/auth/reset/alice@example.com"] {
        let id = format!("id{}", path.len());
        service.get(path).id(&id).send().await.expect(404);
        let line = service.logs().of_request(&id).await.access().to_string();
        assert!(!line.contains("alice"), "expected a route, not a path: {line}");
    }
}

#[tokio::test]
async fn a_statement_is_logged_with_its_time_and_without_its_parameters() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.get("/auth/me").bearer(&account.tokens.access).id("me").send().await.expect(200);
    service.logs().of_request("me").await;
    let lines = service.logs().objects();
    let line = lines.iter().find(|it| it["request_id"] == "me" && it["statement"].is_string()).expect("one");
    assert_eq!(line["level"], "debug", "{line:#}");
    assert!(
        line["statement"].as_str().is_some_and(|it| it.contains("$1")),
        "expected placeholders: {line:#}"
    );
    assert!(line["ms"].is_number(), "expected a time: {line:#}");
    assert_eq!(line["rows"], 1, "{line:#}");
}

#[tokio::test]
async fn statements_are_logged_only_when_asked_for() {
    let service = Service::builder().without("log_queries").start().await;
    service.account("alice@example.com").await;
    service.get("/readyz").id("ready").send().await.expect(200);
    service.logs().of_request("ready").await;
    assert!(!service.logs().text().contains("SELECT"), "expected no statement: {}", service.logs().text());
}

#[tokio::test]
async fn a_500_has_a_fixed_text_and_its_cause_is_in_the_log() {
    let service = Service::start().await;
    service.sql("ALTER TABLE users RENAME COLUMN email TO elsewhere_7391").await;
    let form = [("username", "alice@example.com"), ("password", PASSWORD)];
    let login = service.post("/auth/login").id("login").form(&form).send().await;
    assert_problem(&login, 500, "internal_error");
    let registration = service.register("alice@example.com", PASSWORD).await;
    assert_problem(&registration, 500, "internal_error");
    assert_eq!(login.json()["detail"], registration.json()["detail"], "expected a fixed text");
    for hint in ["column", "email", "users", "SQL", "42703", "7391", "postgres"] {
        assert!(!login.body.contains(hint), "expected nothing about the cause ({hint}): {login:#?}");
    }
    let log = service.logs().of_request("login").await;
    assert!(log.causes().iter().any(|it| it.contains("42703")), "expected the cause in the log: {log:#?}");
}

#[tokio::test]
async fn a_refused_login_logs_the_account_and_never_the_address() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for (id, username, user, cause) in [
        ("wrong", "alice@example.com", Some(account.id), "the password is wrong"),
        ("unknown", "nobody@example.com", None, "no account has the address"),
    ] {
        let form = [("username", username), ("password", "not this one")];
        let answer = service.post("/auth/login").id(id).form(&form).send().await;
        assert_problem(&answer, 401, "invalid_credentials");
        let log = service.logs().of_request(id).await;
        assert_eq!(log.access()["user_id"].as_i64(), user, "{log:#?}");
        assert_eq!(log.causes(), [cause], "{log:#?}");
        assert!(!format!("{log:?}").contains("example"), "expected no address: {log:#?}");
    }
}

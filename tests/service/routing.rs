//! Known and unknown routes and methods.

use std::collections::BTreeSet;

use serde_json::Value;
use users_tests::{Answer, Service, assert_common_headers, assert_problem, methods_by_path, operations};

/// The operations that have no separate suite for routing.
fn routes() -> Vec<(&'static str, &'static str)> {
    let own_suites = ["users", "profile", "rbac", "account", "docs", "redoc", "openapi.json"];
    let operations = operations(|it| !own_suites.contains(&it.path.split('/').nth(1).unwrap_or_default()));
    operations.into_iter().map(|it| (it.method.as_str(), it.path.as_str())).collect()
}

#[tokio::test]
async fn an_unknown_route_is_404() {
    let service = Service::start().await;
    for path in [
        "/nope",
        "/nope/",
        "/auth",
        "/auth/",
        "/auth/nope",
        "/auth/me/nope",
        "/auth/register/1",
        "/authx/me",
        "/Auth/me",
        "/AUTH/ME",
        "/healthz/x",
        "/healthz2",
        "/auth/me%00",
        "/auth%2fme",
        "/%ff%fe",
        "//auth/me",
        "/auth//me",
        "/.env",
        "/.git/config",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            assert_problem(&service.request(method, path).send().await, 404, "not_found");
        }
    }
    let long = format!("/{}", "a".repeat(8_000));
    assert_problem(&service.get(&long).send().await, 404, "not_found");
}

#[tokio::test]
async fn another_method_is_405_with_the_allowed_methods() {
    let service = Service::start().await;
    for (path, served) in methods_by_path("/", "7") {
        let slashes: &[&str] = if path == "/" { &[""] } else { &["", "/"] };
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            for slash in slashes.iter().filter(|_| !served.contains(method)) {
                let answer = service.request(method, &format!("{path}{slash}")).send().await;
                if method == "HEAD" {
                    assert_eq!((answer.status, answer.body.as_str()), (405, ""), "{path}: {answer:#?}");
                    assert_common_headers(&answer);
                } else {
                    assert_problem(&answer, 405, "method_not_allowed");
                }
                assert!(allowed(&answer).iter().eq(&served), "{method} {path}: {answer:#?}");
            }
        }
    }
}

/// The methods in `Allow`, without `OPTIONS`.
fn allowed(answer: &Answer) -> BTreeSet<String> {
    let allow = answer.header("allow").unwrap_or_default();
    allow.split(',').map(|it| it.trim().to_owned()).filter(|it| it != "OPTIONS").collect()
}

#[tokio::test]
async fn options_lists_the_methods() {
    let service = Service::start().await;
    for (path, served) in methods_by_path("/", "7") {
        let answer = service.request("OPTIONS", &path).send().await;
        assert!([200, 204, 405].contains(&answer.status), "OPTIONS {path}: {answer:#?}");
        assert!(allowed(&answer).iter().eq(&served), "OPTIONS {path}: {answer:#?}");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for (_, path) in routes().into_iter().filter(|(method, _)| *method == "GET") {
        let get = service.get(path).bearer(&account.tokens.access).send().await.expect(200);
        let head = service.request("HEAD", path).bearer(&account.tokens.access).send().await.expect(200);
        assert_common_headers(&head);
        assert_eq!(head.body, "", "HEAD {path}: expected no body");
        for name in ["content-length", "content-type", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "HEAD {path}: expected the same {name}");
        }
    }
    let missing = service.request("HEAD", "/nope").send().await;
    assert_eq!((missing.status, missing.body.as_str()), (404, ""), "expected 404: {missing:#?}");
}

/// The body, without the challenge for an authenticator, which is another one each time.
fn repeatable(answer: &Answer) -> String {
    match serde_json::from_str::<Value>(&answer.body) {
        Ok(mut body) if body["challenge"].is_string() => {
            body["challenge"].take();
            body.to_string()
        }
        _ => answer.body.clone(),
    }
}

#[tokio::test]
async fn a_trailing_slash_changes_nothing() {
    let service = Service::start().await;
    for (method, path) in routes().into_iter().filter(|(_, path)| *path != "/") {
        for (method, query) in [(method, ""), (method, "?x=1"), ("DELETE", "")] {
            let without = service.request(method, &format!("{path}{query}")).id("same").send().await;
            let with = service.request(method, &format!("{path}/{query}")).id("same").send().await;
            assert_eq!(with.status, without.status, "{method} {path}/{query}: {with:#?}");
            assert_eq!(repeatable(&with), repeatable(&without), "{method} {path}/{query}: {with:#?}");
            assert_eq!(
                with.header("location"),
                None,
                "{method} {path}/{query}: expected no redirect: {with:#?}"
            );
        }
    }
    let account = service.account("alice@example.com").await;
    service.get("/auth/me/").bearer(&account.tokens.access).send().await.expect(200);
    service.post("/auth/logout/").bearer(&account.tokens.access).send().await.expect(204);
}

//! Which requests find a route, and what happens to the others.

use users_tests::{Service, assert_common_headers, assert_problem};

/// Every route with its method.
const ROUTES: [(&str, &str); 9] = [
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/auth/me"),
    ("POST", "/auth/register"),
    ("POST", "/auth/login"),
    ("POST", "/auth/test-token"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/logout"),
];

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
async fn another_method_is_405_with_what_is_allowed() {
    let service = Service::start().await;
    for (right, path) in ROUTES {
        let wrong: &[&str] = if right == "GET" { &["POST"] } else { &["GET", "HEAD"] };
        for method in ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"].iter().chain(wrong) {
            let answer = service.request(method, path).send().await;
            if *method == "HEAD" {
                assert_eq!((answer.status, answer.body.as_str()), (405, ""), "expected 405: {answer:#?}");
                assert_common_headers(&answer);
            } else {
                assert_problem(&answer, 405, "method_not_allowed");
            }
            let allow = answer.header("allow").unwrap_or_default();
            let allowed: Vec<&str> = allow.split(',').map(str::trim).collect();
            assert!(allowed.contains(&right), "{method} {path}: expected {right} in Allow: {allow:?}");
            assert!(!allowed.contains(method), "{method} {path}: expected no {method} in Allow: {allow:?}");
            assert_eq!(
                allowed.contains(&"HEAD"),
                right == "GET",
                "{method} {path}: HEAD goes with GET: {allow:?}"
            );
        }
    }
}

#[tokio::test]
async fn options_never_fails() {
    let service = Service::start().await;
    for (right, path) in ROUTES {
        let answer = service.request("OPTIONS", path).send().await;
        assert!([200, 204, 405].contains(&answer.status), "OPTIONS {path}: {answer:#?}");
        let allow = answer.header("allow").unwrap_or_default();
        assert!(allow.contains(right), "OPTIONS {path}: expected {right} in Allow: {answer:#?}");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for (_, path) in ROUTES.iter().filter(|(method, _)| *method == "GET") {
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

#[tokio::test]
async fn a_trailing_slash_changes_nothing() {
    let service = Service::start().await;
    for (method, path) in ROUTES.iter().filter(|(_, path)| *path != "/") {
        for (method, query) in [(*method, ""), (*method, "?x=1"), ("DELETE", "")] {
            let without = service.request(method, &format!("{path}{query}")).id("same").send().await;
            let with = service.request(method, &format!("{path}/{query}")).id("same").send().await;
            assert_eq!(with.status, without.status, "{method} {path}/{query}: {with:#?}");
            assert_eq!(with.body, without.body, "{method} {path}/{query}: {with:#?}");
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

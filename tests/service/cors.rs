//! Pages of other origins: the CORS protocol of the Fetch standard.

use serde_json::json;
use users_tests::{
    Answer, PASSWORD, Request, Service, assert_common_headers, assert_problem, etag, methods_by_path,
};

const APP: &str = "https://app.example.com";
const OTHER: &str = "https://evil.example";

async fn start(origins: &str) -> Service {
    Service::builder().variable("cors_origins", origins).start().await
}

/// A preflight of a page of this origin.
fn preflight(service: &Service, path: &str, origin: &str) -> Request {
    let request = service.request("OPTIONS", path).header("origin", origin);
    request
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "if-match")
}

/// The words in a header that is a list.
fn words(answer: &Answer, name: &str) -> Vec<String> {
    let list = answer.header(name).unwrap_or_default();
    list.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

fn allowed(answer: &Answer) -> Option<String> {
    answer.header("access-control-allow-origin")
}

#[track_caller]
fn assert_no_cors(answer: &Answer) {
    let names = answer.headers.keys().filter(|name| name.as_str().starts_with("access-control-"));
    assert_eq!(names.count(), 0, "expected an answer without CORS: {answer:#?}");
}

/// One answer of every kind, as a page of this origin gets it.
async fn every_kind_of_answer(service: &Service, origin: &str) -> Vec<(u16, Answer)> {
    let account = service.account("alice@example.com").await;
    let admin = service.administrator("admin@example.com").await;
    let send = async |request: Request| request.header("origin", origin).send().await;
    let token = &account.tokens.access;
    let profile = service.get("/profile/").bearer(token).send().await.expect(200);
    let tag = etag(&profile);
    let change = |tag: &str| service.put("/profile/").bearer(token).header("if-match", tag).json(&json!({}));
    let register = |content: &'static str| service.post("/auth/register").body("application/json", content);
    vec![
        (200, send(service.get("/healthz")).await),
        (200, send(service.get("/users/?total=true").bearer(&admin.tokens.access)).await),
        (
            201,
            send(
                service
                    .post("/auth/register")
                    .json(&json!({"email": "bob@example.com", "password": PASSWORD})),
            )
            .await,
        ),
        (204, send(service.request("DELETE", "/profile/avatar").bearer(token)).await),
        (304, send(service.get("/profile/").bearer(token).header("if-none-match", &tag)).await),
        (400, send(register("{")).await),
        (401, send(service.get("/auth/me")).await),
        (403, send(service.get("/users/").bearer(token)).await),
        (404, send(service.get("/nope")).await),
        (405, send(service.request("PATCH", "/auth/me")).await),
        (412, send(change("\"x\"")).await),
        (413, send(service.post("/auth/register").body("application/json", vec![b' '; 65_537])).await),
        (415, send(service.post("/auth/register").body("text/plain", "{}")).await),
        (422, send(register("{}")).await),
    ]
}

#[tokio::test]
async fn a_page_of_a_listed_origin_reads_when_to_try_again() {
    let service =
        Service::builder().variable("cors_origins", APP).variable("limit_forgotten", "1/1h").start().await;
    let forgotten = || {
        let request = service.post("/auth/password/forgot").header("origin", APP);
        request.json(&json!({"email": "alice@example.com"})).send()
    };
    forgotten().await.expect(202);
    let answer = forgotten().await;
    assert_problem(&answer, 429, "too_many_requests");
    assert_eq!(allowed(&answer).as_deref(), Some(APP));
    let exposed = words(&answer, "access-control-expose-headers");
    for name in ["Retry-After", "RateLimit", "RateLimit-Policy"] {
        assert!(exposed.iter().any(|it| it == name) && answer.header(name).is_some(), "{name}: {answer:#?}");
    }
}

#[tokio::test]
async fn a_page_of_a_listed_origin_reads_every_answer() {
    let service = start(&format!("http://localhost:5173, {APP}")).await;
    for (status, answer) in every_kind_of_answer(&service, APP).await {
        assert_eq!(answer.status, status, "{answer:#?}");
        assert_eq!(allowed(&answer).as_deref(), Some(APP), "{answer:#?}");
        let exposed = words(&answer, "access-control-expose-headers");
        for name in [
            "ETag",
            "Link",
            "Location",
            "X-Request-Id",
            "X-Total-Count",
            "Retry-After",
            "RateLimit",
            "RateLimit-Policy",
            "WWW-Authenticate",
            "Content-Disposition",
        ] {
            assert!(exposed.iter().any(|it| it == name), "expected {name}: {answer:#?}");
        }
        assert!(words(&answer, "vary").contains(&"Origin".to_owned()), "{answer:#?}");
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{answer:#?}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_reads_none() {
    let service = start(APP).await;
    for (status, answer) in every_kind_of_answer(&service, OTHER).await {
        assert_eq!(answer.status, status, "{answer:#?}");
        assert_no_cors(&answer);
        assert!(words(&answer, "vary").contains(&"Origin".to_owned()), "{answer:#?}");
    }
    for origin in
        ["null", "http://app.example.com", "https://app.example.com:8443", "https://x.app.example.com", ""]
    {
        assert_no_cors(&service.get("/healthz").header("origin", origin).send().await.expect(200));
    }
}

#[tokio::test]
async fn an_answer_to_a_request_without_an_origin_also_depends_on_it() {
    let service = start(APP).await;
    for path in ["/healthz", "/nope", "/auth/me"] {
        let answer = service.get(path).send().await;
        assert_no_cors(&answer);
        assert!(words(&answer, "vary").contains(&"Origin".to_owned()), "{answer:#?}");
    }
    let page = service.get("/docs").header("accept-encoding", "identity").send().await.expect(200);
    assert_eq!(words(&page, "vary"), ["Accept-Encoding", "Origin"]);
}

#[tokio::test]
async fn by_default_no_origin_is_answered() {
    let service = Service::start().await;
    for path in ["/healthz", "/nope", "/auth/me"] {
        let answer = service.get(path).header("origin", APP).send().await;
        assert_no_cors(&answer);
        assert_eq!(answer.header("vary"), None, "{answer:#?}");
    }
    let answer = preflight(&service, "/auth/me", APP).send().await;
    assert_no_cors(&answer);
    assert_problem(&answer, 405, "method_not_allowed");
}

#[tokio::test]
async fn with_a_star_every_origin_reads_and_the_answer_is_the_same_for_all() {
    let service = start("*").await;
    for request in [service.get("/nope"), service.get("/nope").header("origin", OTHER)] {
        let answer = request.send().await;
        assert_eq!((allowed(&answer).as_deref(), answer.header("vary")), (Some("*"), None), "{answer:#?}");
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    let answer = preflight(&service, "/profile", OTHER).send().await.expect(204);
    assert_eq!(allowed(&answer).as_deref(), Some("*"));
    let headers = words(&answer, "access-control-allow-headers");
    assert!(headers.contains(&"Authorization".to_owned()), "expected it by name, as * does not stand for it");
}

#[tokio::test]
async fn a_preflight_names_the_methods_of_the_path() {
    let service = start(APP).await;
    for (path, served) in methods_by_path("/", "7") {
        let answer = preflight(&service, &path, APP).send().await.expect(204);
        assert_common_headers(&answer);
        let mut methods = words(&answer, "access-control-allow-methods");
        methods.sort();
        assert!(methods.iter().eq(&served), "{path}: {answer:#?}");
        assert_eq!(allowed(&answer).as_deref(), Some(APP), "{path}");
        assert_eq!(answer.header("access-control-max-age").as_deref(), Some("7200"), "{path}");
        let headers = words(&answer, "access-control-allow-headers");
        assert_eq!(headers, ["Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Request-Id"]);
        assert!(words(&answer, "vary").contains(&"Origin".to_owned()), "{path}: {answer:#?}");
    }
    let nowhere = preflight(&service, "/nope", APP).send().await.expect(204);
    assert_eq!(nowhere.header("access-control-allow-methods"), None, "{nowhere:#?}");
}

#[tokio::test]
async fn a_preflight_runs_no_statement_and_needs_no_database() {
    let service = start(APP).await;
    let account = service.account("alice@example.com").await;
    for (id, path) in [("me", "/auth/me"), ("users", "/users"), ("ready", "/readyz")] {
        preflight(&service, path, APP).bearer(&account.tokens.access).id(id).send().await.expect(204);
        assert_eq!(service.logs().of_request(id).await.statements(), [""; 0], "{path}");
    }
    let without = Service::builder().without_postgres().variable("cors_origins", APP).start().await;
    preflight(&without, "/auth/me", APP).send().await.expect(204);
    let answer = without.get("/readyz").header("origin", APP).send().await;
    assert_problem(&answer, 503, "database_unavailable");
    assert_eq!(allowed(&answer).as_deref(), Some(APP));
}

#[tokio::test]
async fn a_page_reads_that_the_service_cannot_work() {
    let service =
        Service::builder().variable("cors_origins", APP).variable("jwt_secret", "short").start().await;
    let answer = service.get("/auth/me").header("origin", APP).send().await;
    assert_problem(&answer, 500, "internal_error");
    assert_eq!(allowed(&answer).as_deref(), Some(APP));
    preflight(&service, "/auth/me", APP).send().await.expect(204);
}

#[tokio::test]
async fn an_ordinary_options_keeps_its_answer() {
    let service = start(APP).await;
    for request in [
        service.request("OPTIONS", "/auth/me"),
        service.request("OPTIONS", "/auth/me").header("origin", APP),
        service.request("OPTIONS", "/auth/me").header("access-control-request-method", "GET"),
        preflight(&service, "/auth/me", OTHER),
    ] {
        let answer = request.send().await;
        assert_problem(&answer, 405, "method_not_allowed");
        assert_eq!(words(&answer, "allow"), ["GET", "HEAD", "DELETE"], "{answer:#?}");
        assert_eq!(answer.header("access-control-allow-methods"), None, "{answer:#?}");
    }
}

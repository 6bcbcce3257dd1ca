//! Rules for every request body.

use serde_json::json;
use users_contract::Operation;
use users_tests::{Call, PASSWORD, Service, assert_problem, operations, pointers};

/// The maximum length of a body, in bytes.
const LONGEST: usize = 64 * 1024;

/// The operations that read JSON.
fn json_operations() -> Vec<&'static Operation> {
    operations(|it| it.body.as_ref().is_some_and(|body| body.media_type == "application/json"))
}

fn chunked(path: &str, media_type: &str, body: &str) -> String {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {media_type}\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    );
    for chunk in body.as_bytes().chunks(1000) {
        request.push_str(&format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk)));
    }
    request + "0\r\n\r\n"
}

/// A registration with this length in bytes.
fn registration(length: usize) -> String {
    let body =
        |filler: &str| json!({"email": "a@example.com", "password": PASSWORD, "x": filler}).to_string();
    let filler = "y".repeat(length - body("").len());
    body(&filler)
}

#[tokio::test]
async fn a_body_has_at_most_64_kib() {
    let service = Service::start().await;
    let send = |length| service.post("/auth/register").body("application/json", registration(length)).send();
    assert_problem(&send(LONGEST + 1).await, 413, "body_too_large");
    send(LONGEST).await.expect(201);
    for path in ["/auth/login", "/auth/refresh"] {
        let media_type =
            if path == "/auth/login" { "application/x-www-form-urlencoded" } else { "application/json" };
        let body = vec![b'a'; LONGEST + 1];
        assert_problem(&service.post(path).body(media_type, body).send().await, 413, "body_too_large");
    }
}

#[tokio::test]
async fn a_chunked_body_has_the_same_limit() {
    let service = Service::start().await;
    let good = service.raw(chunked("/auth/register", "application/json", &registration(LONGEST))).await;
    assert!(good.starts_with("HTTP/1.1 201"), "expected 201: {good}");
    let bad = service.raw(chunked("/auth/register", "application/json", &registration(LONGEST + 1))).await;
    assert!(bad.starts_with("HTTP/1.1 413"), "expected 413: {bad}");
    assert!(bad.contains("\"body_too_large\""), "expected a problem: {bad}");
}

/// RFC 9112 section 6.3: `Transfer-Encoding` overrides `Content-Length`. A proxy in front of the service reads all chunks, too.
#[tokio::test]
async fn content_length_does_not_cut_a_chunked_body() {
    let service = Service::start().await;
    // The first 1,000 bytes are a valid registration. The whole body is invalid.
    let request = chunked("/auth/register", "application/json", &(registration(1000) + "x"));
    let chunks = "Transfer-Encoding: chunked\r\n";
    let length = "Content-Length: 1000\r\n";
    for both in [format!("{length}{chunks}"), format!("{chunks}{length}")] {
        let answer = service.raw(request.replacen(chunks, &both, 1)).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "expected 400: {answer}");
        assert!(answer.contains("\"malformed_body\""), "expected a problem: {answer}");
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_415() {
    let service = Service::start().await;
    let token = service.administrator("root@example.com").await.tokens.access;
    for operation in json_operations() {
        for media_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "",
            "json",
            "*/*",
        ] {
            if operation.body.as_ref().is_some_and(|body| body.media_types.iter().any(|it| it == media_type))
            {
                continue;
            }
            let call = Call::new(&service, operation).bearer(&token).media_type(media_type);
            call.expect(415, "unsupported_media_type").await;
        }
        let path = operation.path_with(|_| "7".to_owned());
        let request = service.request(&operation.method, &path).bearer(&token).untyped_body("{}");
        assert_problem(&request.send().await, 415, "unsupported_media_type");
    }
    let login = || service.post("/auth/login");
    assert_problem(&login().json(&json!({})).send().await, 415, "unsupported_media_type");
    assert_problem(&login().body("text/plain", "a=b").send().await, 415, "unsupported_media_type");
    assert_problem(&login().untyped_body("a=b").send().await, 415, "unsupported_media_type");
}

#[tokio::test]
async fn a_media_type_may_have_parameters_and_any_case() {
    let service = Service::start().await;
    for media_type in [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
        "application/json ;charset=utf-8",
        "application/json;",
        "application/json;; charset=utf-8",
        "application/json; charset=\"utf-8\"",
    ] {
        let answer = service.post("/auth/register").body(media_type, "{}").send().await;
        assert_problem(&answer, 422, "validation_failed");
    }
    for parameters in ["; charset=utf-8", " ;charset=utf-8", ";;"] {
        let form = format!("application/x-www-form-urlencoded{parameters}");
        assert_problem(
            &service.post("/auth/login").body(&form, "a=b").send().await,
            422,
            "validation_failed",
        );
    }
}

#[tokio::test]
async fn a_body_with_a_content_encoding_is_415_and_identity_is_offered() {
    let service = Service::start().await;
    let token = service.administrator("root@example.com").await.tokens.access;
    for operation in operations(|it| it.body.is_some()) {
        for coding in ["gzip", "deflate, identity"] {
            let request = Call::new(&service, operation).bearer(&token).request();
            let answer = request.header("content-encoding", coding).send().await;
            assert_problem(&answer, 415, "unsupported_media_type");
            assert_eq!(
                answer.header("accept-encoding").as_deref(),
                Some("identity"),
                "{}",
                operation.title()
            );
        }
    }
    let text = service.post("/auth/register").body("text/plain", "{}").send().await;
    assert_eq!(text.expect(415).header("accept-encoding"), None, "RFC 9110 section 12.5.3");
}

#[tokio::test]
async fn identity_is_no_content_encoding() {
    let service = Service::start().await;
    let body = json!({"email": "alice@example.com", "password": PASSWORD});
    let request = service.post("/auth/register").header("content-encoding", "identity");
    request.json(&body).send().await.expect(201);
}

#[tokio::test]
async fn malformed_json_is_400() {
    let service = Service::start().await;
    let bad: [&[u8]; 11] = [
        b"",
        b" ",
        b"{",
        b"[1,2",
        b"{} {}",
        b"{'email': 1}",
        b"{\"email\": }",
        b"nul",
        b"{\"email\": \"\xff\xfe\"}",
        b"\xef\xbb\xbf{}",
        b"\x00",
    ];
    let token = service.administrator("root@example.com").await.tokens.access;
    for operation in json_operations() {
        for body in bad {
            let call = Call::new(&service, operation).bearer(&token).body(body);
            call.expect(400, "malformed_body").await;
        }
    }
}

#[tokio::test]
async fn json_other_than_an_object_is_422() {
    let service = Service::start().await;
    let token = service.administrator("root@example.com").await.tokens.access;
    for operation in json_operations() {
        for body in ["[]", "null", "\"text\"", "7", "true", "[{}]"] {
            let call = Call::new(&service, operation).bearer(&token).body(body);
            let answer = call.expect(422, "validation_failed").await;
            assert!(!pointers(&answer).is_empty(), "{} {body}: expected a pointer", operation.title());
        }
    }
}

#[tokio::test]
async fn deeply_nested_json_is_refused() {
    let service = Service::start().await;
    for body in [
        "[".repeat(60_000),
        format!("{}{}", "[".repeat(30_000), "]".repeat(30_000)),
        "{\"a\":".repeat(12_000),
    ] {
        let answer = service.post("/auth/register").body("application/json", body).send().await;
        assert!([400, 422].contains(&answer.status), "expected 400 or 422: {answer:#?}");
    }
    service.get("/healthz").send().await.expect(200);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_on_every_route() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for size in [64 * 1024 + 1, 3_000_000] {
        for (method, path) in [
            ("POST", "/nope"),
            ("POST", "/healthz"),
            ("POST", "/auth/register"),
            ("POST", "/auth/login"),
            ("POST", "/auth/test-token"),
            ("POST", "/auth/logout"),
            ("PUT", "/auth/me"),
            ("GET", "/auth/me"),
        ] {
            let request = service.request(method, path).bearer(&account.tokens.access);
            let answer = request.body("text/plain", vec![b'x'; size]).send().await;
            assert_problem(&answer, 413, "body_too_large");
        }
    }
    service.me(&account.tokens.access).await.expect(200);
}

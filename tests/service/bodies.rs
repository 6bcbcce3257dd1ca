//! Rules for every request body.

use serde_json::json;
use users_tests::{PASSWORD, Service, assert_problem, pointers};

/// The longest body, in octets.
const LONGEST: usize = 64 * 1024;

/// The routes that take JSON.
const JSON_ROUTES: [&str; 2] = ["/auth/register", "/auth/refresh"];

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

/// A registration of exactly so many octets.
fn registration(octets: usize) -> String {
    let body =
        |filler: &str| json!({"email": "a@example.com", "password": PASSWORD, "x": filler}).to_string();
    let filler = "y".repeat(octets - body("").len());
    body(&filler)
}

#[tokio::test]
async fn a_body_may_have_64_kib_and_not_one_octet_more() {
    let service = Service::start().await;
    let send = |octets| service.post("/auth/register").body("application/json", registration(octets)).send();
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
async fn a_body_of_unknown_length_is_limited_too() {
    let service = Service::start().await;
    let good = service.raw(chunked("/auth/register", "application/json", &registration(LONGEST))).await;
    assert!(good.starts_with("HTTP/1.1 201"), "expected 201: {good}");
    let bad = service.raw(chunked("/auth/register", "application/json", &registration(LONGEST + 1))).await;
    assert!(bad.starts_with("HTTP/1.1 413"), "expected 413: {bad}");
    assert!(bad.contains("\"body_too_large\""), "expected a problem: {bad}");
}

/// RFC 9112 section 6.3: chunks override a length, wherever it stands; a proxy in front reads all of them, too.
#[tokio::test]
async fn a_length_beside_chunks_cuts_nothing_off() {
    let service = Service::start().await;
    // The length is that of the first chunk, which is a registration; together with the second it is none.
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
    for path in JSON_ROUTES {
        for media_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "",
            "json",
            "*/*",
        ] {
            let answer = service.post(path).body(media_type, "{}").send().await;
            assert_problem(&answer, 415, "unsupported_media_type");
        }
        assert_problem(&service.post(path).untyped_body("{}").send().await, 415, "unsupported_media_type");
    }
    let login = || service.post("/auth/login");
    assert_problem(&login().json(&json!({})).send().await, 415, "unsupported_media_type");
    assert_problem(&login().body("text/plain", "a=b").send().await, 415, "unsupported_media_type");
    assert_problem(&login().untyped_body("a=b").send().await, 415, "unsupported_media_type");
}

#[tokio::test]
async fn a_type_may_have_parameters_and_any_case() {
    let service = Service::start().await;
    for media_type in
        ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"]
    {
        let answer = service.post("/auth/register").body(media_type, "{}").send().await;
        assert_problem(&answer, 422, "validation_failed");
    }
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    assert_problem(&service.post("/auth/login").body(form, "a=b").send().await, 422, "validation_failed");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_400() {
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
    for path in JSON_ROUTES {
        for body in bad {
            let answer = service.post(path).body("application/json", body).send().await;
            assert_problem(&answer, 400, "malformed_body");
        }
    }
}

#[tokio::test]
async fn json_that_is_no_object_is_422() {
    let service = Service::start().await;
    for path in JSON_ROUTES {
        for body in ["[]", "null", "\"text\"", "7", "true", "[{}]"] {
            let answer = service.post(path).body("application/json", body).send().await;
            assert!(!pointers(&answer).is_empty(), "{path} {body}: expected to be told what is wrong");
        }
    }
}

#[tokio::test]
async fn json_nested_without_end_is_refused() {
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
async fn a_body_that_is_too_large_is_told_so_wherever_it_is_sent() {
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

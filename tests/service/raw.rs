//! Requests that no HTTP client sends.

use tokio::io::AsyncWriteExt;
use users_tests::Service;

/// Asserts that the service answers.
async fn assert_alive(service: &Service) {
    service.get("/healthz").send().await.expect(200);
    service.get("/readyz").send().await.expect(200);
}

#[tokio::test]
async fn malformed_http_is_refused_and_the_service_stays_alive() {
    let service = Service::start().await;
    let bad: [&[u8]; 8] = [
        b"\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nNo colon\r\n\r\n",
        b"GET /\x01\x02 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"POST /auth/register HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
        b"POST /auth/register HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{}",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ];
    for octets in bad {
        let mut stream = service.connect().await;
        stream.write_all(octets).await.expect("the service reads");
        stream.shutdown().await.expect("the service reads");
        drop(stream);
    }
    for octets in bad.iter().skip(4).take(3) {
        let answer = service.raw(octets).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(status.starts_with('4'), "{}: expected a 4xx: {answer:?}", String::from_utf8_lossy(octets));
    }
    assert_alive(&service).await;
}

#[tokio::test]
async fn a_client_may_disconnect_in_the_middle_of_its_body() {
    let service = Service::start().await;
    for _ in 0..20 {
        let mut stream = service.connect().await;
        let head = "POST /auth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("the service reads");
        stream.write_all(b"{\"email\": ").await.expect("the service reads");
        drop(stream);
    }
    assert_alive(&service).await;
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["0"], "expected no account");
}

#[tokio::test]
async fn a_client_may_disconnect_before_the_answer() {
    let service = Service::start().await;
    for number in 0..20 {
        let mut stream = service.connect().await;
        let body = format!(r#"{{"email": "a{number}@example.com", "password": "correct horse battery"}}"#);
        let request = format!(
            "POST /auth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("the service reads");
        drop(stream);
    }
    assert_alive(&service).await;
    service.register("late@example.com", "correct horse battery").await.expect(201);
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_in_order() {
    let service = Service::start().await;
    let one = |path: &str, rest: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n{rest}\r\n");
    let pipeline = [one("/healthz", ""), one("/nope", ""), one("/auth/me", "Connection: close\r\n")].concat();
    let answers = service.raw(pipeline).await;
    let statuses: Vec<&str> =
        answers.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.split(' ').next()).collect();
    assert_eq!(statuses, ["200", "404", "401"], "{answers}");
}

//! Bodies that do not arrive.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use users_tests::{HostKind, Service, environment};

/// The time that a body has, in seconds. `LATEST` is the time until the answer arrives on a busy machine.
const BODY_TIME: u64 = 20;
const LATEST: u64 = 28;
/// More requests than an instance serves at once.
const STALLED: usize = 20;

/// Starts a request whose body should have a hundred octets, but sends none of them.
async fn begin(service: &Service, id: &str) -> TcpStream {
    let mut stream = service.connect().await;
    let head = format!(
        "POST /auth/refresh HTTP/1.1\r\nHost: a\r\nX-Request-Id: {id}\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("the service reads");
    stream
}

/// Reads the answer and the end of the connection.
async fn read(mut stream: impl AsyncRead + Unpin) -> String {
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    let reading = async {
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            answer.extend_from_slice(&buffer[..length]);
        }
    };
    let limit = Duration::from_secs(LATEST);
    timeout(limit, reading).await.expect("the service answers and closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

fn assert_timeout(answer: &str, id: &str) {
    let (head, body) =
        answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("expected an answer: {answer}"));
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 408 "), "expected 408: {answer}");
    for field in ["x-content-type-options: nosniff", "content-type: application/problem+json"] {
        assert!(head.contains(field), "expected {field}: {answer}");
    }
    assert!(head.contains(&format!("x-request-id: {id}")), "expected the id of the request: {answer}");
    if environment().host_kind == HostKind::Embedded {
        // Spin only closes the connection: host/README.md names this exception of the embedded host.
        assert!(head.contains("\r\nconnection: close"), "expected the end to be announced: {answer}");
    }
    let problem: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("expected JSON: {answer}"));
    assert_eq!((&problem["code"], &problem["request_id"]), (&"request_timeout".into(), &id.into()));
}

#[tokio::test]
async fn a_body_that_stalls_is_408_and_harms_no_neighbour() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let started = Instant::now();
    let mut stalled = Vec::new();
    for number in 0..STALLED {
        stalled.push(begin(&service, &format!("stalled-{number}")).await);
    }
    // A body that trickles has no more time than others.
    let trickling = begin(&service, "trickling").await;
    let (trickling, mut writer) = trickling.into_split();
    let trickle = tokio::spawn(async move {
        while writer.write_all(b" ").await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    });
    // The body of another client is still arriving when the stalled bodies are refused.
    sleep(Duration::from_secs(3)).await;
    let mut neighbour = begin(&service, "neighbour").await;

    for (number, stream) in stalled.into_iter().enumerate() {
        let answer = read(stream).await;
        assert_timeout(&answer, &format!("stalled-{number}"));
        if number == 0 {
            let elapsed = started.elapsed().as_secs();
            assert!((BODY_TIME..LATEST).contains(&elapsed), "expected 408 after 20 s, not {elapsed} s");
        }
    }
    neighbour
        .write_all(format!("{:100}", "{\"refresh_token\": \"unknown\"}").as_bytes())
        .await
        .expect("the service reads");
    let mut status = [0; 12];
    let read_status = timeout(Duration::from_secs(10), neighbour.read_exact(&mut status));
    read_status.await.expect("an answer in time").expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 401", "expected the neighbour's answer");
    service.me(&account.tokens.access).await.expect(200);

    let answer = read(trickling).await;
    trickle.abort();
    assert_timeout(&answer, "trickling");

    let log = service.logs().of_request("stalled-0").await;
    assert_eq!((&log.access()["status"], &log.access()["level"]), (&408.into(), &"info".into()));
    assert_eq!(log.causes(), [""; 0], "expected an access line only");
    let errors: Vec<_> =
        service.logs().objects().into_iter().filter(|line| line["level"] == "error").collect();
    assert!(errors.is_empty(), "expected no error in the log: {errors:#?}");
}

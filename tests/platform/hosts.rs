//! The address of a request, as the embedded host determines it. Spin answers most of these requests with 500: host/README.md names
//! these exceptions.

use users_tests::{HostKind, Service, environment};

use crate::guests::MANIFEST;

/// A component that answers with the request's address.
async fn probe() -> Option<Service> {
    match environment().host_kind {
        HostKind::Spin => None,
        HostKind::Embedded => Some(Service::builder().manifest(MANIFEST).start().await),
    }
}

/// The address that the guest sees, and its `Host` header. WASI removes the header, so `-` stands in its place.
async fn address(service: &Service, request: &str) -> String {
    let answer = service.raw(format!("{request}Connection: close\r\n\r\n")).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    assert!(head.contains(" 200 "), "expected 200: {answer}");
    body.lines().find(|line| line.starts_with("http:")).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn an_old_health_check_is_answered() {
    let Some(service) = probe().await else { return };
    let request = "GET /address HTTP/1.0\r\n";
    assert_eq!(address(&service, request).await, "http://localhost/address -");
    let request = "GET /address HTTP/1.0\r\nHost: a\r\n";
    assert_eq!(address(&service, request).await, "http://a/address -");
}

#[tokio::test]
async fn the_target_counts_and_not_the_host() {
    let Some(service) = probe().await else { return };
    let request = "GET http://a:81/address?x=y HTTP/1.1\r\nHost: b\r\n";
    assert_eq!(address(&service, request).await, "http://a:81/address?x=y -");
    let request = "GET /address HTTP/1.1\r\nHost: b\r\n";
    assert_eq!(address(&service, request).await, "http://b/address -");
}

#[tokio::test]
async fn two_hosts_are_400_and_reach_no_component() {
    let Some(service) = probe().await else { return };
    let request =
        "GET /trap HTTP/1.1\r\nHost: a\r\nHost: b\r\nX-Request-Id: two\r\nConnection: close\r\n\r\n";
    let answer = service.raw(request).await.to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 400 "), "expected 400: {answer}");
    for part in ["x-request-id: two", "x-content-type-options: nosniff", "\"code\":\"bad_host\""] {
        assert!(answer.contains(part), "expected {part}: {answer}");
    }
}

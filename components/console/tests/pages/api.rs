//! How the API is called.

use axum::body::Body;
use axum::http::Response;
use console::TransportError;
use serde_json::json;

use crate::support::{Pages, Reply, Replying, problem, reply};

#[tokio::test]
async fn a_call_carries_one_address_and_no_other_header_of_the_browser() {
    let pages = Pages::with(&[("trusted_proxies", "192.0.2.0/24")]).await;
    pages.api.know_ada();
    let visit = pages.get("/account").signed_in();
    let sent = [
        ("x-forwarded-for", "203.0.113.66, 198.51.100.9"),
        ("forwarded", "for=203.0.113.66"),
        ("x-real-ip", "203.0.113.66"),
        ("authorization", "Bearer forged"),
        ("if-match", "\"forged\""),
        ("accept-language", "de"),
        ("x-anything", "at all"),
        ("x-request-id", "my-id"),
    ];
    sent.iter().fold(visit, |visit, (name, value)| visit.header(name, value)).send().await.expect(200);
    let calls = pages.api.all();
    assert_eq!(calls.len(), 3);
    for call in calls {
        let mut names: Vec<_> = call.headers.keys().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        assert_eq!(names, ["accept", "authorization", "user-agent", "x-forwarded-for", "x-request-id"]);
        assert_eq!(call.headers.len(), 5, "expected each header once");
        assert_eq!(call.header("x-forwarded-for"), Some("198.51.100.9"));
        assert_eq!(call.header("authorization"), Some("Bearer access.1.x"));
        assert_eq!(call.header("user-agent"), Some("Browser/1.0"));
        assert_eq!(call.header("x-request-id"), Some("my-id"));
    }
}

#[tokio::test]
async fn the_address_is_in_the_header_that_the_operator_named() {
    let pages = Pages::with(&[("proxy_header", "forwarded")]).await;
    pages.api.know_ada();
    pages.get("/account").signed_in().header("x-forwarded-for", "203.0.113.66").send().await.expect(200);
    for call in pages.api.all() {
        assert_eq!(call.header("forwarded"), Some("for=192.0.2.7"));
        assert_eq!(call.header("x-forwarded-for"), None);
    }
}

#[tokio::test]
async fn each_component_is_called_by_its_name_or_all_at_the_url_of_the_api() {
    let together = Pages::of_ada().await;
    together.get("/account").signed_in().send().await.expect(200);
    let mut uris: Vec<_> = together.api.all().into_iter().map(|call| call.uri).collect();
    uris.sort();
    assert_eq!(
        uris,
        [
            "http://auth.spin.internal/auth/me",
            "http://profile.spin.internal/profile/preferences",
            "http://rbac.spin.internal/rbac/my-permissions",
        ]
    );
    let apart = Pages::with(&[("api_url", "http://api.example:8080")]).await;
    apart.api.know_ada();
    apart.get("/account").signed_in().send().await.expect(200);
    assert!(apart.api.all().iter().all(|call| call.uri.starts_with("http://api.example:8080/")));
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_ten_seconds_at_most() {
    let pages = Pages::of_ada().await;
    pages.api.off("GET /auth/me");
    pages.api.on("GET /auth/me", || Reply::Hangs);
    let started = tokio::time::Instant::now();
    let page = pages.get("/account").signed_in().send().await.expect(504);
    assert_eq!(started.elapsed().as_secs(), 10);
    page.containing("takes too long to answer");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_ends_takes_ten_seconds_at_most() {
    let pages = Pages::of_ada().await;
    pages.api.off("GET /auth/me");
    pages.api.on("GET /auth/me", || {
        let endless = futures::stream::pending::<Result<&'static str, std::convert::Infallible>>();
        Reply::Answer(Response::new(Body::from_stream(endless)))
    });
    pages.get("/account").signed_in().send().await.expect(504);
}

#[tokio::test(start_paused = true)]
async fn a_page_takes_twenty_seconds_at_most_however_many_calls_it_needs() {
    let pages = Pages::open().await;
    let late = |reply: fn() -> Reply| move || Reply::Late(9, Box::new(reply()));
    pages.api.on("GET /auth/me", late(|| problem(401, "invalid_token")));
    pages.api.on("POST /auth/refresh", late(|| {
        reply(200, &json!({ "access_token": "new.access.token", "refresh_token": "new-refresh", "refresh_expires_in": 1 }))
    }));
    let started = tokio::time::Instant::now();
    let page = pages.get("/account").signed_in().send().await.expect(504);
    assert_eq!(started.elapsed().as_secs(), 20);
    let cookie = page.cookie("__Host-session").unwrap_or_default();
    assert!(cookie.contains("new-refresh"), "expected the renewed session to stay: {cookie}");
    page.containing("takes too long to answer");
}

#[tokio::test]
async fn an_answer_of_more_than_a_mebibyte_is_not_read() {
    let pages = Pages::of_ada().await;
    for (size, status) in [(1024 * 1024, 200), (1024 * 1024 + 1, 502)] {
        pages.api.off("GET /auth/me");
        pages.api.on("GET /auth/me", move || {
            let start = r#"{"id": 7, "email": "ada@example.com", "is_admin": false, "full_name": ""#;
            let filler = "x".repeat(size - start.len() - 2);
            Reply::Answer(Response::new(Body::from(format!("{start}{filler}\"}}"))))
        });
        pages.get("/account").signed_in().send().await.expect(status);
    }
}

#[tokio::test]
async fn an_api_that_cannot_be_reached_or_understood_gets_a_page_that_says_so() {
    let pages = Pages::of_ada().await;
    let text = |status: u16, text: &'static str| {
        move || Reply::Answer(Response::builder().status(status).body(Body::from(text)).unwrap())
    };
    let replies: [(Replying, u16, &str); 6] = [
        (
            Box::new(|| Reply::Fails(TransportError::Failed("secret cause".to_owned()))),
            503,
            "cannot be reached",
        ),
        (Box::new(|| Reply::Fails(TransportError::TimedOut)), 504, "takes too long"),
        (Box::new(text(200, "<html>")), 502, "cannot be shown"),
        (Box::new(text(500, "")), 500, "Something went wrong on our side"),
        (Box::new(text(302, "")), 502, "cannot be shown"),
        (Box::new(|| reply(200, &serde_json::json!({ "id": "secret cause" }))), 502, "cannot be shown"),
    ];
    for (reply, status, words) in replies {
        pages.api.off("GET /auth/me");
        pages.api.on("GET /auth/me", reply);
        let page = pages.get("/account").signed_in().send().await.expect(status);
        page.containing(words).containing("Request ").without("secret cause");
    }
}

#[tokio::test]
async fn a_client_without_an_address_sends_none_on() {
    let pages = Pages::of_ada().await;
    let visit = pages.get("/account").signed_in().header("spin-client-addr", "0.0.0.0:0");
    visit.send().await.expect(200);
    assert!(pages.api.all().iter().all(|call| call.header("x-forwarded-for").is_none()));
}

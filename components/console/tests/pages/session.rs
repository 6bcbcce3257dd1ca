//! The session of a browser.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use crate::support::{Pages, Reply, SESSION, problem, reply};

const GONE: &str = "__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax";
const RENEWED: &str =
    "__Host-session=access.2.x~refresh-2; Path=/; Max-Age=1000; HttpOnly; Secure; SameSite=Lax";

fn successor() -> Reply {
    reply(
        200,
        &json!({
            "access_token": "access.2.x", "token_type": "bearer", "expires_in": 900,
            "refresh_token": "refresh-2", "refresh_expires_in": 1000,
        }),
    )
}

/// Pages whose API finds the access token too old once, and then knows Ada.
async fn expired() -> Pages {
    let pages = Pages::open().await;
    for line in ["GET /auth/me", "GET /rbac/my-permissions", "GET /profile/preferences"] {
        pages.api.on(line, || problem(401, "invalid_token"));
    }
    pages.api.know_ada();
    pages
}

#[tokio::test]
async fn an_expired_access_token_is_renewed_without_the_person() {
    let pages = expired().await;
    pages.api.on("POST /auth/refresh", successor);
    let page = pages.get("/account").signed_in().send().await.expect(200);
    assert_eq!(page.cookie("__Host-session"), Some(RENEWED));
    page.containing("ada@example.com");
    let refreshes = pages.api.seen("POST /auth/refresh");
    assert_eq!(refreshes.len(), 1);
    assert_eq!(refreshes[0].json(), json!({ "refresh_token": "refresh-1" }));
    assert_eq!(refreshes[0].header("authorization"), None);
    let asked: Vec<_> = pages.api.seen("GET /auth/me");
    assert_eq!(asked[0].header("authorization"), Some("Bearer access.1.x"));
    assert_eq!(asked[1].header("authorization"), Some("Bearer access.2.x"));
}

/// The API gives both the same successor for ten seconds.
#[tokio::test]
async fn two_tabs_that_renew_at_once_stay_signed_in() {
    let pages = Pages::open().await;
    for line in ["GET /auth/me", "GET /rbac/my-permissions", "GET /profile/preferences"] {
        pages.api.on(line, || problem(401, "invalid_token"));
        pages.api.on(line, || problem(401, "invalid_token"));
    }
    pages.api.know_ada();
    pages.api.on("POST /auth/refresh", successor);
    let tab = || pages.get("/account").signed_in().send();
    let (one, two) = tokio::join!(tab(), tab());
    for page in [one, two] {
        let page = page.expect(200);
        assert_eq!(page.cookie("__Host-session"), Some(RENEWED));
        page.containing("ada@example.com");
    }
    let refreshes = pages.api.seen("POST /auth/refresh");
    assert!(refreshes.iter().all(|it| it.json() == json!({ "refresh_token": "refresh-1" })));
}

#[tokio::test]
async fn a_session_that_has_ended_leads_to_the_form_and_back() {
    let pages = expired().await;
    pages.api.on("POST /auth/refresh", || problem(401, "invalid_token"));
    let answer = pages.get("/console?x=1").signed_in().send().await;
    assert_eq!(answer.location(), "/account?next=%2Fconsole%3Fx%3D1&done=session-ended");
    assert_eq!(answer.cookie("__Host-session"), Some(GONE));
}

#[tokio::test]
async fn a_cookie_without_tokens_of_ours_is_no_session() {
    let pages = Pages::open().await;
    for value in ["", "x", "a~", "a~b~c", "a b~c"] {
        let visit = pages.get("/account").header("cookie", &format!("__Host-session={value}"));
        visit.send().await.expect(200).containing("name=\"password\"");
    }
    let unprefixed = pages.get("/account").header("cookie", &format!("session={SESSION}"));
    unprefixed.send().await.expect(200).containing("name=\"password\"");
    assert!(pages.api.all().is_empty());
}

#[tokio::test]
async fn a_cookie_of_another_program_at_the_host_keeps_nobody_out() {
    let pages = Pages::of_ada().await;
    let cookies = format!("name=Jos\u{e9}; __Host-session={SESSION}");
    let page = pages.get("/account").header("cookie", &cookies).send().await.expect(200);
    page.containing("ada@example.com").without("name=\"password\"");
}

#[tokio::test]
async fn a_deactivated_account_is_signed_out_and_told() {
    let pages = Pages::open().await;
    pages.api.on("GET /auth/me", || problem(403, "inactive_account"));
    let answer = pages.get("/account").signed_in().send().await;
    assert_eq!(answer.location(), "/account?done=account-inactive");
    assert_eq!(answer.cookie("__Host-session"), Some(GONE));

    let pages = expired().await;
    pages.api.on("POST /auth/refresh", || problem(403, "inactive_account"));
    let answer = pages.get("/console").signed_in().send().await;
    assert_eq!(answer.location(), "/account?done=account-inactive");
    assert_eq!(answer.cookie("__Host-session"), Some(GONE));
}

#[tokio::test]
async fn a_service_that_fails_signs_nobody_out() {
    let pages = expired().await;
    pages.api.on("POST /auth/refresh", || problem(503, "database_unavailable"));
    let page = pages.get("/account").signed_in().send().await.expect(503);
    assert_eq!(page.cookie("__Host-session"), None);
    page.containing("cannot reach its data");
}

#[tokio::test]
async fn tokens_that_fit_no_cookie_are_refused() {
    let pages = Pages::open().await;
    for token in [json!("a;b"), json!("a\r\nset-cookie: x=y"), json!("a".repeat(4000)), Value::Null] {
        pages.api.off("POST /auth/login");
        pages.api.on("POST /auth/login", move || {
            let pair = json!({ "access_token": token, "refresh_token": "r", "refresh_expires_in": 1 });
            Reply::Answer(Response::new(Body::from(pair.to_string())))
        });
        let page =
            pages.post("/account/sign-in", &[("email", "a"), ("password", "b")]).send().await.expect(502);
        assert_eq!(page.cookie("__Host-session"), None);
    }
}

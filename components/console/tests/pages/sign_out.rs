//! `/account/sign-out`

use serde_json::{Value, json};

use crate::support::{Pages, Reply, reply};

const GONE: &str = "__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax";

#[tokio::test]
async fn the_session_ends_in_the_api_and_in_the_browser() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/logout", || reply(204, &Value::Null));
    let answer = pages.post("/account/sign-out", &[]).signed_in().send().await;
    assert_eq!(answer.location(), "/account?done=signed-out");
    assert_eq!(answer.cookie("__Host-session"), Some(GONE));
    let [logout] = &pages.api.all()[..] else { panic!("expected one request") };
    assert_eq!(logout.json(), json!({ "refresh_token": "refresh-1" }));
}

#[tokio::test]
async fn the_browser_is_signed_out_even_if_the_api_is_not_there() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/logout", || Reply::Fails(console::TransportError::Failed("gone".to_owned())));
    let answer = pages.post("/account/sign-out", &[]).signed_in().send().await;
    assert_eq!(answer.location(), "/account?done=signed-out-here");
    assert_eq!(answer.cookie("__Host-session"), Some(GONE));
}

#[tokio::test]
async fn who_is_not_signed_in_stays_so() {
    let pages = Pages::open().await;
    let answer = pages.post("/account/sign-out", &[]).send().await;
    assert_eq!(answer.location(), "/account?done=signed-out");
    assert!(pages.api.all().is_empty());
}

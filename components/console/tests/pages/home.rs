//! `/account`

use serde_json::json;

use crate::support::{Pages, reply};

#[tokio::test]
async fn who_is_not_signed_in_gets_the_form() {
    let page = Pages::open().await.get("/account").send().await.expect(200);
    page.containing("action=\"/account/sign-in\"")
        .containing("name=\"email\"")
        .containing("name=\"password\"")
        .containing("name=\"csrf_token\"")
        .without("/account/sign-out");
}

#[tokio::test]
async fn who_is_signed_in_sees_the_address_and_can_sign_out() {
    let page = Pages::of_ada().await.get("/account").signed_in().send().await.expect(200);
    page.containing("ada@example.com")
        .containing("action=\"/account/sign-out\"")
        .without("name=\"password\"");
}

#[tokio::test]
async fn only_messages_that_the_page_knows_are_shown() {
    let pages = Pages::open().await;
    pages.get("/account?done=signed-out").send().await.containing("You are signed out.");
    for other in ["nothing", "", "%3Cscript%3E", "account-deleted-by-us"] {
        pages.get(&format!("/account?done={other}")).send().await.expect(200).without("role=\"status\"");
    }
}

#[tokio::test]
async fn the_theme_and_the_language_are_those_that_the_person_prefers() {
    let pages = Pages::of_ada().await;
    pages.get("/account").signed_in().send().await.without("data-theme");
    pages.api.off("GET /profile/preferences");
    pages.api.on("GET /profile/preferences", || reply(200, &json!({ "theme": "dark", "language": "de-CH" })));
    let page = pages.get("/account").signed_in().header("accept-language", "en").send().await.expect(200);
    page.containing("data-theme=\"dark\"").containing("<html lang=\"de\"").containing("Abmelden");
}

#[tokio::test]
async fn hostile_text_is_escaped() {
    let pages = Pages::of_ada().await;
    pages.api.off("GET /auth/me");
    pages.api.on("GET /auth/me", || {
        reply(
            200,
            &json!({ "id": 7, "email": "<script>alert(1)</script>\"'", "is_admin": false, "roles": [] }),
        )
    });
    let page = pages.get("/account").signed_in().send().await.expect(200);
    page.without("<script>alert").containing("&lt;script&gt;alert(1)&lt;/script&gt;&quot;");
}

#[tokio::test]
async fn who_is_signed_in_already_goes_on_to_the_page_that_asked() {
    let pages = Pages::of_ada().await;
    let answer = pages.get("/account?next=%2Fconsole%2Faccounts%3Fsearch%3Da").signed_in().send().await;
    assert_eq!(answer.location(), "/console/accounts?search=a");
    pages.get("/account?next=https%3A%2F%2Fevil.example%2Faccount").signed_in().send().await.expect(200);
}

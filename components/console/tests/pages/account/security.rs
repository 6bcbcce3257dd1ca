//! `/account/security`

use serde_json::{Value, json};

use super::HOSTILE;
use crate::support::{Pages, faults, problem, reply};

const PATH: &str = "/account/security";

#[tokio::test]
async fn a_password_manager_learns_whose_password_changes() {
    let page = Pages::of_ada().await.get(PATH).signed_in().send().await.expect(200);
    page.containing("autocomplete=\"username\" value=\"ada@example.com\"")
        .containing("autocomplete=\"current-password\"")
        .containing("autocomplete=\"new-password\"");
}

#[tokio::test]
async fn a_password_is_changed() {
    let pages = Pages::of_ada().await;
    pages.api.on("PUT /auth/password", || reply(204, &Value::Null));
    let fields = [("current_password", "old horse"), ("new_password", "new horse")];
    let answer = pages.post("/account/security/password", &fields).signed_in().send().await;
    assert_eq!(answer.location(), "/account/security?done=password-changed");
    let sent = pages.api.seen("PUT /auth/password")[0].json();
    assert_eq!(sent, json!({ "current_password": "old horse", "new_password": "new horse" }));
    pages.get(answer.location()).signed_in().send().await.containing("Your password is changed.");
}

#[tokio::test]
async fn a_refused_password_is_told_beside_its_field() {
    let pages = Pages::of_ada().await;
    let line = "PUT /auth/password";
    let fields = [("current_password", "old horse"), ("new_password", "new horse")];
    for (field, words, answer) in [
        ("current_password", "This password is wrong.", ("", "wrong_password")),
        (
            "new_password",
            "Choose a password that differs",
            ("/new_password", "must not be the current password"),
        ),
        (
            "new_password",
            "Do not use your e-mail address",
            ("/new_password", "must not be the email address"),
        ),
    ] {
        pages.api.off(line);
        let (pointer, message) = answer;
        pages.api.on(line, move || {
            if pointer.is_empty() { problem(403, message) } else { faults(&[(pointer, message)]) }
        });
        let page = pages.post("/account/security/password", &fields).signed_in().send().await;
        let page = page.expect(if pointer.is_empty() { 403 } else { 422 });
        page.containing(&format!("id=\"{field}-faults\"><li>{words}"))
            .without("old horse")
            .without("new horse")
            .without("id=\"email-faults\"");
    }
}

#[tokio::test]
async fn too_many_wrong_passwords_are_told() {
    let pages = Pages::of_ada().await;
    pages.api.on("PUT /auth/password", || problem(429, "too_many_requests"));
    let page = pages.post("/account/security/password", &[]).signed_in().send().await.expect(429);
    page.containing("There were too many attempts.");
}

#[tokio::test]
async fn another_address_counts_once_its_link_is_used() {
    let pages = Pages::of_ada().await;
    pages.api.on("PUT /auth/email", || reply(202, &json!({})));
    let fields = [("email", "ada@example.org"), ("password", "old horse")];
    let answer = pages.post("/account/security/email", &fields).signed_in().send().await;
    assert_eq!(answer.location(), "/account/security?done=address-asked");
    let sent = pages.api.seen("PUT /auth/email")[0].json();
    assert_eq!(sent, json!({ "email": "ada@example.org", "password": "old horse" }));
    pages
        .get(answer.location())
        .signed_in()
        .send()
        .await
        .containing("Until then, your present address counts.");
}

#[tokio::test]
async fn a_refused_address_is_told_beside_its_field() {
    for (status, code, field, words) in [
        (403, "wrong_password", "password", "This password is wrong."),
        (409, "email_taken", "email", "Another account has this address."),
    ] {
        let pages = Pages::of_ada().await;
        pages.api.on("PUT /auth/email", move || problem(status, code));
        let fields = [("email", HOSTILE), ("password", "old horse")];
        let page = pages.post("/account/security/email", &fields).signed_in().send().await.expect(status);
        page.containing(&format!("id=\"{field}-faults\"><li>{words}"))
            .without("old horse")
            .without("<script>alert");
    }
}

#[tokio::test]
async fn the_link_can_be_sent_again_while_the_address_is_not_confirmed() {
    let pages = Pages::of_ada().await;
    let form = "action=\"/account/security/verification\"";
    pages.get(PATH).signed_in().send().await.expect(200).containing(form).containing("not confirmed yet");
    pages.api.on("POST /auth/email/verification", || reply(202, &json!({})));
    let answer = pages.post("/account/security/verification", &[]).signed_in().send().await;
    assert_eq!(answer.location(), "/account/security?done=verification-sent");
    pages.get(answer.location()).signed_in().send().await.containing("A link is on its way to your address.");

    pages.api.off("GET /auth/me");
    pages.api.on("GET /auth/me", || {
        reply(
            200,
            &json!({ "id": 7, "email": HOSTILE, "email_verified": true, "is_admin": false, "roles": [] }),
        )
    });
    let page = pages.get(PATH).signed_in().send().await.expect(200);
    page.without(form).containing("It is confirmed.").without("<script>alert");
}

#[tokio::test]
async fn a_link_that_cannot_be_asked_for_is_told() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/email/verification", || problem(503, "database_unavailable"));
    let page = pages.post("/account/security/verification", &[]).signed_in().send().await.expect(503);
    page.containing("The service cannot reach its data");
}

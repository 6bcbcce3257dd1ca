//! `/account/delete`

use serde_json::{Value, json};

use crate::support::{Pages, problem, reply};

const PATH: &str = "/account/delete";
const FIELDS: [(&str, &str); 2] = [("password", "old horse"), ("confirmation", "true")];

#[tokio::test]
async fn the_form_says_what_goes_and_names_the_account() {
    let page = Pages::of_ada().await.get(PATH).signed_in().send().await.expect(200);
    page.containing("Nobody can bring it back.")
        .containing("I want to delete the account ada@example.com for good")
        .containing("href=\"/account/export\"");
}

#[tokio::test]
async fn a_deleted_account_is_signed_out() {
    let pages = Pages::of_ada().await;
    pages.api.on("DELETE /auth/me", || reply(204, &Value::Null));
    let answer = pages.post(PATH, &FIELDS).signed_in().send().await;
    assert_eq!(answer.location(), "/account?done=own-account-deleted");
    assert!(answer.cookie("__Host-session").is_some_and(|cookie| cookie.contains("Max-Age=0")), "{answer:?}");
    assert_eq!(pages.api.seen("DELETE /auth/me")[0].json(), json!({ "password": "old horse" }));
    pages.get(answer.location()).send().await.expect(200).containing("Your account is deleted.");
}

#[tokio::test]
async fn without_the_confirmation_nothing_happens() {
    let pages = Pages::of_ada().await;
    let page = pages.post(PATH, &[("password", "old horse")]).signed_in().send().await.expect(422);
    page.containing("id=\"confirmation-faults\"><li>Tick this box").without("old horse");
    assert_eq!(pages.api.seen("DELETE /auth/me").len(), 0);
}

#[tokio::test]
async fn refusals_are_told_and_the_session_stays() {
    for (status, code, words) in [
        (403, "wrong_password", "id=\"password-faults\"><li>This password is wrong."),
        (409, "last_admin", "role=\"alert\""),
        (429, "too_many_requests", "There were too many attempts."),
        (503, "too_busy", "The service has too much to do"),
    ] {
        let pages = Pages::of_ada().await;
        pages.api.on("DELETE /auth/me", move || problem(status, code));
        let page = pages.post(PATH, &FIELDS).signed_in().send().await.expect(status);
        assert_eq!(page.cookie("__Host-session"), None);
        page.containing(words).without("old horse");
    }
}

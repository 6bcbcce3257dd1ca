//! `/account/confirm`

use serde_json::{Value, json};

use crate::support::{Pages, problem, reply};

const PATH: &str = "/account/confirm";
const STALE: &str = "insufficient_user_authentication";

#[tokio::test]
async fn a_change_that_needs_a_fresh_session_leads_here_and_knows_the_way_back() {
    for (path, line, page) in [
        ("/account/sessions/9/end", "DELETE /auth/sessions/9", "sessions"),
        ("/account/sessions/end-others", "DELETE /auth/sessions", "sessions"),
        ("/account/api-keys", "POST /auth/api-keys", "api-keys"),
        ("/account/export", "GET /auth/export", "export"),
        ("/account/security/password", "PUT /auth/password", "security"),
        ("/account/security/email", "PUT /auth/email", "security"),
        ("/account/delete", "DELETE /auth/me", "delete"),
    ] {
        let pages = Pages::of_ada().await;
        pages.api.on(line, || problem(401, STALE));
        for read in ["GET /auth/sessions", "GET /auth/api-keys", "GET /rbac/permissions?limit=1000"] {
            pages.api.on(read, || reply(200, &json!([])));
        }
        let fields = [("confirmation", "true"), ("name", "a key"), ("scope", "all")];
        let answer = pages.post(path, &fields).signed_in().send().await;
        assert_eq!(answer.location(), format!("{PATH}?next=%2Faccount%2F{page}"), "{path}");
        assert_eq!(answer.cookie("__Host-session"), None, "{path}: expected the session to stay");
        assert_eq!(pages.api.seen(line).len(), 1, "{path}");
    }
}

#[tokio::test]
async fn the_password_leads_back_and_repeats_nothing() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/reauthenticate", || reply(204, &Value::Null));
    let next = "/account/export";
    let page = pages.get("/account/confirm?next=/account/export").signed_in().send().await.expect(200);
    page.containing("name=\"next\" value=\"/account/export\"")
        .containing("autocomplete=\"current-password\"");
    let answer = pages.post(PATH, &[("password", "old horse"), ("next", next)]).signed_in().send().await;
    assert_eq!(answer.location(), "/account/export?done=confirmed");
    assert_eq!(pages.api.seen("POST /auth/reauthenticate")[0].json(), json!({ "password": "old horse" }));
    assert_eq!(pages.api.seen("GET /auth/export").len(), 0);
    let page = pages.get(answer.location()).signed_in().send().await.expect(200);
    page.containing("Press the button again now");
}

#[tokio::test]
async fn nobody_is_led_elsewhere() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/reauthenticate", || reply(204, &Value::Null));
    for next in ["https://evil.example/account", "//evil.example", "/docs", ""] {
        let page = pages.get(&format!("{PATH}?next={next}")).signed_in().send().await.expect(200);
        page.containing("name=\"next\" value=\"/account\"").without("evil");
        let answer = pages.post(PATH, &[("password", "x"), ("next", next)]).signed_in().send().await;
        assert_eq!(answer.location(), "/account?done=confirmed", "{next}");
    }
}

#[tokio::test]
async fn refusals_are_told_and_the_way_back_stays() {
    for (status, code, words) in [
        (403, "wrong_password", "id=\"password-faults\"><li>This password is wrong."),
        (429, "too_many_requests", "There were too many attempts."),
        (503, "too_busy", "The service has too much to do"),
        (401, STALE, "Your password is not enough for this account."),
    ] {
        let pages = Pages::of_ada().await;
        pages.api.on("POST /auth/reauthenticate", move || problem(status, code));
        let fields = [("password", "old horse"), ("next", "/account/export")];
        let page = pages.post(PATH, &fields).signed_in().send().await.expect(status);
        page.containing(words).containing("value=\"/account/export\"").without("old horse");
    }
}

#[tokio::test]
async fn a_session_that_has_ended_leads_to_the_form_for_signing_in() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/reauthenticate", || problem(401, "invalid_token"));
    let answer = pages.post(PATH, &[("password", "old horse")]).signed_in().send().await;
    assert_eq!(answer.location(), "/account");
}

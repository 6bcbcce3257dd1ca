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
        ("/account/security/totp", "POST /auth/totp", "security"),
        ("/account/security/totp/remove", "DELETE /auth/totp", "security"),
        ("/account/security/recovery-codes", "POST /auth/recovery-codes", "security"),
        ("/account/security/passkeys/options", "POST /auth/passkeys/options", "security"),
        ("/account/security/passkeys/9/remove", "DELETE /auth/passkeys/9", "security"),
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
        .containing("autocomplete=\"current-password\"")
        .without("name=\"code\"");
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
        (401, STALE, "Use your code or your passkey."),
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

#[tokio::test]
async fn a_second_factor_is_asked_for_in_place_of_the_password() {
    for (has_totp, passkeys, codes, fields) in [
        (true, 0, 0, &["code"][..]),
        (true, 1, 9, &["code", "assertion", "recovery_code"]),
        (false, 2, 0, &["assertion"]),
    ] {
        let pages = Pages::of_ada().await;
        pages.api.give_ada(has_totp, passkeys, codes);
        let page = pages.get("/account/confirm?next=/account/export").signed_in().send().await.expect(200);
        for field in ["code", "assertion", "recovery_code"] {
            let is_there = page.text.contains(&format!("name=\"{field}\""));
            assert_eq!(is_there, fields.contains(&field), "{field}: {page:#?}");
        }
        page.containing("name=\"next\" value=\"/account/export\"").without("type=\"password\"");
    }
}

#[tokio::test]
async fn each_proof_leads_back() {
    for (field, value, body) in [
        ("code", "492 039", json!({ "code": "492 039" })),
        ("recovery_code", "7K3QX-0PV9M", json!({ "recovery_code": "7K3QX-0PV9M" })),
        ("assertion", "{\"id\":\"x\"}", json!({ "assertion": { "id": "x" } })),
    ] {
        let pages = Pages::of_ada().await;
        pages.api.on("POST /auth/reauthenticate", || reply(204, &Value::Null));
        let fields = [(field, value), ("next", "/account/export")];
        let answer = pages.post(PATH, &fields).signed_in().send().await;
        assert_eq!(answer.location(), "/account/export?done=confirmed");
        assert_eq!(pages.api.seen("POST /auth/reauthenticate")[0].json(), body);
    }
}

#[tokio::test]
async fn a_wrong_proof_is_told_beside_its_field_and_the_session_goes_on() {
    let pages = Pages::of_ada().await;
    pages.api.give_ada(true, 1, 9);
    pages.api.on("POST /auth/reauthenticate", || problem(401, "invalid_credentials"));
    for (field, words) in [
        ("code", "id=\"code-faults\"><li>This code is wrong"),
        ("recovery_code", "id=\"recovery_code-faults\"><li>This code is wrong"),
        ("assertion", "This passkey was not accepted."),
    ] {
        let fields = [(field, "{}"), ("next", "/account/export")];
        let page = pages.post(PATH, &fields).signed_in().send().await.expect(401);
        assert_eq!(page.cookie("__Host-session"), None, "{field}");
        page.containing(words).containing("value=\"/account/export\"");
    }
    let recovery = [("recovery_code", "x")];
    pages.post(PATH, &recovery).signed_in().send().await.containing("<details open>");
    pages.post(PATH, &[("code", "1")]).signed_in().send().await.containing("<details>");
}

#[tokio::test]
async fn a_session_that_ends_with_the_last_wrong_code_leads_to_the_form_for_signing_in() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/reauthenticate", || problem(401, "invalid_credentials"));
    pages.api.off("GET /auth/factors");
    pages.api.on("GET /auth/factors", || problem(401, "invalid_token"));
    let answer = pages.post(PATH, &[("code", "492039")]).signed_in().send().await;
    assert_eq!(answer.location(), "/account");
}

#[tokio::test]
async fn the_script_gets_the_options_for_a_passkey_of_the_person() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/passkeys/login/options", || reply(200, &json!({ "challenge": "AAAA" })));
    let answer = pages.post("/account/confirm/passkey/options", &[]).signed_in().send().await.expect(200);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.text, "{\"challenge\":\"AAAA\"}");
    let asked = &pages.api.seen("POST /auth/passkeys/login/options")[0];
    assert_eq!(asked.header("authorization"), Some("Bearer access.1.x"));
}

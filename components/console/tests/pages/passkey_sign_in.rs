//! A login by a passkey alone.

use serde_json::{Value, json};

use crate::support::{Pages, problem, reply};

const PATH: &str = "/account/sign-in/passkey";
const OPTIONS: &str = "/account/sign-in/passkey/options";
const LINE: &str = "POST /auth/passkeys/login";

#[tokio::test]
async fn the_form_offers_passkeys_where_browsers_make_them() {
    let page = Pages::open().await.get("/account?next=/account/export").send().await.expect(200);
    page.containing("autocomplete=\"username webauthn\"")
        .containing("data-options-from=\"/account/sign-in/passkey/options\"")
        .containing(" hidden data-passkey=\"get\" data-origins=\"https://users.example.com\" ")
        .without("data-elsewhere")
        .containing(" data-conditional")
        .containing("Sign in with a passkey")
        .containing("<input type=\"hidden\" name=\"assertion\" data-answer>");
    for url in ["http://127.0.0.1:3000", "http://users.example.com", "https://192.0.2.7"] {
        let pages = Pages::with(&[("public_url", url)]).await;
        let page = pages.get("/account").send().await.expect(200);
        page.without("passkey").without("webauthn").containing("autocomplete=\"username\"");
    }
}

#[tokio::test]
async fn the_form_names_the_origins_of_the_relying_party_to_the_script() {
    let variables = [
        ("public_url", "http://127.0.0.1:3000"),
        ("webauthn_rp_id", "localhost"),
        ("webauthn_origins", "http://localhost:3000,http://localhost:5173"),
    ];
    let page = Pages::with(&variables).await.get("/account").send().await.expect(200);
    page.containing("data-origins=\"http://localhost:3000 http://localhost:5173\"")
        .containing("autocomplete=\"username webauthn\"");
}

#[tokio::test]
async fn the_script_gets_the_options_and_nobody_else() {
    let pages = Pages::open().await;
    let line = "POST /auth/passkeys/login/options";
    pages.api.on(line, || reply(200, &json!({ "challenge": "AAAA" })));
    let answer = pages.post(OPTIONS, &[]).signed_in().send().await.expect(200);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.text, "{\"challenge\":\"AAAA\"}");
    assert_eq!(pages.api.seen(line)[0].header("authorization"), None);
    pages.post_without_token(OPTIONS, &[]).send().await.expect(403);
    pages.post(OPTIONS, &[]).header("origin", "https://evil.example").send().await.expect(403);
    assert_eq!(pages.api.seen(line).len(), 1);
    pages.api.off(line);
    pages.api.on(line, || problem(429, "too_many_requests"));
    // The script shows the message of this page.
    let page = pages.post(OPTIONS, &[]).send().await.expect(429);
    page.containing("<p class=\"alert\">There were too many attempts.");
}

#[tokio::test]
async fn a_passkey_opens_a_session() {
    let pages = Pages::open().await;
    pages.api.on(LINE, || {
        reply(
            200,
            &json!({ "access_token": "new.access.token", "refresh_token": "new-refresh", "refresh_expires_in": 1 }),
        )
    });
    pages.api.on("POST /auth/logout", || reply(204, &Value::Null));
    for (next, expected) in
        [("/account/export", "/account/export"), ("", "/account"), ("//evil.example", "/account")]
    {
        let fields = [("assertion", "{\"id\":\"x\"}"), ("next", next)];
        let answer = pages.post(PATH, &fields).send().await;
        assert_eq!(answer.location(), expected);
        assert!(answer.cookie("__Host-session").unwrap().contains("new.access.token~new-refresh"));
    }
    assert_eq!(pages.api.seen(LINE)[0].json(), json!({ "assertion": { "id": "x" } }));
}

#[tokio::test]
async fn a_refused_passkey_is_told_in_words_of_its_own_and_the_way_stays() {
    for (assertion, status, code, words) in [
        ("{}", 401, "invalid_credentials", "This passkey was not accepted."),
        ("{}", 403, "inactive_account", "This account is deactivated."),
        ("{}", 403, "email_unverified", "We have sent you the link again"),
        ("{}", 429, "too_many_requests", "There were too many attempts."),
        ("{}", 503, "database_unavailable", "cannot reach its data"),
        ("", 401, "", "This passkey was not accepted."),
        ("nonsense", 401, "", "This passkey was not accepted."),
    ] {
        let pages = Pages::open().await;
        pages.api.on(LINE, move || problem(status, code));
        let fields = [("assertion", assertion), ("next", "/account/export")];
        let page = pages.post(PATH, &fields).send().await.expect(status);
        assert_eq!(page.cookie("__Host-session"), None);
        page.containing(words).containing("role=\"alert\"").containing("value=\"/account/export\"");
        assert_eq!(pages.api.all().len(), usize::from(!code.is_empty()));
    }
}

//! The second step of a login.

use serde_json::{Value, json};

use crate::support::{Pages, Reply, faults, problem, reply};

const PASSWORD: [(&str, &str); 3] =
    [("email", "ada@example.com"), ("password", "correct horse"), ("next", "/account/export")];
const CHALLENGE: &str = "sc3cMX-Dg_sc3cMX-Dg_sc3cMX-Dg_sc3cMX-Dg_abc";
const PATH: &str = "/account/sign-in/factor";
const LINE: &str = "POST /auth/login/factor";

/// The answer to a right password, for an account with these factors.
fn required(methods: &[&str]) -> Reply {
    let mut document = json!({
        "status": 401, "code": "second_factor_required", "detail": "The sentence of the API.",
        "challenge": CHALLENGE, "methods": methods, "expires_in": 300,
    });
    if methods.contains(&"passkey") {
        document["passkey_options"] = json!({ "challenge": CHALLENGE, "rpId": "a\"<b>" });
    }
    reply(401, &document)
}

fn pair() -> Reply {
    reply(
        200,
        &json!({ "access_token": "new.access.token", "refresh_token": "new-refresh", "refresh_expires_in": 1 }),
    )
}

async fn pages(methods: &'static [&'static str]) -> Pages {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/login", move || required(methods));
    pages
}

#[tokio::test]
async fn a_right_password_leads_to_the_form_for_each_factor_and_opens_no_session() {
    for (methods, fields) in [
        (&["totp"][..], &["code"][..]),
        (&["passkey"], &["assertion"]),
        (&["totp", "recovery_code"], &["code", "recovery_code"]),
        (&["totp", "passkey", "recovery_code", "telepathy"], &["code", "assertion", "recovery_code"]),
    ] {
        let page = pages(methods).await.post("/account/sign-in", &PASSWORD).send().await.expect(200);
        assert_eq!(page.cookie("__Host-session"), None);
        for field in ["code", "assertion", "recovery_code"] {
            let is_there = page.text.contains(&format!("name=\"{field}\""));
            assert_eq!(is_there, fields.contains(&field), "{field}: {page:#?}");
        }
        let details = page.text.matches("<details>").count();
        assert_eq!(details, usize::from(fields.len() > 1), "expected the other ways behind one link");
        page.containing(&format!("name=\"challenge\" value=\"{CHALLENGE}\""))
            .containing("name=\"next\" value=\"/account/export\"")
            .containing("Your account also asks for your second factor.")
            .without("correct horse")
            .without("role=\"alert\"");
    }
}

#[tokio::test]
async fn where_browsers_have_no_passkeys_the_page_says_so_and_the_other_ways_stay() {
    let android = format!("android:apk-key-hash:{}", "A".repeat(43));
    let pages = Pages::with(&[("webauthn_origins", &android)]).await;
    pages.api.on("POST /auth/login", || required(&["passkey", "recovery_code"]));
    let page = pages.post("/account/sign-in", &PASSWORD).send().await.expect(200);
    page.containing("Passkeys do not work at the address")
        .containing("name=\"recovery_code\"")
        .without("data-passkey");
}

#[tokio::test]
async fn the_form_says_what_browsers_and_keyboards_need() {
    let pages = pages(&["totp", "passkey"]).await;
    let page = pages.post("/account/sign-in", &PASSWORD).send().await.expect(200);
    page.containing("name=\"code\" type=\"text\" inputmode=\"numeric\"")
        .containing("autocomplete=\"one-time-code\"")
        .containing("data-passkey=\"get\"")
        .containing("data-options=\"{&quot;challenge&quot;")
        .containing("<script src=\"/account/passkeys.js\" defer></script>")
        .containing("Passkeys need JavaScript")
        .without("<b>");
}

#[tokio::test]
async fn each_proof_completes_the_login() {
    for (field, value, member) in [
        ("code", " 492 039 ", json!({ "code": "492 039" })),
        ("recovery_code", "7K3QX-0PV9M", json!({ "recovery_code": "7K3QX-0PV9M" })),
        ("assertion", "{\"id\":\"x\"}", json!({ "assertion": { "id": "x" } })),
    ] {
        let pages = Pages::open().await;
        pages.api.on(LINE, pair);
        let fields = [(field, value), ("challenge", CHALLENGE), ("next", "/account/export")];
        let answer = pages.post(PATH, &fields).send().await;
        assert_eq!(answer.location(), "/account/export");
        assert!(answer.cookie("__Host-session").unwrap().contains("new.access.token~new-refresh"));
        let mut expected = member;
        expected["challenge"] = CHALLENGE.into();
        let seen = &pages.api.seen(LINE)[0];
        assert_eq!(seen.json(), expected);
        assert_eq!(seen.header("authorization"), None);
    }
}

#[tokio::test]
async fn a_refused_proof_is_told_beside_its_field_and_can_be_tried_again() {
    let options = json!({ "challenge": CHALLENGE }).to_string();
    for (field, words) in [
        ("code", "id=\"code-faults\"><li>This code is wrong, has been used, or came too late."),
        ("recovery_code", "id=\"recovery_code-faults\"><li>This code is wrong"),
        ("assertion", "This passkey was not accepted."),
    ] {
        let pages = Pages::open().await;
        pages.api.on(LINE, || problem(401, "invalid_credentials"));
        let fields = [
            (field, "{}"),
            ("challenge", CHALLENGE),
            ("methods", "totp passkey recovery_code"),
            ("passkey_options", &options),
            ("next", "/account/export"),
        ];
        let page = pages.post(PATH, &fields).send().await.expect(401);
        assert_eq!(page.cookie("__Host-session"), None);
        page.containing(words)
            .containing("role=\"alert\"")
            .containing(&format!("name=\"challenge\" value=\"{CHALLENGE}\""))
            .containing("name=\"recovery_code\"")
            .containing("data-options=\"{&quot;challenge&quot;")
            .containing("<a href=\"/account\">Sign in from the start</a>");
    }
}

#[tokio::test]
async fn faults_and_limits_are_told() {
    let fields = [("code", "49203"), ("challenge", CHALLENGE), ("methods", "totp recovery_code")];
    let pages = Pages::open().await;
    pages.api.on(LINE, || faults(&[("/code", "must be the six digits that the authenticator shows")]));
    pages.api.on(LINE, || problem(429, "too_many_requests"));
    pages.api.on(LINE, || problem(403, "inactive_account"));
    let page = pages.post(PATH, &fields).send().await.expect(422);
    page.containing("id=\"code-faults\"><li>Enter the six digits");
    pages.post(PATH, &fields).send().await.expect(429).containing("There were too many attempts.");
    pages.post(PATH, &fields).send().await.expect(403).containing("This account is deactivated.");
}

#[tokio::test]
async fn a_form_without_a_proof_or_with_broken_json_asks_the_api_for_nothing() {
    let pages = Pages::open().await;
    let rest = [("challenge", CHALLENGE), ("methods", "totp passkey"), ("passkey_options", "{}")];
    let page = pages.post(PATH, &rest).send().await.expect(422);
    page.containing("id=\"code-faults\"><li>This field is required.");
    let broken = [&rest[..], &[("assertion", "{")]].concat();
    pages.post(PATH, &broken).send().await.expect(401).containing("This passkey was not accepted.");
    assert!(pages.api.all().is_empty());
}

#[tokio::test]
async fn hostile_fields_are_escaped_and_lead_nowhere_else() {
    let pages = Pages::open().await;
    pages.api.on(LINE, || problem(401, "invalid_credentials"));
    let hostile = "\"'><script>alert(1)</script>";
    let fields = [
        ("code", hostile),
        ("challenge", hostile),
        ("methods", "totp passkey <b>"),
        ("passkey_options", hostile),
        ("next", "//evil.example"),
    ];
    let page = pages.post(PATH, &fields).send().await.expect(401);
    page.without("<script>alert").without("<b>").without("evil.example");
    pages.api.off(LINE);
    pages.api.on(LINE, pair);
    assert_eq!(pages.post(PATH, &fields).send().await.location(), "/account");
}

#[tokio::test]
async fn the_session_that_the_browser_had_ends_with_the_second_step_only() {
    let pages = pages(&["totp"]).await;
    pages.api.on("POST /auth/logout", || reply(204, &Value::Null));
    pages.api.on(LINE, pair);
    let page = pages.post("/account/sign-in", &PASSWORD).signed_in().send().await.expect(200);
    assert_eq!(page.cookie("__Host-session"), None);
    assert!(pages.api.seen("POST /auth/logout").is_empty());
    let fields = [("code", "492039"), ("challenge", CHALLENGE)];
    pages.post(PATH, &fields).signed_in().send().await.expect(303);
    assert_eq!(pages.api.seen("POST /auth/logout").len(), 1);
}

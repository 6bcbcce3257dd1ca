//! The second factors at `/account/security`.

use serde_json::{Value, json};

use super::HOSTILE;
use crate::support::{Pages, Reply, faults, problem, reply};

const PATH: &str = "/account/security";
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const CODES: [&str; 2] = ["7K3QX-0PV9M", "N4B2C-ZZ81T"];

fn setup() -> Reply {
    reply(
        200,
        &json!({
            "secret": SECRET, "uri": format!("otpauth://totp/Users:ada@example.com?secret={SECRET}"),
            "qr_svg": "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M4 4h7v1h-7z\" fill=\"#000\"/></svg>",
        }),
    )
}

fn passkey(name: &str) -> Value {
    json!({
        "id": 9, "name": name, "created_at": "2026-05-15T09:30:00.123456Z", "last_used_at": null,
        "backed_up": true, "transports": ["internal"],
    })
}

#[tokio::test]
async fn who_has_no_factor_is_offered_both_kinds() {
    let page = Pages::of_ada().await.get(PATH).signed_in().send().await.expect(200);
    page.containing("You have set up no app.")
        .containing("action=\"/account/security/totp\"")
        .containing("data-passkey=\"create\"")
        .containing("Passkeys need JavaScript")
        .without("totp/remove")
        .without("recovery-codes");
}

#[tokio::test]
async fn factors_are_listed_with_what_can_be_done_to_them() {
    let pages = Pages::of_ada().await;
    pages.api.give_ada(true, 1, 10);
    pages.api.off("GET /auth/passkeys");
    pages.api.on("GET /auth/passkeys", || reply(200, &json!([passkey("phone")])));
    let page = pages.get(PATH).signed_in().send().await.expect(200);
    page.containing("Set up another app")
        .containing("action=\"/account/security/totp/remove\"")
        .containing("You have 10 left.")
        .containing("action=\"/account/security/recovery-codes\"")
        .containing("synchronised")
        .containing("never used")
        .containing("id=\"name-9\" name=\"name\" type=\"text\" value=\"phone\"")
        .containing("action=\"/account/security/passkeys/9/remove\"");
}

#[tokio::test]
async fn who_has_few_recovery_codes_left_is_warned() {
    for (left, words, is_warned) in [
        (4, "You have 4 left.", false),
        (3, "You have 3 left.", true),
        (1, "You have one left.", true),
        (0, "You have none left.", true),
    ] {
        let pages = Pages::of_ada().await;
        pages.api.give_ada(true, 0, left);
        let page = pages.get(PATH).signed_in().send().await.expect(200).containing(words);
        assert_eq!(page.text.contains("class=\"alert warn\""), is_warned, "{left}");
    }
}

#[tokio::test]
async fn where_browsers_make_no_passkeys_none_is_offered() {
    let pages = Pages::with(&[("public_url", "http://127.0.0.1:3000")]).await;
    pages.api.know_ada();
    let visit = pages.get(PATH).header("cookie", &format!("session={}", crate::support::SESSION));
    visit.send().await.expect(200).containing("Passkeys do not work at the address").without("data-passkey");
}

#[tokio::test]
async fn an_app_is_set_up_by_a_picture_or_by_typing() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/totp", setup);
    let page = pages.post("/account/security/totp", &[]).signed_in().send().await.expect(200);
    assert_eq!(page.headers["cache-control"], "no-store");
    page.containing("src=\"data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22%3E")
        .containing("alt=\"QR code with the secret\"")
        .containing("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
        .containing("href=\"otpauth://totp/Users:ada@example.com?secret=")
        .containing("name=\"secret\" value=\"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\"")
        .without("<svg");
}

#[tokio::test]
async fn an_address_for_apps_that_is_none_is_not_linked() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/totp", || {
        reply(200, &json!({ "secret": SECRET, "uri": "javascript:alert(1)", "qr_svg": "<svg/>" }))
    });
    let page = pages.post("/account/security/totp", &[]).signed_in().send().await.expect(200);
    page.without("javascript:");
}

#[tokio::test]
async fn the_first_code_turns_the_app_on_and_the_recovery_codes_are_shown_once() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/totp/confirm", || reply(200, &json!({ "recovery_codes": CODES })));
    let fields = [("code", "492 039"), ("secret", SECRET)];
    let page = pages.post("/account/security/totp/confirm", &fields).signed_in().send().await.expect(200);
    assert_eq!(pages.api.seen("POST /auth/totp/confirm")[0].json(), json!({ "code": "492 039" }));
    assert_eq!(page.headers["cache-control"], "no-store");
    page.containing("7K3QX-0PV9M\nN4B2C-ZZ81T</pre>")
        .containing("The app is set up.")
        .containing("data-print")
        .containing("data-copy=\"codes\"")
        .containing("<p class=\"print\">Users: ada@example.com</p>")
        .without(SECRET);
}

#[tokio::test]
async fn another_app_makes_no_recovery_codes() {
    for body in [json!({}), json!({ "recovery_codes": null }), json!({ "recovery_codes": [] })] {
        let pages = Pages::of_ada().await;
        pages.api.on("POST /auth/totp/confirm", move || reply(200, &body));
        let answer =
            pages.post("/account/security/totp/confirm", &[("code", "492039")]).signed_in().send().await;
        assert_eq!(answer.location(), "/account/security?done=totp-confirmed");
        pages.get(answer.location()).signed_in().send().await.containing("The app is set up.");
    }
}

#[tokio::test]
async fn a_wrong_first_code_can_be_corrected() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/totp/confirm", || {
        faults(&[("/code", "must be the six digits that the authenticator shows")])
    });
    let fields = [("code", "49203"), ("secret", "GEZD GNBV\"><b>")];
    let page = pages.post("/account/security/totp/confirm", &fields).signed_in().send().await.expect(422);
    page.containing("id=\"code-faults\"><li>Enter the six digits")
        .containing("name=\"secret\" value=\"GEZDGNBVb\"")
        .containing("The app has the secret already")
        .without("<img")
        .without("<b>");
}

#[tokio::test]
async fn the_app_is_removed() {
    let pages = Pages::of_ada().await;
    pages.api.on("DELETE /auth/totp", || reply(204, &Value::Null));
    let answer = pages.post("/account/security/totp/remove", &[]).signed_in().send().await;
    assert_eq!(answer.location(), "/account/security?done=totp-removed");
    pages.get(answer.location()).signed_in().send().await.containing("The app is removed.");
}

#[tokio::test]
async fn new_recovery_codes_are_shown_once() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/recovery-codes", || reply(200, &json!({ "recovery_codes": CODES })));
    let page = pages.post("/account/security/recovery-codes", &[]).signed_in().send().await.expect(200);
    assert_eq!(page.headers["cache-control"], "no-store");
    page.containing("7K3QX-0PV9M").without("The app is set up.");
}

#[tokio::test]
async fn the_script_gets_the_options_for_a_new_passkey() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/passkeys/options", || reply(200, &json!({ "challenge": "AAAA" })));
    let visit = pages.post("/account/security/passkeys/options", &[]).signed_in();
    let answer = visit.send().await.expect(200);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.text, "{\"challenge\":\"AAAA\"}");
}

#[tokio::test]
async fn a_passkey_is_added_and_its_first_recovery_codes_are_shown() {
    let pages = Pages::of_ada().await;
    let fields = [("name", " phone "), ("credential", "{\"id\":\"x\"}")];
    pages.api.on("POST /auth/passkeys", || reply(201, &passkey("phone")));
    let answer = pages.post("/account/security/passkeys", &fields).signed_in().send().await;
    assert_eq!(answer.location(), "/account/security?done=passkey-added");
    let expected = json!({ "name": "phone", "credential": { "id": "x" } });
    assert_eq!(pages.api.seen("POST /auth/passkeys")[0].json(), expected);
    pages.get(answer.location()).signed_in().send().await.containing("The passkey is added.");

    pages.api.off("POST /auth/passkeys");
    pages.api.on("POST /auth/passkeys", || {
        let mut made = passkey("phone");
        made["recovery_codes"] = json!(CODES);
        reply(201, &made)
    });
    let page = pages.post("/account/security/passkeys", &fields).signed_in().send().await.expect(200);
    page.containing("7K3QX-0PV9M").containing("The passkey is added.");
}

#[tokio::test]
async fn a_refused_passkey_is_told_and_its_name_stays() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/passkeys", || faults(&[("/name", "must be 1 to 100 characters long")]));
    pages.api.on("POST /auth/passkeys", || problem(409, "too_many_passkeys"));
    let fields = [("name", HOSTILE), ("credential", "{}")];
    let page = pages.post("/account/security/passkeys", &fields).signed_in().send().await.expect(422);
    page.containing("id=\"name-faults\"><li>Use 1 to 100 characters.")
        .containing("value=\"&quot;'&gt;")
        .without("<script>alert");
    let page = pages.post("/account/security/passkeys", &fields).signed_in().send().await.expect(409);
    page.containing("You have 20 passkeys already.");
    pages.api.off("POST /auth/passkeys");
    pages.api.on("POST /auth/passkeys", || {
        faults(&[("/credential", "was refused; ask for new options and try again")])
    });
    let page = pages.post("/account/security/passkeys", &fields).signed_in().send().await.expect(422);
    page.containing("This passkey was not accepted.");
    let broken = [("name", "phone"), ("credential", "")];
    let page = pages.post("/account/security/passkeys", &broken).signed_in().send().await.expect(422);
    page.containing("This passkey was not accepted.").containing("value=\"phone\"");
}

#[tokio::test]
async fn a_passkey_is_renamed_and_removed() {
    let pages = Pages::of_ada().await;
    pages.api.on("PUT /auth/passkeys/9", || reply(200, &passkey("laptop")));
    pages.api.on("DELETE /auth/passkeys/9", || reply(204, &Value::Null));
    let answer = pages.post("/account/security/passkeys/9", &[("name", "laptop")]).signed_in().send().await;
    assert_eq!(answer.location(), "/account/security?done=passkey-renamed");
    assert_eq!(pages.api.seen("PUT /auth/passkeys/9")[0].json(), json!({ "name": "laptop" }));
    pages.get(answer.location()).signed_in().send().await.containing("The passkey has the new name.");
    let answer = pages.post("/account/security/passkeys/9/remove", &[]).signed_in().send().await;
    assert_eq!(answer.location(), "/account/security?done=passkey-removed");
    pages.get(answer.location()).signed_in().send().await.containing("The passkey is removed.");
    for id in ["x", "-1", "18446744073709551616"] {
        pages.post(&format!("{PATH}/passkeys/{id}/remove"), &[]).signed_in().send().await.expect(404);
    }
}

#[tokio::test]
async fn a_refused_name_is_told_beside_the_passkey() {
    let pages = Pages::of_ada().await;
    pages.api.off("GET /auth/passkeys");
    pages.api.on("GET /auth/passkeys", || reply(200, &json!([passkey(HOSTILE)])));
    pages.api.on("PUT /auth/passkeys/9", || faults(&[("/name", "must be 1 to 100 characters long")]));
    let visit = pages.post("/account/security/passkeys/9", &[("name", "too long")]).signed_in();
    visit
        .send()
        .await
        .expect(422)
        .containing("<details open>")
        .containing("id=\"name-9-faults\"><li>Use 1 to 100 characters.")
        .containing("value=\"too long\"")
        .without("<script>alert");
}

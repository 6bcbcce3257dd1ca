//! `/account/reset-password` and `/account/verify-email`: the pages that links in e-mails lead to.

use serde_json::{Value, json};

use super::HOSTILE;
use crate::support::{Pages, faults, problem, reply};

const RESET: &str = "/account/reset-password";
const VERIFY: &str = "/account/verify-email";
const TOKEN: &str = "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA";

#[tokio::test]
async fn the_script_takes_the_token_and_without_one_the_link_is_pasted() {
    let pages = Pages::open().await;
    for path in [RESET, VERIFY] {
        let page = pages.get(path).send().await.expect(200);
        page.containing("name=\"token\"")
            .containing("data-fragment=\"token\"")
            .containing("Copy the whole link out of the e-mail and paste it here.");
    }
    assert_eq!(pages.api.all().len(), 0, "expected nothing to happen before the button is pressed");
}

#[tokio::test]
async fn a_token_in_the_query_is_ignored() {
    // The logs of every proxy would hold it.
    let pages = Pages::open().await;
    for path in [RESET, VERIFY] {
        pages.get(&format!("{path}?token={TOKEN}")).send().await.expect(200).without(TOKEN);
    }
}

#[tokio::test]
async fn a_link_sets_a_password() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/password/reset", || reply(204, &Value::Null));
    let link = format!("https://users.example.com/account/reset-password#token={TOKEN}");
    let answer = pages.post(RESET, &[("token", &link), ("new_password", "a new horse")]).send().await;
    assert_eq!(answer.location(), "/account?done=password-reset");
    let [seen] = &pages.api.all()[..] else { panic!("expected one request") };
    assert_eq!(seen.json(), json!({ "token": TOKEN, "new_password": "a new horse" }));
    pages.get("/account?done=password-reset").send().await.expect(200).containing("Your password is saved.");
}

#[tokio::test]
async fn a_new_password_signs_the_browser_out() {
    let pages = Pages::of_ada().await;
    pages.api.on("POST /auth/password/reset", || reply(204, &Value::Null));
    pages.api.on("POST /auth/logout", || reply(204, &Value::Null));
    let answer = pages.post(RESET, &[("token", TOKEN), ("new_password", "x")]).signed_in().send().await;
    assert!(answer.cookie("__Host-session").is_some_and(|cookie| cookie.contains("Max-Age=0")), "{answer:?}");
}

#[tokio::test]
async fn a_password_that_breaks_a_rule_keeps_the_link() {
    let pages = Pages::open().await;
    let rule = "must not contain the word Globex, however it is spelled; choose another";
    pages.api.on("POST /auth/password/reset", move || faults(&[("/new_password", rule)]));
    let page = pages.post(RESET, &[("token", TOKEN), ("new_password", "globex12")]).send().await.expect(422);
    page.containing("id=\"new_password-faults\"><li>Choose a password without the word “Globex”")
        .containing(&format!("type=\"hidden\" name=\"token\" value=\"{TOKEN}\""))
        .without("globex12");
}

#[tokio::test]
async fn a_link_confirms_an_address() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/email/verify", || reply(204, &Value::Null));
    let answer = pages.post(VERIFY, &[("token", TOKEN)]).send().await;
    assert_eq!(answer.location(), "/account?done=address-verified");
    assert_eq!(pages.api.all()[0].json(), json!({ "token": TOKEN }));
    pages.get(answer.location()).send().await.expect(200).containing("Your address is confirmed.");
}

#[tokio::test]
async fn a_link_that_has_ended_is_told_with_the_way_to_a_new_one() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/password/reset", || problem(410, "link_invalid"));
    pages.api.on("POST /auth/email/verify", || problem(410, "link_invalid"));
    for (path, way) in [(RESET, "/account/forgot-password"), (VERIFY, "/account/security")] {
        let page = pages.post(path, &[("token", TOKEN)]).send().await.expect(410);
        page.containing("This link does not work any more").containing(way).without(TOKEN);
    }
}

#[tokio::test]
async fn an_address_that_another_account_has_got_is_told() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/email/verify", || problem(409, "email_taken"));
    pages.post(VERIFY, &[("token", TOKEN)]).send().await.expect(409).containing("role=\"alert\"");
}

#[tokio::test]
async fn what_is_no_link_is_refused_here() {
    let pages = Pages::open().await;
    for path in [RESET, VERIFY] {
        for pasted in ["", "https://users.example.com/account", HOSTILE] {
            let page = pages.post(path, &[("token", pasted), ("new_password", "secret horse")]).send().await;
            page.expect(422)
                .containing("id=\"token-faults\"><li>Paste the link from the e-mail here.")
                .without("secret horse")
                .without("<script>alert");
        }
    }
    assert_eq!(pages.api.all().len(), 0, "expected no request to the API");
}

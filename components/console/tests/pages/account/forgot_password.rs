//! `/account/forgot-password`

use serde_json::json;

use super::HOSTILE;
use crate::support::{Pages, faults, problem, reply};

const PATH: &str = "/account/forgot-password";

#[tokio::test]
async fn the_answer_is_the_same_for_every_address() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/password/forgot", || reply(202, &json!({})));
    let answer = pages.post(PATH, &[("email", "ada@example.com")]).send().await;
    assert_eq!(answer.location(), "/account/forgot-password?done=link-sent");
    assert_eq!(pages.api.all()[0].json(), json!({ "email": "ada@example.com" }));
    let page = pages.get(answer.location()).send().await.expect(200);
    page.containing("If an account has this address, a link is on its way");
}

#[tokio::test]
async fn the_form_for_signing_in_leads_to_it() {
    let pages = Pages::open().await;
    pages.get("/account").send().await.expect(200).containing(PATH);
    pages.get(PATH).send().await.expect(200).containing("name=\"email\"");
}

#[tokio::test]
async fn refusals_are_told() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/password/forgot", || faults(&[("/email", "is required")]));
    pages.api.on("POST /auth/password/forgot", || problem(429, "too_many_requests"));
    let page = pages.post(PATH, &[("email", HOSTILE)]).send().await.expect(422);
    page.containing("id=\"email-faults\"><li>This field is required.").without("<script>alert");
    pages.post(PATH, &[]).send().await.expect(429).containing("There were too many attempts.");
}

//! `/account/register`

use serde_json::{Value, json};

use super::HOSTILE;
use crate::support::{Pages, faults, problem, reply};

const PATH: &str = "/account/register";
const FIELDS: [(&str, &str); 3] =
    [("email", "ada@example.com"), ("full_name", " Ada "), ("password", "correct horse staple")];

#[tokio::test]
async fn the_form_has_the_fields_of_the_api() {
    let page = Pages::open().await.get(PATH).send().await.expect(200);
    page.containing("name=\"email\"").containing("name=\"full_name\"").containing("name=\"password\"");
}

#[tokio::test]
async fn a_new_account_is_told_to_open_the_link() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/register", || reply(201, &json!({ "id": 7 })));
    let answer = pages.post(PATH, &FIELDS).send().await;
    assert_eq!(answer.location(), "/account?done=registered");
    let [seen] = &pages.api.all()[..] else { panic!("expected one request") };
    assert_eq!(
        seen.json(),
        json!({ "email": "ada@example.com", "password": "correct horse staple", "full_name": "Ada" })
    );
    pages
        .get("/account?done=registered")
        .send()
        .await
        .expect(200)
        .containing("Open the link that we have sent");
}

#[tokio::test]
async fn a_name_may_be_left_out() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/register", || reply(201, &json!({ "id": 7 })));
    pages
        .post(PATH, &[("email", "a@b.example"), ("password", "x"), ("full_name", " ")])
        .send()
        .await
        .expect(303);
    assert_eq!(pages.api.all()[0].json()["full_name"], Value::Null);
}

#[tokio::test]
async fn faults_are_beside_their_fields_in_the_language_of_the_page() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/register", || {
        faults(&[
            ("/email", "must be an email address, such as alice@example.com"),
            ("/password", "must be 8 to 128 characters long"),
            ("/full_name", "must be odd"),
        ])
    });
    let page = pages.post(PATH, &FIELDS).send().await.expect(422);
    page.containing("id=\"email-faults\"><li>Write an e-mail address")
        .containing("aria-describedby=\"password-hint password-faults\"")
        .containing("Use 8 to 128 characters.")
        .containing("<span lang=\"en\">This field must be odd.</span>")
        .containing("value=\"ada@example.com\"")
        .without("correct horse");
    let page = pages.post(PATH, &FIELDS).header("accept-language", "de").send().await.expect(422);
    page.containing("Nehmen Sie 8 bis 128 Zeichen.");
}

#[tokio::test]
async fn a_taken_address_is_told_beside_it() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/register", || problem(409, "email_taken"));
    let page = pages.post(PATH, &FIELDS).send().await.expect(409);
    page.containing("id=\"email-faults\"><li>Another account has this address.");
}

#[tokio::test]
async fn too_many_registrations_and_other_refusals_are_told() {
    for (status, code, words) in [
        (429, "too_many_requests", "There were too many attempts."),
        (503, "too_busy", "The service has too much to do"),
        (403, "address_refused", "does not accept this from your address"),
    ] {
        let pages = Pages::open().await;
        pages.api.on("POST /auth/register", move || problem(status, code));
        pages.post(PATH, &FIELDS).send().await.expect(status).containing(words).containing("role=\"alert\"");
    }
}

#[tokio::test]
async fn where_registration_is_closed_there_is_no_form_and_no_link_to_one() {
    let pages = Pages::with(&[("registration", "closed")]).await;
    let closed = "This service creates no accounts by itself.";
    pages.get(PATH).send().await.expect(200).containing(closed).without("name=\"password\"");
    pages.get("/account").send().await.expect(200).without(PATH);
    pages.api.on("POST /auth/register", || problem(403, "registration_closed"));
    pages.post(PATH, &FIELDS).send().await.expect(403).containing(closed).without("name=\"password\"");
    Pages::open().await.get("/account").send().await.expect(200).containing(PATH);
}

#[tokio::test]
async fn hostile_input_is_escaped() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/register", || problem(409, "email_taken"));
    let page = pages.post(PATH, &[("email", HOSTILE), ("full_name", HOSTILE)]).send().await.expect(409);
    page.without("<script>alert");
}

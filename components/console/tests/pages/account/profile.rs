//! `/account/profile`

use axum::http::HeaderValue;
use serde_json::{Value, json};

use super::HOSTILE;
use crate::support::{Pages, Reply, faults, problem, reply};

const PATH: &str = "/account/profile";

/// A profile in which every field has this text, with a version.
fn profile(text: &'static str, version: &'static str) -> impl Fn() -> Reply + Send + 'static {
    move || {
        let fields = json!({
            "id": 7, "user_id": 7, "email": "ada@example.com", "full_name": text, "bio": text, "avatar_url": text,
            "location": text, "website": text, "phone_number": text, "birth_date": "1990-12-10", "preferences": {},
        });
        let Reply::Answer(mut answer) = reply(200, &fields) else { unreachable!() };
        answer.headers_mut().insert("etag", HeaderValue::from_static(version));
        Reply::Answer(answer)
    }
}

async fn pages() -> Pages {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /profile", profile("Ada's", "\"1-2\""));
    pages
}

#[tokio::test]
async fn the_form_has_every_field_of_the_api_with_its_value() {
    let page = pages().await.get(PATH).signed_in().send().await.expect(200);
    for name in ["full_name", "bio", "avatar_url", "location", "website", "phone_number", "birth_date"] {
        assert!(page.text.contains(&format!("name=\"{name}\"")), "expected {name}");
    }
    page.containing("value=\"1990-12-10\"")
        .containing("name=\"version\" value=\"&quot;1-2&quot;\"")
        .containing("Ada's</textarea>");
}

#[tokio::test]
async fn a_change_names_the_version_that_it_replaces() {
    let pages = pages().await;
    pages.api.on("PUT /profile", profile("New", "\"1-3\""));
    let fields = [
        ("version", "\"1-2\""),
        ("full_name", " Ada King "),
        ("bio", "Two\r\nlines"),
        ("location", ""),
        ("website", "https://example.com"),
    ];
    let answer = pages.post(PATH, &fields).signed_in().send().await;
    assert_eq!(answer.location(), "/account/profile?done=profile-saved");
    let [put] = &pages.api.seen("PUT /profile")[..] else { panic!("expected one change") };
    assert_eq!(put.header("if-match"), Some("\"1-2\""));
    assert_eq!(
        put.json(),
        json!({
            "full_name": "Ada King", "bio": "Two\nlines", "location": null, "website": "https://example.com",
            "avatar_url": null, "phone_number": null, "birth_date": null,
        })
    );
    pages.get(answer.location()).signed_in().send().await.expect(200).containing("Your profile is saved.");
}

#[tokio::test]
async fn a_change_that_was_made_meanwhile_is_shown_beside_the_own_one() {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /profile", profile("Theirs", "\"1-9\""));
    pages.api.on("PUT /profile", || problem(412, "precondition_failed"));
    let fields =
        [("version", "\"1-2\""), ("full_name", "Mine"), ("bio", "Theirs"), ("birth_date", "1990-12-10")];
    let page = pages.post(PATH, &fields).signed_in().send().await.expect(412);
    page.containing("Your profile was changed somewhere else")
        .containing("value=\"Mine\"")
        .containing("id=\"full_name-note\">Stored now: Theirs")
        .containing("name=\"version\" value=\"&quot;1-9&quot;\"")
        .without("bio-note")
        .without("birth_date-note");
}

#[tokio::test]
async fn every_fault_is_beside_its_field_and_the_input_stays() {
    let pages = pages().await;
    pages.api.on("PUT /profile", || {
        faults(&[
            ("/full_name", "must be at most 255 characters long"),
            ("/bio", "must be at most 2000 characters long"),
            ("/avatar_url", "must be an http or https URL, such as https://example.com/me"),
            ("/website", "must not contain a user name or a password"),
            ("/location", "must not contain a NUL character"),
            (
                "/phone_number",
                "must be an international telephone number of at most 50 characters, such as +44 20 7946 0958",
            ),
            ("/birth_date", "must be in the past"),
        ])
    });
    let fields = [("version", "\"1-2\""), ("phone_number", "12"), ("website", HOSTILE)];
    let page = pages.post(PATH, &fields).signed_in().send().await.expect(422);
    for (name, words) in [
        ("full_name", "Use at most 255 characters."),
        ("bio", "Use at most 2000 characters."),
        ("avatar_url", "Write an address that begins with http://"),
        ("website", "Remove the user name and the password"),
        ("location", "Remove the character that cannot be stored"),
        ("phone_number", "Write the number with the code of the country"),
        ("birth_date", "Choose a date in the past."),
    ] {
        let fault = format!("id=\"{name}-faults\"><li>{words}");
        assert!(page.text.contains(&fault), "expected {fault}: {}", page.text);
    }
    page.containing("value=\"12\"")
        .containing("name=\"version\" value=\"&quot;1-2&quot;\"")
        .without("<script>alert");
}

#[tokio::test]
async fn other_refusals_are_told() {
    let pages = pages().await;
    pages.api.on("PUT /profile", || problem(503, "database_unavailable"));
    let page = pages.post(PATH, &[("full_name", "Ada")]).signed_in().send().await.expect(503);
    page.containing("The service cannot reach its data").containing("value=\"Ada\"");
}

#[tokio::test]
async fn hostile_text_is_escaped() {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /profile", profile(HOSTILE, "\"1-2\""));
    pages.get(PATH).signed_in().send().await.expect(200).without("<script>alert");
    pages.api.on("PUT /profile", || problem(412, "precondition_failed"));
    pages.post(PATH, &[("bio", "x")]).signed_in().send().await.expect(412).without("<script>alert");
}

#[tokio::test]
async fn an_empty_profile_has_empty_fields() {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /profile", || reply(200, &json!({ "full_name": null, "bio": Value::Null })));
    let page = pages.get(PATH).signed_in().send().await.expect(200);
    page.containing("name=\"full_name\" type=\"text\" value=\"\"").without("null");
}

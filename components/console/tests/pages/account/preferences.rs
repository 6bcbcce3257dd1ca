//! `/account/preferences`

use serde_json::json;

use super::HOSTILE;
use crate::support::{Pages, faults, problem, reply};

const PATH: &str = "/account/preferences";
const LINE: &str = "GET /profile/preferences";

#[tokio::test]
async fn the_form_shows_what_is_stored() {
    let pages = Pages::of_ada().await;
    pages.api.off(LINE);
    pages.api.on(LINE, || {
        reply(
            200,
            &json!({
                "theme": "dark", "language": "en", "timezone": "Europe/London", "notifications_email": true,
                "notifications_sms": false, "other": 1,
            }),
        )
    });
    let page = pages.get(PATH).signed_in().send().await.expect(200);
    page.containing("value=\"dark\" checked")
        .containing("<option value=\"en\" selected>English</option>")
        .containing("value=\"Europe/London\"")
        .containing("name=\"notifications_email\" value=\"true\" checked")
        .containing("name=\"notifications_sms\" value=\"true\">")
        .containing("name=\"privacy_public_profile\" value=\"true\">")
        .containing("data-theme-switch");
}

#[tokio::test]
async fn without_a_choice_the_device_and_the_browser_decide() {
    let page = Pages::of_ada().await.get(PATH).signed_in().send().await.expect(200);
    page.containing("value=\"system\" checked").containing("<option value=\"\" selected>Same as the browser");
}

#[tokio::test]
async fn a_language_without_pages_stays_a_choice() {
    let pages = Pages::of_ada().await;
    pages.api.off(LINE);
    pages.api.on(LINE, || reply(200, &json!({ "language": "pt-BR" })));
    let page = pages.get(PATH).signed_in().send().await.expect(200);
    page.containing("<option value=\"pt-BR\" selected>pt-BR</option>");
}

#[tokio::test]
async fn the_known_preferences_are_saved_and_others_stay() {
    let pages = Pages::of_ada().await;
    pages.api.on("PUT /profile/preferences", || reply(200, &json!({ "theme": "dark" })));
    let fields = [("theme", "dark"), ("language", ""), ("timezone", " "), ("notifications_sms", "true")];
    let answer = pages.post(PATH, &fields).signed_in().send().await;
    assert_eq!(answer.location(), "/account/preferences?done=preferences-saved");
    let [put] = &pages.api.seen("PUT /profile/preferences")[..] else { panic!("expected one change") };
    assert_eq!(
        put.json(),
        json!({
            "theme": "dark", "language": null, "timezone": null, "notifications_email": false,
            "notifications_sms": true, "privacy_public_profile": false,
        })
    );
    pages.get(answer.location()).signed_in().send().await.containing("Your preferences are saved.");
}

#[tokio::test]
async fn refusals_are_told_and_the_input_stays() {
    let pages = Pages::of_ada().await;
    let zone = "must be the IANA name of a time zone, such as Europe/Berlin";
    pages.api.on("PUT /profile/preferences", move || faults(&[("/timezone", zone)]));
    pages.api.on("PUT /profile/preferences", || problem(503, "database_unavailable"));
    let fields = [("theme", "light"), ("timezone", HOSTILE), ("privacy_public_profile", "true")];
    let page = pages.post(PATH, &fields).signed_in().send().await.expect(422);
    page.containing("id=\"timezone-faults\"><li>Write the name of a time zone")
        .containing("value=\"light\" checked")
        .containing("name=\"privacy_public_profile\" value=\"true\" checked")
        .without("<script>alert");
    pages.post(PATH, &fields).signed_in().send().await.expect(503).containing("role=\"alert\"");
}

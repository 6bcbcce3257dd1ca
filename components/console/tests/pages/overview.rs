//! `GET /console`: the figures of a fake service.

use serde_json::{Value, json};

use crate::support::{Pages, Reply, Shown, problem, reply};

/// The figures of a service at which people log in during one hour only.
fn statistics() -> Value {
    let hours: Vec<Value> = (0..24)
        .map(|hour| {
            let (attempts, logins) = if hour == 9 { (1500, 1200) } else { (0, 0) };
            json!({ "hour": format!("2026-05-15T{hour:02}:00:00.000000Z"), "attempts": attempts, "logins": logins })
        })
        .collect();
    json!({
        "accounts": 1_000_000, "new_this_week": 1234, "active_sessions": 377, "oldest_unsent_mail_seconds": null,
        "schema_version": 46, "hours": hours,
    })
}

/// The page for an administrator, in a language.
async fn overview(language: &str, answer: impl Fn() -> Reply + Send + 'static) -> Shown {
    let pages = Pages::open().await;
    pages.api.permit_ada(true, &[]);
    pages.api.off("GET /users/statistics");
    pages.api.on("GET /users/statistics", answer);
    pages.get("/console").header("accept-language", language).signed_in().send().await
}

#[tokio::test]
async fn numbers_are_written_as_the_language_has_it() {
    let page = overview("en", || reply(200, &statistics())).await.expect(200);
    page.containing("1,000,000")
        .containing("1,234")
        .containing("From 09:00 UTC: 1,500 attempts, 1,200 logins");
    let page = overview("de", || reply(200, &statistics())).await.expect(200);
    page.containing("1.000.000")
        .containing("Ab 09:00 UTC: 1.500 Versuche, 1.200 Anmeldungen")
        .containing("Keine");
}

#[tokio::test]
async fn a_bar_is_as_high_as_its_number_and_hours_without_attempts_have_none() {
    let page = overview("en", || reply(200, &statistics())).await.expect(200);
    assert_eq!(page.text.matches("<rect").count(), 2, "{page:#?}");
    // Of 2,000 at the top of the scale, 110 units high.
    page.containing("height=\"82\"").containing("height=\"66\"").containing(">2,000</text>");
}

#[tokio::test]
async fn an_api_that_does_not_know_the_figures_yet_leaves_the_rest_of_the_page() {
    let page = overview("en", || problem(404, "not_found")).await.expect(200);
    page.containing("The figures of this service are for people who may read accounts.");
}

#[tokio::test]
async fn a_service_that_fails_is_no_page_without_figures() {
    overview("en", || problem(503, "database_unavailable"))
        .await
        .expect(503)
        .containing("cannot reach its data");
}

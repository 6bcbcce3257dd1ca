//! Paths and methods that no page has.

use axum::http::Method;

use crate::support::{Pages, Visit};

/// The header `Accept` of a browser that opens an address.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn browser(visit: Visit<'_>) -> Visit<'_> {
    visit.header("accept", BROWSER)
}

#[tokio::test]
async fn a_browser_gets_a_page_with_a_way_back_for_an_unknown_path() {
    let pages = Pages::open().await;
    for (path, back) in [
        ("/account/nowhere", "href=\"/account\""),
        ("/account//sessions", "href=\"/account\""),
        ("/account/verify-email/x", "href=\"/account\""),
        ("/console/nowhere", "href=\"/console\""),
        ("/console/accounts/7/roles/3", "href=\"/console\""),
    ] {
        let page = browser(pages.get(path)).send().await.expect(404);
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8", "{path}");
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
        assert!(page.headers.contains_key("content-security-policy"), "{path}");
        let link = format!("<p><a {back}");
        page.containing("<h1>There is nothing here</h1>")
            .containing(&link)
            .containing("/account/console.css");
    }
    assert!(pages.api.all().is_empty());
}

#[tokio::test]
async fn the_page_of_an_unknown_path_is_in_the_language_of_the_visitor() {
    let pages = Pages::open().await;
    let page =
        browser(pages.get("/account/nowhere")).header("accept-language", "de").send().await.expect(404);
    assert_eq!(page.headers["content-language"], "de");
    page.containing("<html lang=\"de\"").containing("Hier ist nichts").containing("Zurück zu Ihrem Konto");
}

#[tokio::test]
async fn a_browser_that_opens_the_address_of_a_form_gets_a_page_that_says_so() {
    let pages = Pages::of_ada().await;
    for path in ["/account/sign-in", "/console/accounts/bulk"] {
        let page = browser(pages.get(path)).send().await.expect(405);
        assert_eq!(page.headers["allow"], "POST", "{path}");
        page.containing("This address only takes a form.");
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_gets_a_page_that_says_so() {
    let pages = Pages::of_ada().await;
    let text = "x".repeat(users_web::MAX_BODY_BYTES);
    let visit = pages.post("/account/profile", &[("bio", &text)]).signed_in();
    browser(visit).send().await.expect(413).containing("That was too much text for one form.");
}

#[tokio::test]
async fn a_browser_at_an_address_that_may_not_administrate_gets_a_page_that_says_so() {
    let pages = Pages::with(&[("admin_addresses", "198.51.100.0/24")]).await;
    pages.api.know_ada();
    let page = browser(pages.get("/console").signed_in()).send().await.expect(403);
    page.containing("does not accept this from your address").containing("<p><a href=\"/account\"");
}

#[tokio::test]
async fn a_program_gets_a_problem_document() {
    let pages = Pages::open().await;
    for (method, path, status, code) in [
        (Method::GET, "/account/nowhere", 404, "not_found"),
        (Method::POST, "/console/nowhere", 404, "not_found"),
        (Method::DELETE, "/account", 405, "method_not_allowed"),
    ] {
        let answer = pages.request(method, path).header("accept", "*/*").send().await.expect(status);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
        answer.containing(code);
    }
}

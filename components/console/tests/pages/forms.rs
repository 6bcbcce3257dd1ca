//! Forms that other sites send.

use axum::http::Method;

use crate::support::{CSRF, ORIGIN, Pages, Visit};

fn form<'a>(pages: &'a Pages, field: &str, cookie: &str) -> Visit<'a> {
    let visit = pages.post_without_token("/account/sign-out", &[("csrf_token", field)]).signed_in();
    visit.header("cookie", cookie)
}

#[tokio::test]
async fn a_form_without_the_token_of_its_browser_is_refused() {
    let pages = Pages::of_ada().await;
    let cookie = format!("__Host-csrf={CSRF}");
    let other = "f".repeat(32);
    for (field, cookie) in [
        ("", cookie.as_str()),
        (&other, &cookie),
        (CSRF, ""),
        (CSRF, &format!("csrf={CSRF}")),
        ("", "__Host-csrf="),
        ("x", "__Host-csrf=x"),
        (CSRF, &format!("__Host-csrf={CSRF}; __Host-csrf={CSRF}")),
    ] {
        let page = form(&pages, field, cookie).send().await.expect(403);
        assert_eq!(page.cookie("__Host-session"), None, "{field} {cookie}");
        page.containing("This form is out of date");
    }
    assert!(pages.api.all().is_empty());
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_even_with_the_token() {
    let pages = Pages::of_ada().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", ""),
        ("origin", "https://evil.example"),
        ("origin", "http://users.example.com"),
        ("origin", "https://users.example.com.evil.example"),
        ("origin", "null"),
        ("origin", ""),
    ] {
        let visit = form(&pages, CSRF, &format!("__Host-csrf={CSRF}")).header(name, value);
        let page = visit.send().await.expect(403);
        page.containing("was not sent by a page of this service");
    }
    assert!(pages.api.all().is_empty());
}

#[tokio::test]
async fn a_form_of_ours_is_admitted_also_from_a_browser_that_does_not_say_where_it_is_from() {
    let pages = Pages::of_ada().await;
    for headers in [
        &[][..],
        &[("origin", ORIGIN)],
        &[("sec-fetch-site", "same-origin"), ("origin", ORIGIN)],
        &[("sec-fetch-site", "none")],
    ] {
        let visit = form(&pages, CSRF, &format!("__Host-csrf={CSRF}"));
        let visit = headers.iter().fold(visit, |visit, (name, value)| visit.header(name, value));
        visit.send().await.expect(303);
    }
}

#[tokio::test]
async fn a_form_may_come_from_the_host_to_which_it_is_sent() {
    let pages = Pages::with(&[("public_url", "https://elsewhere.example")]).await;
    let visit = form(&pages, CSRF, &format!("__Host-csrf={CSRF}")).header("origin", ORIGIN);
    visit.send().await.expect(303);
}

#[tokio::test]
async fn a_browser_keeps_its_token() {
    let pages = Pages::open().await;
    let first = pages.get("/account").send().await.expect(200);
    let cookie = first.cookie("__Host-csrf").unwrap();
    let token = &cookie["__Host-csrf=".len()..][..32];
    assert!(cookie.ends_with("; Path=/; HttpOnly; Secure; SameSite=Lax"), "{cookie}");
    assert!(first.text.contains(token), "{first:#?}");
    let second = pages.get("/account").header("cookie", &format!("__Host-csrf={token}")).send().await;
    assert_eq!(second.cookie("__Host-csrf"), None);
    second.containing(&format!("value=\"{token}\""));
}

#[tokio::test]
async fn a_visit_without_the_token_sets_another_one_so_links_from_elsewhere_must_bring_it() {
    let pages = Pages::of_ada().await;
    let visit = pages.get("/account").header("sec-fetch-site", "cross-site").send().await.expect(200);
    let fresh = visit.cookie("__Host-csrf").unwrap();
    assert!(!fresh.contains(CSRF) && fresh.contains("SameSite=Lax"), "{fresh}");
    // The form of a tab that was open before that visit.
    let token = fresh.split(';').next().unwrap();
    form(&pages, CSRF, token).send().await.expect(403).containing("This form is out of date");
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let pages = Pages::of_ada().await;
    let json = pages.request(Method::POST, "/account/sign-out").header("content-type", "application/json");
    json.send().await.expect(415).containing("<h1>");
    pages.request(Method::POST, "/account/sign-out").send().await.expect(415);
}

#[tokio::test]
async fn a_form_is_not_sent_with_get() {
    let pages = Pages::of_ada().await;
    pages.get("/account/sign-out").signed_in().send().await.expect(405);
    pages.get("/account/sign-in").send().await.expect(405);
    assert!(pages.api.all().is_empty());
}

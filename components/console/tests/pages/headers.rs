//! The headers of pages.

use crate::support::Pages;

#[tokio::test]
async fn no_page_is_kept_by_a_cache_or_shown_by_the_back_button() {
    let pages = Pages::of_ada().await;
    for visit in [pages.get("/account"), pages.get("/account").signed_in(), pages.get("/console").signed_in()]
    {
        assert_eq!(visit.send().await.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn a_page_loads_nothing_from_elsewhere_and_is_shown_in_no_frame() {
    let page = Pages::open().await.get("/account").send().await.expect(200);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers["referrer-policy"], "same-origin");
    assert_eq!(page.headers["cross-origin-opener-policy"], "same-origin");
    assert_eq!(page.headers["cross-origin-resource-policy"], "same-origin");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    page.without("<style").without(" style=").without("onclick").without("<script>");
}

#[tokio::test]
async fn a_page_is_in_the_language_of_the_browser() {
    let pages = Pages::open().await;
    let page = pages.get("/account").header("accept-language", "de-AT,en;q=0.5").send().await.expect(200);
    assert_eq!(page.headers["content-language"], "de");
    page.containing("<html lang=\"de\"").containing("Anmelden");
    pages.get("/account").send().await.containing("<html lang=\"en\"").containing("Sign in");
}

#[tokio::test]
async fn head_answers_like_get_without_the_page() {
    let pages = Pages::open().await;
    let page = pages.request(axum::http::Method::HEAD, "/account").send().await.expect(200);
    assert_eq!(page.text, "");
    assert!(page.headers["content-length"].to_str().unwrap().parse::<usize>().unwrap() > 500);
}

#[tokio::test]
async fn a_browser_that_came_over_tls_comes_over_tls_from_then_on() {
    let tls = Pages::of_ada().await;
    let form = tls.post("/account/sign-out", &[]).signed_in();
    let nowhere = tls.get("/account/nowhere").header("accept", "text/html");
    for visit in [tls.get("/account"), tls.get("/account").signed_in(), form, nowhere, tls.get("/console")] {
        let answer = visit.send().await;
        assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000", "{answer:#?}");
    }
    // Of a developer's machine, where it would break all other programs on the same host.
    let plain = Pages::with(&[("public_url", "http://127.0.0.1:3000")]).await;
    let answer = plain.get("/account").send().await.expect(200);
    assert_eq!(answer.headers.get("strict-transport-security"), None);
}

//! The right to use the console.

use crate::support::Pages;

#[tokio::test]
async fn who_is_not_signed_in_gets_the_form_and_comes_back() {
    let answer = Pages::open().await.get("/console?search=a").send().await;
    assert_eq!(answer.location(), "/account?next=%2Fconsole%3Fsearch%3Da");
}

#[tokio::test]
async fn who_may_not_administrate_gets_a_page_that_says_so() {
    let pages = Pages::of_ada().await;
    let page = pages.get("/console").signed_in().send().await.expect(403);
    page.containing("The administration is for people with administrative rights.")
        .containing("ada@example.com")
        .without("href=\"/console\"");
    for permissions in [&["profile:all", "user:read"][..], &["accounts:export", "rbac:audit", "admin:read"]] {
        pages.api.permit_ada(false, permissions);
        pages.get("/console").signed_in().send().await.expect(403);
    }
}

#[tokio::test]
async fn who_may_administrate_a_part_gets_the_console() {
    let pages = Pages::open().await;
    for (is_admin, permissions) in [
        (true, &[][..]),
        (false, &["admin:all"]),
        (false, &["accounts:read"]),
        (false, &["rbac:write"]),
        (false, &["rbac:all"]),
    ] {
        pages.api.permit_ada(is_admin, permissions);
        pages.get("/console").signed_in().send().await.expect(200);
        pages.get("/account").signed_in().send().await.expect(200).containing("href=\"/console\"");
    }
}

#[tokio::test]
async fn the_console_is_closed_to_addresses_that_the_operator_did_not_list() {
    let pages = Pages::with(&[("admin_addresses", "198.51.100.0/24")]).await;
    pages.api.permit_ada(true, &[]);
    pages.get("/console").signed_in().send().await.expect(403);
    pages.get("/account").signed_in().send().await.expect(200);
    let pages = Pages::with(&[("blocked_addresses", "192.0.2.0/24")]).await;
    pages.get("/account").send().await.expect(403);
}

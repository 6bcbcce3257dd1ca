//! Visits of people who are not signed in.

use crate::support::{Pages, problem};

/// The pages of a person's own account.
const OWN: [&str; 7] = [
    "/account/profile",
    "/account/preferences",
    "/account/security",
    "/account/sessions",
    "/account/api-keys",
    "/account/export",
    "/account/delete",
];

#[tokio::test]
async fn a_guest_signs_in_first_and_comes_back() {
    let pages = Pages::open().await;
    for path in OWN {
        let answer = pages.get(path).send().await;
        assert_eq!(answer.location(), format!("/account?next={}", path.replace('/', "%2F")), "{path}");
    }
    assert_eq!(pages.api.all().len(), 0, "expected no request to the API");
}

#[tokio::test]
async fn a_form_of_a_guest_changes_nothing() {
    let pages = Pages::open().await;
    for path in [
        "/account/profile",
        "/account/preferences",
        "/account/security/password",
        "/account/security/email",
        "/account/security/verification",
        "/account/security/totp",
        "/account/security/totp/confirm",
        "/account/security/totp/remove",
        "/account/security/recovery-codes",
        "/account/security/passkeys",
        "/account/security/passkeys/options",
        "/account/security/passkeys/9",
        "/account/security/passkeys/9/remove",
        "/account/sessions/9/end",
        "/account/sessions/end-others",
        "/account/api-keys",
        "/account/api-keys/9/end",
        "/account/confirm",
        "/account/confirm/passkey/options",
        "/account/export",
        "/account/delete",
    ] {
        let answer = pages.post(path, &[("confirmation", "true"), ("scope", "all")]).send().await;
        assert_eq!(answer.location(), "/account", "{path}");
    }
    assert_eq!(pages.api.all().len(), 0, "expected no request to the API");
}

#[tokio::test]
async fn a_session_that_ends_under_a_form_leads_to_the_form_for_signing_in() {
    for (path, line) in [
        ("/account/profile", "PUT /profile"),
        ("/account/preferences", "PUT /profile/preferences"),
        ("/account/security/password", "PUT /auth/password"),
        ("/account/security/email", "PUT /auth/email"),
        ("/account/security/verification", "POST /auth/email/verification"),
        ("/account/security/totp", "POST /auth/totp"),
        ("/account/security/totp/confirm", "POST /auth/totp/confirm"),
        ("/account/security/totp/remove", "DELETE /auth/totp"),
        ("/account/security/recovery-codes", "POST /auth/recovery-codes"),
        ("/account/security/passkeys/options", "POST /auth/passkeys/options"),
        ("/account/security/passkeys/9", "PUT /auth/passkeys/9"),
        ("/account/security/passkeys/9/remove", "DELETE /auth/passkeys/9"),
        ("/account/export", "GET /auth/export"),
        ("/account/delete", "DELETE /auth/me"),
    ] {
        let pages = Pages::of_ada().await;
        pages.api.on(line, || problem(401, "invalid_token"));
        pages.api.on("GET /profile", || problem(401, "invalid_token"));
        let answer = pages.post(path, &[("confirmation", "true")]).signed_in().send().await;
        assert_eq!(answer.location(), "/account", "{path}");
    }
}

/// The page that only a refusal leads to.
#[tokio::test]
async fn a_guest_who_is_to_confirm_signs_in_first() {
    let pages = Pages::open().await;
    let answer = pages.get("/account/confirm?next=/account/export").send().await;
    assert_eq!(answer.location(), "/account?next=%2Faccount%2Fconfirm%3Fnext%3D%2Faccount%2Fexport");
    pages.post("/account/confirm", &[("password", "old horse")]).send().await.expect(303);
    assert_eq!(pages.api.all().len(), 0, "expected no request to the API");
}

#[tokio::test]
async fn the_navigation_names_every_page_and_marks_the_current_one() {
    let pages = Pages::of_ada().await;
    let page = pages.get("/account/security").signed_in().send().await.expect(200);
    for path in OWN {
        assert!(page.text.contains(&format!("href=\"{path}\"")), "expected a link to {path}");
    }
    page.containing("href=\"/account/security\" aria-current=\"page\"");
}

#[tokio::test]
async fn a_part_of_the_service_that_cannot_be_reached_is_told() {
    let pages = Pages::of_ada().await;
    for (path, line) in [
        ("/account/profile", "GET /profile"),
        ("/account/sessions", "GET /auth/sessions"),
        ("/account/api-keys", "GET /auth/api-keys"),
    ] {
        pages.api.on(line, || problem(503, "database_unavailable"));
        let page = pages.get(path).signed_in().send().await.expect(503);
        page.containing("The service cannot reach its data at the moment.");
    }
}

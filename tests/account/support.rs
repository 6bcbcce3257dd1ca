//! The fixture of these tests.

use users_tests::{Answer, Service};

pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// Every served file and its media type.
pub(crate) const FILES: [(&str, &str); 3] = [
    ("/account/console.css", "text/css; charset=utf-8"),
    ("/account/console.js", "text/javascript; charset=utf-8"),
    ("/account/passkeys.js", "text/javascript; charset=utf-8"),
];

/// The pages that links in e-mails lead to.
pub(crate) const PAGES: [&str; 2] = ["/account/reset-password", "/account/verify-email"];

/// The languages of the pages.
pub(crate) const LANGUAGES: [&str; 2] = ["en", "de"];

/// Gets a file in a language.
pub(crate) async fn fetch(service: &Service, path: &str, language: &str) -> Answer {
    service.get(path).header("accept-language", language).send().await.expect(200)
}

//! The fixture of the documentation tests.

use users_tests::{Answer, Service};

pub(crate) const HTML: &str = "text/html; charset=utf-8";
pub(crate) const CSS: &str = "text/css; charset=utf-8";
pub(crate) const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Every served file and its media type.
pub(crate) const FILES: [(&str, &str); 11] = [
    ("/openapi.json", "application/json"),
    ("/docs", HTML),
    ("/docs/init.js", JAVASCRIPT),
    ("/docs/swagger-ui.css", CSS),
    ("/docs/swagger-ui-bundle.js", JAVASCRIPT),
    ("/docs/swagger-ui-bundle.js.LICENSE.txt", "text/plain; charset=utf-8"),
    ("/redoc", HTML),
    ("/redoc/init.js", JAVASCRIPT),
    ("/redoc/logo.svg", "image/svg+xml; charset=utf-8"),
    ("/redoc/redoc.standalone.js", JAVASCRIPT),
    ("/redoc/redoc.standalone.js.LICENSE.txt", "text/plain; charset=utf-8"),
];

/// The pages.
pub(crate) const PAGES: [&str; 2] = ["/docs", "/redoc"];

/// Gets a file with this `Accept-Encoding`.
pub(crate) async fn fetch(service: &Service, path: &str, accept: &str) -> (Answer, Vec<u8>) {
    let (answer, octets) = service.get(path).header("accept-encoding", accept).send_for_bytes().await;
    (answer.expect(200), octets)
}

//! What the tests of this area share.

use users_tests::{Answer, Service};

pub(crate) const HTML: &str = "text/html; charset=utf-8";
pub(crate) const CSS: &str = "text/css; charset=utf-8";
pub(crate) const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Everything that is served, and its type.
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

/// The pages among them.
pub(crate) const PAGES: [&str; 2] = ["/docs", "/redoc"];

/// Asks for a file as it is, or compressed.
pub(crate) async fn fetch(service: &Service, path: &str, accept: &str) -> (Answer, Vec<u8>) {
    let (answer, octets) = service.get(path).header("accept-encoding", accept).send_for_octets().await;
    (answer.expect(200), octets)
}

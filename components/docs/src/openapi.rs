//! What the OpenAPI document says of the routes beside what their types tell.

use users_web::Route;
use users_web::openapi::{About, Part, about};

use crate::{NAME, routes};

/// This component's part of the document.
#[must_use]
pub fn part() -> Part {
    Part::new(NAME, "This document, and two pages that show it.", operations(), abouts())
}

/// The files that the two pages ask for are no operations of the API.
fn operations() -> Vec<Route<()>> {
    let is_file = |path: &str| path.starts_with("/docs/") || path.starts_with("/redoc/");
    routes().into_iter().filter(|route| !is_file(route.path)).collect()
}

fn abouts() -> Vec<About> {
    vec![
        about("GET /openapi.json", "getOpenapi", "This document", "The document (OpenAPI 3.1).")
            .media_type("application/json"),
        about("GET /docs", "getDocs", "Swagger UI", "The page.").media_type("text/html"),
        about("GET /redoc", "getRedoc", "ReDoc", "The page.").media_type("text/html"),
    ]
}

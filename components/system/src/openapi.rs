//! What the OpenAPI document says of the routes beside what their types tell.

use users_web::Code;
use users_web::openapi::{About, Part, about};

use crate::{NAME, routes};

/// This component's part of the document.
#[must_use]
pub fn part() -> Part {
    Part::new(NAME, "What the service is, and whether it is well.", routes(), abouts())
}

fn abouts() -> Vec<About> {
    vec![
        about("GET /", "getService", "What this is", "Name, version and links.")
            .text("A page for browsers, which ask for `text/html`.")
            .media_type("text/html"),
        about("GET /healthz", "getHealth", "Whether the process lives", "It does.").text("Touches nothing."),
        about("GET /readyz", "getReadiness", "Whether requests can be answered", "They can.")
            .text("Postgres answers, and its schema is one that this build can use.")
            .problems([Code::DatabaseUnavailable]),
    ]
}

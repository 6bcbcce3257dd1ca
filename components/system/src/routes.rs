//! The routes of the component, and who may use them.

use users_web::{Public, Route, get};

use crate::{App, healthz, readyz, root};

/// The table of routes.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<App>> {
    vec![
        get("/",        Public, root::handle),
        get("/healthz", Public, healthz::handle),
        get("/readyz",  Public, readyz::handle),
    ]
}

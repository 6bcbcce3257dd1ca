//! The routes of the component and the right that each requires.

use users_web::{Public, Route, file, get};

use crate::{App, healthz, readyz, root};

/// The table of routes: method, path, right, handler, description.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<App>> {
    vec![
        get("/",        Public, root::handle, root::about),
        get("/healthz", Public, healthz::handle, healthz::about),
        get("/readyz",  Public, readyz::handle, readyz::about),

        file("/style.css", root::style),
    ]
}

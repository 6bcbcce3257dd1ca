//! The routes of the component, and who may use them.

use users_web::{Account, Public, Route, get, post};

use crate::{App, login, logout, me, refresh, register, test_token};

/// The table of routes.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<App>> {
    vec![
        post("/auth/register",   Public,  register::handle),
        post("/auth/login",      Public,  login::handle),
        get( "/auth/me",         Account, me::handle),
        post("/auth/test-token", Account, test_token::handle),
        post("/auth/refresh",    Public,  refresh::handle),
        post("/auth/logout",     Account, logout::handle),
    ]
}

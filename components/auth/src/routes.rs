//! The routes of the component and the right that each requires.

use users_guard::{Account, MaybeAccount};
use users_web::{Public, Route, delete, get, post};

use crate::{App, account, login, logout, me, refresh, register, sessions, test_token};

/// The table of routes: method, path, right, handler, words about it.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<App>> {
    vec![
        post("/auth/register",   Public,  register::handle, register::about),
        post("/auth/login",      Public,  login::handle, login::about).speaking_oauth(),
        get( "/auth/me",         Account, me::handle, me::about),
        post("/auth/test-token", Account, test_token::handle, test_token::about),
        post("/auth/refresh",    Public,  refresh::handle, refresh::about).speaking_oauth(),
        post("/auth/logout",     MaybeAccount, logout::handle, logout::about),
        get(   "/auth/sessions",              Account, sessions::list::handle, sessions::list::about),
        delete("/auth/sessions",              Account, sessions::end_others::handle, sessions::end_others::about),
        delete("/auth/sessions/{session_id}", Account, sessions::end::handle, sessions::end::about),
        delete("/auth/me",                    Account, account::delete::handle, account::delete::about),
        get(   "/auth/export",                Account, account::export::handle, account::export::about),
    ]
}

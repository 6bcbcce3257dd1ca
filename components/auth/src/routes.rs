//! The routes of the component and the right that each requires.

use users_guard::{
    Account, FreshFactor, FreshSession, MaybeAccount, OptionalSession, OwnSession, Permitted,
    SessionWithProof,
};
use users_web::{Public, Route, delete, get, post, put};

use crate::{
    App, account, api_keys, email, factors, introspect, login, logout, me, passkeys, password,
    reauthenticate, refresh, register, revoke, sessions, test_token, well_known,
};

/// The table of routes: method, path, right, handler, words about it.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<App>> {
    vec![
        post("/auth/register",   Public,  register::handle, register::about),
        post("/auth/login",      Public,  login::handle, login::about).speaking_oauth(),
        post("/auth/login/factor", Public, factors::login::handle, factors::login::about),
        get( "/auth/me",         Account, me::handle, me::about),
        post("/auth/test-token", Account, test_token::handle, test_token::about),
        post("/auth/refresh",    Public,  refresh::handle, refresh::about).speaking_oauth(),
        post("/auth/logout",     MaybeAccount, logout::handle, logout::about),
        post("/auth/reauthenticate", SessionWithProof, reauthenticate::handle, reauthenticate::about),
        put( "/auth/password",           FreshFactor, password::change::handle, password::change::about),
        post("/auth/password/forgot",    Public,  password::forgot::handle, password::forgot::about),
        post("/auth/password/reset",     Public,  password::reset::handle, password::reset::about),
        put( "/auth/email",              FreshFactor, email::change::handle, email::change::about),
        post("/auth/email/verification", OwnSession, email::verification::handle, email::verification::about),
        post("/auth/email/verify",       Public,  email::verify::handle, email::verify::about),
        get(   "/auth/sessions",              OwnSession, sessions::list::handle, sessions::list::about),
        delete("/auth/sessions",              FreshSession, sessions::end_others::handle, sessions::end_others::about),
        delete("/auth/sessions/{session_id}", SessionWithProof, sessions::end::handle, sessions::end::about),
        post(  "/auth/api-keys",              FreshSession, api_keys::create::handle, api_keys::create::about),
        get(   "/auth/api-keys",              OwnSession, api_keys::list::handle, api_keys::list::about),
        delete("/auth/api-keys/{key_id}",     OwnSession, api_keys::end::handle, api_keys::end::about),
        get(   "/auth/factors",               OwnSession, factors::list::handle, factors::list::about),
        post(  "/auth/totp",                  FreshSession, factors::totp::begin::handle, factors::totp::begin::about),
        post(  "/auth/totp/confirm",          FreshSession, factors::totp::confirm::handle, factors::totp::confirm::about),
        delete("/auth/totp",                  FreshSession, factors::totp::remove::handle, factors::totp::remove::about),
        post(  "/auth/recovery-codes",        FreshSession, factors::recovery_codes::handle, factors::recovery_codes::about),
        delete("/auth/me",                    FreshFactor, account::delete::handle, account::delete::about),
        get(   "/auth/export",                FreshSession, account::export::handle, account::export::about),
        post("/auth/introspect", Permitted("token", "introspect"), introspect::handle, introspect::about),
        post("/auth/revoke",     Public, revoke::handle, revoke::about).speaking_oauth(),
        post(  "/auth/passkeys/options",       FreshSession, passkeys::options::handle, passkeys::options::about),
        post(  "/auth/passkeys",               FreshSession, passkeys::register::handle, passkeys::register::about),
        get(   "/auth/passkeys",               OwnSession, passkeys::list::handle, passkeys::list::about),
        put(   "/auth/passkeys/{passkey_id}",  FreshSession, passkeys::rename::handle, passkeys::rename::about),
        delete("/auth/passkeys/{passkey_id}",  FreshSession, passkeys::remove::handle, passkeys::remove::about),
        post("/auth/passkeys/login/options",   OptionalSession, passkeys::login_options::handle, passkeys::login_options::about),
        post("/auth/passkeys/login",           Public, passkeys::login::handle, passkeys::login::about),
        get("/.well-known/jwks.json", Public, well_known::jwks::handle, well_known::jwks::about),
        get("/.well-known/oauth-authorization-server", Public,
            well_known::authorization_server::handle, well_known::authorization_server::about),
    ]
}

//! The routes of the component. What people see is a page, what they send is a form; neither is an operation of the API.

use users_web::{Route, file, serve};

use crate::account::{reset_password, verify_email};
use crate::assets::{SCRIPT, STYLE};
use crate::state::Console;
use crate::surface::{documented_page, form, page};
use crate::{account, console};

/// The table of routes. The pages that links in e-mails lead to are part of the API, because e-mails name them.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<Console>> {
    vec![
        // The files that pages load.
        file("/account/console.css", serve(&STYLE)),
        file("/account/console.js",  serve(&SCRIPT)),

        // A person's own account.
        page("/account",                  account::home::show),
        form("/account/sign-in",          account::sign_in::handle),
        form("/account/sign-out",         account::sign_out::handle),
        page("/account/register",         account::register::show),
        form("/account/register",         account::register::handle),
        page("/account/forgot-password",  account::forgot_password::show),
        form("/account/forgot-password",  account::forgot_password::handle),
        documented_page("/account/reset-password", reset_password::show, reset_password::about),
        form("/account/reset-password",   reset_password::handle),
        documented_page("/account/verify-email", verify_email::show, verify_email::about),
        form("/account/verify-email",     verify_email::handle),
        page("/account/profile",          account::profile::show),
        form("/account/profile",          account::profile::handle),
        page("/account/preferences",      account::preferences::show),
        form("/account/preferences",      account::preferences::handle),
        page("/account/security",              account::security::show),
        form("/account/security/password",     account::security::password::handle),
        form("/account/security/email",        account::security::email::handle),
        form("/account/security/verification", account::security::verification::handle),
        page("/account/sessions",                  account::sessions::show),
        form("/account/sessions/end-others",       account::sessions::end_others::handle),
        form("/account/sessions/{session_id}/end", account::sessions::end::handle),
        page("/account/api-keys",              account::api_keys::show),
        form("/account/api-keys",              account::api_keys::create::handle),
        form("/account/api-keys/{key_id}/end", account::api_keys::end::handle),
        page("/account/export",           account::export::show),
        form("/account/export",           account::export::handle),
        page("/account/delete",           account::delete::show),
        form("/account/delete",           account::delete::handle),

        // The administration.
        page("/console", console::overview::show),
    ]
}

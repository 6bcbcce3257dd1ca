//! The routes of the component: pages, and the forms that they send. Neither are operations of the API.

use users_web::{Route, file, serve};

use crate::assets::{PASSKEYS, SCRIPT, STYLE};
use crate::state::Console;
use crate::surface::{form, page};
use crate::{account, console};

/// The table of routes.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<Console>> {
    vec![
        // The files that pages load.
        file("/account/console.css", serve(&STYLE)),
        file("/account/console.js",  serve(&SCRIPT)),
        file("/account/passkeys.js", serve(&PASSKEYS)),

        // A person's own account.
        page("/account",                  account::home::show),
        form("/account/sign-in",                 account::sign_in::handle),
        form("/account/sign-in/factor",          account::sign_in::factor::handle),
        form("/account/sign-in/passkey",         account::sign_in::passkey::handle),
        form("/account/sign-in/passkey/options", account::sign_in::passkey::options),
        form("/account/sign-out",         account::sign_out::handle),
        page("/account/register",         account::register::show),
        form("/account/register",         account::register::handle),
        page("/account/forgot-password",  account::forgot_password::show),
        form("/account/forgot-password",  account::forgot_password::handle),
        page("/account/reset-password",   account::reset_password::show),
        form("/account/reset-password",   account::reset_password::handle),
        page("/account/verify-email",     account::verify_email::show),
        form("/account/verify-email",     account::verify_email::handle),
        page("/account/profile",          account::profile::show),
        form("/account/profile",          account::profile::handle),
        page("/account/preferences",      account::preferences::show),
        form("/account/preferences",      account::preferences::handle),
        page("/account/security",              account::security::show),
        form("/account/security/password",     account::security::password::handle),
        form("/account/security/email",        account::security::email::handle),
        form("/account/security/verification", account::security::verification::handle),
        form("/account/security/totp",           account::security::totp::start),
        form("/account/security/totp/confirm",   account::security::totp::confirm),
        form("/account/security/totp/remove",    account::security::totp::remove),
        form("/account/security/recovery-codes", account::security::recovery_codes::handle),
        form("/account/security/passkeys",                     account::security::passkeys::add),
        form("/account/security/passkeys/options",             account::security::passkeys::options),
        form("/account/security/passkeys/{passkey_id}",        account::security::passkeys::rename),
        form("/account/security/passkeys/{passkey_id}/remove", account::security::passkeys::remove),
        page("/account/sessions",                  account::sessions::show),
        form("/account/sessions/end-others",       account::sessions::end_others::handle),
        form("/account/sessions/{session_id}/end", account::sessions::end::handle),
        page("/account/api-keys",              account::api_keys::show),
        form("/account/api-keys",              account::api_keys::create::handle),
        form("/account/api-keys/{key_id}/end", account::api_keys::end::handle),
        page("/account/confirm",          account::confirm::show),
        form("/account/confirm",          account::confirm::handle),
        form("/account/confirm/passkey/options", account::confirm::passkey_options),
        page("/account/export",           account::export::show),
        form("/account/export",           account::export::handle),
        page("/account/delete",           account::delete::show),
        form("/account/delete",           account::delete::handle),

        // The administration.
        page("/console",       console::overview::show),
        page("/console/check", console::check::show),
        page("/console/api",   console::documentation::show),

        // The administration: accounts.
        page("/console/accounts",            console::accounts::list::show),
        form("/console/accounts",            console::accounts::create::handle),
        page("/console/accounts/new",        console::accounts::new::show),
        form("/console/accounts/bulk",       console::accounts::bulk::confirm::handle),
        form("/console/accounts/bulk/apply", console::accounts::bulk::apply::handle),
        page("/console/accounts/{user_id}",  console::accounts::one::show::show),
        form("/console/accounts/{user_id}",  console::accounts::one::change::handle),
        form("/console/accounts/{user_id}/roles", console::accounts::one::roles::give),
        form("/console/accounts/{user_id}/roles/{role_id}/take", console::accounts::one::roles::take),
        form("/console/accounts/{user_id}/api-keys", console::accounts::one::keys::create),
        form("/console/accounts/{user_id}/api-keys/{key_id}/end", console::accounts::one::keys::end),
        page("/console/accounts/{user_id}/{action}", console::accounts::one::confirm::show),
        form("/console/accounts/{user_id}/{action}", console::accounts::one::act::handle),

        // The administration: roles and permissions.
        page("/console/roles",                  console::roles::list::show),
        form("/console/roles",                  console::roles::create::handle),
        page("/console/roles/{role_id}",        console::roles::one::show),
        form("/console/roles/{role_id}",        console::roles::change::handle),
        page("/console/roles/{role_id}/delete", console::roles::delete::show),
        form("/console/roles/{role_id}/delete", console::roles::delete::handle),
        form("/console/roles/{role_id}/holders", console::roles::holders::give),
        form("/console/roles/{role_id}/holders/{user_id}/take", console::roles::holders::take),
        page("/console/permissions",            console::permissions::matrix::show),
        form("/console/permissions",            console::permissions::create::handle),
        form("/console/permissions/save",       console::permissions::save::handle),
        page("/console/permissions/{permission_id}",        console::permissions::one::show),
        form("/console/permissions/{permission_id}",        console::permissions::change::handle),
        page("/console/permissions/{permission_id}/delete", console::permissions::delete::show),
        form("/console/permissions/{permission_id}/delete", console::permissions::delete::handle),
    ]
}

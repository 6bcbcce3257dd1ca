//! The routes of the component. What people see is a page, what they send is a form; neither is an operation of the API.

use users_web::{About, Public, Route, file, get, serve};

use crate::links::assets::{CONSOLE_SCRIPT, CONSOLE_STYLE, RESET_PASSWORD, SCRIPT, STYLE, VERIFY_EMAIL};
use crate::links::page::page as link_page;
use crate::state::Console;
use crate::surface::{form, page};
use crate::{account, console};

/// The table of routes. The pages that links in e-mails lead to are part of the API, because e-mails name them.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<Console>> {
    vec![
        // The files that pages load.
        file("/account/console.css", serve(&CONSOLE_STYLE)),
        file("/account/console.js",  serve(&CONSOLE_SCRIPT)),

        // Links in e-mails.
        get("/account/reset-password", Public, link_page(&RESET_PASSWORD), about_reset_password),
        get("/account/verify-email",   Public, link_page(&VERIFY_EMAIL),   about_verify_email),
        file("/account/account.css", serve(&STYLE)),
        file("/account/account.js",  serve(&SCRIPT)),

        // A person's own account.
        page("/account",          account::home::show),
        form("/account/sign-in",  account::sign_in::handle),
        form("/account/sign-out", account::sign_out::handle),

        // The administration.
        page("/console", console::overview::show),

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

fn about_reset_password() -> About {
    About::new("getResetPasswordPage", "Page for a new password", "The page.")
        .text(
            "Links in e-mails lead here, with a token in the fragment. The page sends it with the new password to `POST /auth/password/reset`.",
        )
        .media_type("text/html")
}

fn about_verify_email() -> About {
    About::new("getVerifyEmailPage", "Page for a verified address", "The page.")
        .text(
            "Links in e-mails lead here, with a token in the fragment. When the reader presses the button, the page sends it to `POST /auth/email/verify`.",
        )
        .media_type("text/html")
}

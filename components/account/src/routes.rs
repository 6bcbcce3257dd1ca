//! The routes of the component, and who may use them.

use users_web::{About, Public, Route, file, get, serve};

use crate::assets::{RESET_PASSWORD, SCRIPT, STYLE, VERIFY_EMAIL};
use crate::page::page;

/// The table of routes. The files that the pages load are not operations of the API.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<()>> {
    vec![
        get("/account/reset-password", Public, page(&RESET_PASSWORD), about_reset_password),
        get("/account/verify-email",   Public, page(&VERIFY_EMAIL),   about_verify_email),

        file("/account/account.css", serve(&STYLE)),
        file("/account/account.js",  serve(&SCRIPT)),
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

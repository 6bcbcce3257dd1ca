//! `GET /account`: who is signed in, or the form for signing in.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::sign_in::{self, Attempt};
use crate::browser::{MaybeSignedIn, Redirect, own_path};
use crate::state::Console;
use crate::view::Page;

/// The messages that the page can show about the change before it.
const TELLS: &[&str] = &[
    "account-inactive",
    "address-verified",
    "own-account-deleted",
    "password-reset",
    "registered",
    "session-ended",
    "signed-out",
    "signed-out-here",
];

/// 200 with the page. People who are signed in already, and came here to sign in, are sent on to the page that they wanted.
pub(crate) async fn show(
    State(console): State<Console>,
    MaybeSignedIn { visitor, account }: MaybeSignedIn,
) -> Response {
    let next = own_path(visitor.query().value("next"));
    match (account, next) {
        (Some(_), Some(next)) => Redirect::to(next).into_response(),
        (Some(account), None) => {
            let email = [("email", account.email.as_str().into())];
            let content = html! { p { (visitor.text_with("account-signed-in", &email)) } };
            Page::new(visitor.text("account-title"), content).telling(TELLS).into_response()
        }
        (None, next) => {
            let attempt = Attempt { next: next.unwrap_or_default(), ..Attempt::default() };
            sign_in::page(&console, &visitor, &attempt).telling(TELLS).into_response()
        }
    }
}

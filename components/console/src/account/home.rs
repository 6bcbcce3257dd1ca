//! `GET /account`: who is signed in, or the form for signing in.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::sign_in::{self, Attempt};
use crate::browser::{MaybeSignedIn, Redirect, Visitor, own_path};
use crate::state::Console;
use crate::view::Page;

/// The messages that the page can show about the change before it.
const TELLS: &[&str] = &[
    "account-inactive",
    "address-verified",
    super::confirm::CONFIRMED,
    "own-account-deleted",
    "password-reset",
    "registered",
    "session-ended",
    "signed-out",
    "signed-out-here",
];

/// The places that the page leads to: the path, the key of the name, and the key of the text about it.
const PLACES: [(&str, &str, &str); 6] = [
    ("/account/profile", "nav-profile", "account-home-profile"),
    ("/account/preferences", "nav-preferences", "account-home-preferences"),
    ("/account/security", "nav-security", "account-home-security"),
    ("/account/sessions", "nav-sessions", "account-home-sessions"),
    ("/account/api-keys", "nav-api-keys", "account-home-api-keys"),
    ("/account/export", "nav-data", "account-home-data"),
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
            let content = html! {
                p { (visitor.text_with("account-signed-in", &email)) }
                (places(&visitor))
            };
            Page::new(visitor.text("account-title"), content).telling(TELLS).into_response()
        }
        (None, next) => {
            let attempt = Attempt { next: next.unwrap_or_default(), ..Attempt::default() };
            sign_in::page(&console, &visitor, &attempt).telling(TELLS).into_response()
        }
    }
}

fn places(visitor: &Visitor) -> Markup {
    html! {
        div.cards {
            @for (path, name, about) in PLACES {
                section.card {
                    h2 { a href=(path) { (visitor.text(name)) } }
                    p { (visitor.text(about)) }
                }
            }
        }
    }
}

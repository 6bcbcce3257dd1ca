//! `GET` and `POST /account/verify-email`: confirms an address by the link in an e-mail. Nothing happens before the reader presses the
//! button, because programs that look for dangerous links open them, too.

use axum::extract::State;
use maud::html;

use super::link;
use crate::api::Refusal;
use crate::browser::{Form, Redirect, Visitor};
use crate::state::Console;
use crate::view::{Again, Page, again, post};

/// 200 with the form.
pub(crate) async fn show(visitor: Visitor) -> Page {
    page(&visitor, None, None)
}

fn page(visitor: &Visitor, token: Option<&str>, refusal: Option<&Refusal>) -> Page {
    let fields = html! {
        (link::field(visitor, token, refusal))
        div.actions { button { (visitor.text("verify-submit")) } }
    };
    let content = html! {
        p { (visitor.text("verify-intro")) }
        (link::message(visitor, refusal, "/account/security", &visitor.text("verify-ask-again")))
        (post(visitor, "/account/verify-email", &fields))
    };
    Page::new(visitor.text("verify-title"), content)
}

/// 303 to `/account`. If the API refuses, the page again; its form keeps a link that still works.
pub(crate) async fn handle(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form,
) -> Result<Redirect, Again> {
    match link::send(&console, &visitor, "/auth/email/verify", &form, &[]).await {
        Ok(()) => Ok(Redirect::done("/account", "address-verified")),
        Err(link::Refused { token, refusal }) => {
            Err(again(&refusal, Ok(page(&visitor, token.as_deref(), Some(&refusal)))))
        }
    }
}

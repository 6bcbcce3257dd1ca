//! `GET` and `POST /account/reset-password`: sets a new password by the link in an e-mail.

use axum::extract::State;
use maud::html;

use super::link;
use crate::api::Refusal;
use crate::browser::{Form, Redirect, Visitor, sign_out};
use crate::state::Console;
use crate::view::{Again, Input, Page, again, post, reveal};

/// 200 with the form.
pub(crate) async fn show(visitor: Visitor) -> Page {
    page(&visitor, None, None)
}

fn page(visitor: &Visitor, token: Option<&str>, refusal: Option<&Refusal>) -> Page {
    let fields = html! {
        (link::field(visitor, token, refusal))
        (Input::new(visitor, "password", "new_password", visitor.text("reset-password"))
            .autocomplete("new-password").required().hint(visitor.text("password-hint"))
            .faults(refusal, "/new_password"))
        (reveal(visitor, "new_password"))
        div.actions { button { (visitor.text("reset-submit")) } }
    };
    let content = html! {
        p { (visitor.text("reset-intro")) }
        (link::message(visitor, refusal, "/account/forgot-password", &visitor.text("reset-ask-again")))
        (post(visitor, "/account/reset-password", &fields))
    };
    Page::new(visitor.text("reset-title"), content)
}

/// 303 to the form for signing in. If the API refuses, the page again; its form keeps a link that still works.
pub(crate) async fn handle(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let others = [("new_password", form.value("new_password"))];
    match link::send(&console, &visitor, "/auth/password/reset", &form, &others).await {
        Ok(()) => {
            // All sessions of the account have ended. A session of another account in this browser ends here.
            let _ = sign_out(console.api(), &visitor).await;
            Ok(Redirect::done("/account", "password-reset"))
        }
        Err(link::Refused { token, refusal }) => {
            Err(again(&refusal, Ok(page(&visitor, token.as_deref(), Some(&refusal)))))
        }
    }
}

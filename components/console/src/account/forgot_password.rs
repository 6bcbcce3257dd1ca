//! `GET` and `POST /account/forgot-password`: a link for somebody who has forgotten the password.

use axum::extract::State;
use maud::html;
use serde_json::json;

use crate::api::{Call, Refusal};
use crate::browser::{Fields, Form, Redirect, Visitor};
use crate::state::Console;
use crate::view::{Again, Input, Page, again, alert, post};

/// 200 with the form.
pub(crate) async fn show(visitor: Visitor) -> Page {
    page(&visitor, &Fields::default(), None).telling(&["link-sent"])
}

fn page(visitor: &Visitor, sent: &Fields, refusal: Option<&Refusal>) -> Page {
    let fields = html! {
        (Input::new(visitor, "email", "email", visitor.text("forgot-email"))
            .value(sent.value("email")).autocomplete("username").required().faults(refusal, "/email"))
        div.actions { button { (visitor.text("forgot-submit")) } }
    };
    let content = html! {
        p { (visitor.text("forgot-intro")) }
        (alert(visitor, refusal))
        (post(visitor, "/account/forgot-password", &fields))
        p { a href="/account" { (visitor.text("forgot-back")) } }
    };
    Page::new(visitor.text("forgot-title"), content)
}

/// 303 back to the page. It says the same for every address, so it does not show who has an account.
pub(crate) async fn handle(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let body = json!({ "email": form.value("email") });
    match console.api().send(&visitor, Call::post("/auth/password/forgot").json(&body).anonymous()).await {
        Ok(_) => Ok(Redirect::done("/account/forgot-password", "link-sent")),
        Err(refusal) => Err(again(&refusal, Ok(page(&visitor, &form, Some(&refusal))))),
    }
}

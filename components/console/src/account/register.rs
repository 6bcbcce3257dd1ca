//! `GET` and `POST /account/register`: an account for a visitor.

use axum::extract::State;
use maud::html;
use serde_json::json;

use crate::api::{Call, Refusal};
use crate::browser::{Fields, Form, Redirect, Visitor};
use crate::state::Console;
use crate::view::{Again, Input, Page, again, alert, post, reveal};

/// 200 with the form, or with the reason why there is none.
pub(crate) async fn show(State(console): State<Console>, visitor: Visitor) -> Page {
    if console.settings().admits_registrations() {
        page(&visitor, &Fields::default(), None)
    } else {
        closed(&visitor)
    }
}

fn page(visitor: &Visitor, sent: &Fields, refusal: Option<&Refusal>) -> Page {
    let fields = html! {
        (Input::new(visitor, "email", "email", visitor.text("register-email"))
            .value(sent.value("email")).autocomplete("username").required().faults(refusal, "/email"))
        (Input::new(visitor, "text", "full_name", visitor.text("register-full-name"))
            .value(sent.value("full_name")).autocomplete("name").hint(visitor.text("register-full-name-hint"))
            .faults(refusal, "/full_name"))
        (Input::new(visitor, "password", "password", visitor.text("register-password"))
            .autocomplete("new-password").required().hint(visitor.text("password-hint")).faults(refusal, "/password"))
        (reveal(visitor, "password"))
        div.actions { button { (visitor.text("register-submit")) } }
    };
    let content = html! {
        p { (visitor.text("register-intro")) }
        (alert(visitor, refusal))
        (post(visitor, "/account/register", &fields))
        p { (visitor.text("register-sign-in")) " " a href="/account" { (visitor.text("register-sign-in-link")) } }
    };
    Page::new(visitor.text("register-title"), content)
}

fn closed(visitor: &Visitor) -> Page {
    let content = html! {
        p { (visitor.text("register-closed")) }
        p { a href="/account" { (visitor.text("register-sign-in-link")) } }
    };
    Page::new(visitor.text("register-closed-title"), content)
}

/// 303 to the form for signing in, which says that a link is on its way. If the API refuses the account, the form again.
pub(crate) async fn handle(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let account = json!({
        "email": form.value("email"), "password": form.value("password"), "full_name": form.optional("full_name"),
    });
    match console.api().send(&visitor, Call::post("/auth/register").json(&account).anonymous()).await {
        Ok(_) => Ok(Redirect::done("/account", "registered")),
        Err(refusal) if refusal.is("registration_closed") => Err(again(&refusal, Ok(closed(&visitor)))),
        Err(refusal) => {
            let refusal = refusal.beside("email_taken", "/email");
            Err(again(&refusal, Ok(page(&visitor, &form, Some(&refusal)))))
        }
    }
}

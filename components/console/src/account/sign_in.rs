//! `POST /account/sign-in`: opens a session for the browser.

use axum::extract::State;
use maud::html;

use crate::api::{Call, Refusal};
use crate::browser::{Form, Redirect, TokenPair, Tokens, Visitor, own_path, sign_out};
use crate::state::Console;
use crate::view::{Input, Page, alert, post};

/// The values of the form: empty at first, and those of the last attempt after a refusal.
#[derive(Default)]
pub(crate) struct Attempt<'a> {
    pub(crate) email: &'a str,
    /// The path of the page that the person wanted. Empty for `/account`.
    pub(crate) next: &'a str,
    pub(crate) refusal: Option<&'a Refusal>,
}

/// The page with the form.
pub(crate) fn page(console: &Console, visitor: &Visitor, attempt: &Attempt<'_>) -> Page {
    let fields = html! {
        @if !attempt.next.is_empty() { input type="hidden" name="next" value=(attempt.next); }
        (Input::new(visitor, "email", "email", visitor.text("sign-in-email"))
            .value(attempt.email).autocomplete("username").required().faults(attempt.refusal, "/username"))
        (Input::new(visitor, "password", "password", visitor.text("sign-in-password"))
            .autocomplete("current-password").required().faults(attempt.refusal, "/password"))
        button { (visitor.text("sign-in-button")) }
    };
    let content = html! {
        (alert(visitor, attempt.refusal))
        (post(visitor, "/account/sign-in", &fields))
        p { a href="/account/forgot-password" { (visitor.text("forgot-title")) } }
        @if console.settings().admits_registrations() {
            p { a href="/account/register" { (visitor.text("register-title")) } }
        }
    };
    Page::new(visitor.text("sign-in-title"), content)
}

/// 303 to the page that the person wanted, or to `/account`. If the API refuses the login, the form again.
pub(crate) async fn handle(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form,
) -> Result<Redirect, Page> {
    let (email, password) = (form.value("email"), form.value("password"));
    let next = own_path(form.value("next")).unwrap_or_default();
    match login(&console, &visitor, email, password).await {
        Ok(tokens) => {
            // The browser forgets the session that it had, so that session ends. If this fails, it expires.
            let _ = sign_out(console.api(), &visitor).await;
            visitor.keep(tokens);
            Ok(Redirect::to(if next.is_empty() { super::ROOT } else { next }))
        }
        Err(refusal) => {
            let attempt = Attempt { email, next, refusal: Some(&refusal) };
            Err(page(&console, &visitor, &attempt).with_refusal(&refusal))
        }
    }
}

async fn login(console: &Console, visitor: &Visitor, email: &str, password: &str) -> Result<Tokens, Refusal> {
    let fields = [("grant_type", "password"), ("username", email), ("password", password)];
    let call = Call::post("/auth/login").form(&fields).anonymous();
    console.api().send(visitor, call).await?.json::<TokenPair>()?.try_into()
}

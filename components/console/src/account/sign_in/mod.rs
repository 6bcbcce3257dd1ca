//! `/account/sign-in…`: opens a session for the browser, by a password and maybe a second factor, or by a passkey alone.

pub(crate) mod factor;
pub(crate) mod passkey;

use axum::extract::State;
use maud::html;

use self::factor::Step;
use crate::api::{Answer, Call, Refusal};
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
    let has_passkeys = console.settings().passkey_origins().is_some();
    let purpose = if has_passkeys { "username webauthn" } else { "username" };
    let fields = html! {
        @if !attempt.next.is_empty() { input type="hidden" name="next" value=(attempt.next); }
        (Input::new(visitor, "email", "email", visitor.text("sign-in-email"))
            .value(attempt.email).autocomplete(purpose).required().faults(attempt.refusal, "/username"))
        (Input::new(visitor, "password", "password", visitor.text("sign-in-password"))
            .autocomplete("current-password").required().faults(attempt.refusal, "/password"))
        button { (visitor.text("sign-in-button")) }
    };
    let content = html! {
        (alert(visitor, attempt.refusal))
        (post(visitor, "/account/sign-in", &fields))
        (passkey::form(console, visitor, attempt.next))
        p { a href="/account/forgot-password" { (visitor.text("forgot-title")) } }
        @if console.settings().admits_registrations() {
            p { a href="/account/register" { (visitor.text("register-title")) } }
        }
    };
    Page::new(visitor.text("sign-in-title"), content)
}

/// 303 to the page that the person wanted, or to `/account`. If the account has a second factor, the form for it. If the API refuses the
/// login, the form again.
pub(crate) async fn handle(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form,
) -> Result<Redirect, Page> {
    let (email, password) = (form.value("email"), form.value("password"));
    let next = own_path(form.value("next")).unwrap_or_default();
    let fields = [("grant_type", "password"), ("username", email), ("password", password)];
    let call = Call::post("/auth/login").form(&fields).anonymous();
    let outcome = console.api().send(&visitor, call).await;
    match enter(&console, &visitor, outcome, next).await {
        Ok(way) => Ok(way),
        Err(refusal) => match refusal.second_step() {
            Some(step) => Err(factor::page(&console, &visitor, &Step::of(step, next), None)),
            None => {
                let attempt = Attempt { email, next, refusal: Some(&refusal) };
                Err(page(&console, &visitor, &attempt).with_refusal(&refusal))
            }
        },
    }
}

/// The way to the next page, with the tokens of a completed login in the browser. `next` is one of our paths, or empty.
///
/// # Errors
/// The refusal of the API, or one of ours when it gave no tokens.
async fn enter(
    console: &Console,
    visitor: &Visitor,
    outcome: Result<Answer, Refusal>,
    next: &str,
) -> Result<Redirect, Refusal> {
    let tokens = Tokens::try_from(outcome?.json::<TokenPair>()?)?;
    // The browser forgets the session that it had, so that session ends. If this fails, it expires.
    let _ = sign_out(console.api(), visitor).await;
    visitor.keep(tokens);
    Ok(Redirect::to(if next.is_empty() { super::ROOT } else { next }))
}

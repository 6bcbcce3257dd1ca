//! `GET` and `POST /account/confirm`: people prove again who they are, before a change that the API makes only in a fresh session.
//!
//! Nothing is changed on the way: people come back to the page that they were on, and press its button again.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::factors::{self, Factors};
use super::proof::{self, Proof};
use super::{NAVIGATION, ROOT};
use crate::api::{Call, Refusal, with_query};
use crate::browser::{Account, Fields, Form, Redirect, SignedIn, Visitor, own_path};
use crate::state::Console;
use crate::view::{Again, Input, Options, Page, again, alert, json_for_script, post};

/// The path of the page.
const PATH: &str = "/account/confirm";

/// The code with which the API refuses a session that is not fresh (RFC 9470).
const STALE: &str = "insufficient_user_authentication";

/// The message of the page to which people come back.
pub(crate) const CONFIRMED: &str = "confirmed";

/// The way to the page, if the API refused because the session is not fresh. It leads back to the page that the refused form is on.
pub(crate) fn instead_of(refusal: &Refusal, visitor: &Visitor) -> Option<Redirect> {
    let pages = NAVIGATION.iter().map(|entry| entry.path).filter(|page| is_within(visitor.path(), page));
    let next = pages.max_by_key(|page| page.len()).unwrap_or(ROOT);
    refusal.is(STALE).then(|| Redirect::to(with_query(PATH, &[("next", next)])))
}

fn is_within(path: &str, page: &str) -> bool {
    path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// 200 with the form: for a second factor, or for the password of an account without one.
pub(crate) async fn show(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
) -> Result<Page, Refusal> {
    page(&console, &visitor, &account, visitor.query().value("next"), None).await
}

async fn page(
    console: &Console,
    visitor: &Visitor,
    account: &Account,
    next: &str,
    refusal: Option<&Refusal>,
) -> Result<Page, Refusal> {
    let factors: Factors = console.api().get(visitor, factors::PATH).await?;
    let next = own_path(next).unwrap_or(ROOT);
    let content = html! {
        (alert(visitor, refusal))
        div.card {
            p { (visitor.text("confirm-intro")) }
            @if factors.exist() {
                (Proof {
                    action: PATH,
                    hidden: &[("next", next)],
                    ways: &factors.ways(),
                    options: Options::At("/account/confirm/passkey/options"),
                }.forms(console.settings(), visitor, refusal))
                p { a href=(next) { (visitor.text("confirm-cancel")) } }
            } @else {
                (password_form(visitor, account, next, refusal))
            }
        }
    };
    Ok(Page::new(visitor.text("confirm-title"), content))
}

fn password_form(visitor: &Visitor, account: &Account, next: &str, refusal: Option<&Refusal>) -> Markup {
    let fields = html! {
        input type="hidden" name="next" value=(next);
        // Tells password managers whose password it is. It has no name, so it is not sent.
        input type="text" autocomplete="username" value=(account.email) readonly hidden;
        (Input::new(visitor, "password", "password", visitor.text("confirm-password"))
            .autocomplete("current-password").required().faults(refusal, "/password"))
        div.actions {
            button { (visitor.text("confirm-submit")) }
            a.button.quiet href=(next) { (visitor.text("confirm-cancel")) }
        }
    };
    post(visitor, PATH, &fields)
}

/// 303 back to the page that people were on. If the API refuses, the form again.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let next = form.value("next");
    let outcome = match body(&form) {
        Ok(body) => {
            console.api().send(&visitor, Call::post("/auth/reauthenticate").json(&body)).await.map(drop)
        }
        Err(refusal) => Err(refusal),
    };
    let Err(refusal) = outcome else { return Ok(Redirect::done(own_path(next).unwrap_or(ROOT), CONFIRMED)) };
    // The session goes on, although the status is 401. For a session that is not fresh, another way here would lead in a circle.
    let is_told_here = refusal.is(proof::WRONG) || refusal.is(STALE);
    let refusal = proof::told(refusal, &form).beside("wrong_password", "/password");
    let page = page(&console, &visitor, &account, next, Some(&refusal)).await;
    Err(if is_told_here { page.map(|page| page.with_refusal(&refusal)) } else { again(&refusal, page) })
}

/// The request body: the password, or a proof of a second factor.
fn body(form: &Fields) -> Result<Value, Refusal> {
    if form.has("password") {
        return Ok(json!({ "password": form.value("password") }));
    }
    proof::body(form).map(Value::Object)
}

/// 200 with the options for the script, in JSON.
pub(crate) async fn passkey_options(
    State(console): State<Console>,
    SignedIn { visitor, .. }: SignedIn,
) -> Result<Response, Refusal> {
    let call = Call::post("/auth/passkeys/login/options");
    console.api().send(&visitor, call).await.map(|answer| json_for_script(&answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_within_itself_and_pages_above_but_not_in_others_with_a_longer_name() {
        for (path, page, expected) in [
            ("/account/sessions", "/account/sessions", true),
            ("/account/sessions/9/end", "/account/sessions", true),
            ("/account/sessionsx", "/account/sessions", false),
            ("/console/roles", "/account", false),
        ] {
            assert_eq!(is_within(path, page), expected, "{path} {page}");
        }
    }
}

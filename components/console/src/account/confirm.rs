//! `GET` and `POST /account/confirm`: people prove again who they are, before a change that the API makes only in a fresh session.
//!
//! Nothing is changed on the way: people come back to the page that they were on, and press its button again.

use axum::extract::State;
use maud::html;
use serde_json::json;

use super::{NAVIGATION, ROOT};
use crate::api::{Call, Refusal, with_query};
use crate::browser::{Account, Form, Redirect, SignedIn, Visitor, own_path};
use crate::state::Console;
use crate::view::{Again, Input, Page, again, alert, post};

/// The path of the page.
const PATH: &str = "/account/confirm";

/// The code with which the API refuses a session that is not fresh (RFC 9470).
const STALE: &str = "insufficient_user_authentication";

/// The message of the page to which people come back.
pub(crate) const CONFIRMED: &str = "confirmed";

/// The way to the page, if the API refused because the session is not fresh. It leads back to the page that the refused form is on.
pub(crate) fn instead_of(refusal: &Refusal, visitor: &Visitor) -> Option<Redirect> {
    let page = NAVIGATION.iter().map(|entry| entry.path).filter(|page| is_within(visitor.path(), page));
    let next = page.max_by_key(|page| page.len()).unwrap_or(ROOT);
    refusal.is(STALE).then(|| Redirect::to(with_query(PATH, &[("next", next)])))
}

fn is_within(path: &str, page: &str) -> bool {
    path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// 200 with the form.
pub(crate) async fn show(SignedIn { visitor, account }: SignedIn) -> Page {
    page(&visitor, &account, visitor.query().value("next"), None)
}

fn page(visitor: &Visitor, account: &Account, next: &str, refusal: Option<&Refusal>) -> Page {
    let next = own_path(next).unwrap_or(ROOT);
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
    let content = html! {
        (alert(visitor, refusal))
        div.card {
            p { (visitor.text("confirm-intro")) }
            (post(visitor, PATH, &fields))
        }
    };
    Page::new(visitor.text("confirm-title"), content)
}

/// 303 back to the page that people were on. If the API refuses, the form again.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let next = form.value("next");
    let body = json!({ "password": form.value("password") });
    match console.api().send(&visitor, Call::post("/auth/reauthenticate").json(&body)).await {
        Ok(_) => Ok(Redirect::done(own_path(next).unwrap_or(ROOT), CONFIRMED)),
        // The password is not enough. The form says so; another way here would lead in a circle.
        Err(refusal) if refusal.is(STALE) => {
            Err(Ok(page(&visitor, &account, next, Some(&refusal)).with_refusal(&refusal)))
        }
        Err(refusal) => {
            let refusal = refusal.beside("wrong_password", "/password");
            Err(again(&refusal, Ok(page(&visitor, &account, next, Some(&refusal)))))
        }
    }
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

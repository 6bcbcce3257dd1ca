//! `GET` and `POST /account/delete`: the end of an account.

use axum::extract::State;
use maud::html;
use serde_json::json;

use super::confirm::CONFIRMED;
use crate::api::{Call, Refusal};
use crate::browser::{Account, Form, Redirect, SignedIn, Visitor};
use crate::state::Console;
use crate::view::{Again, CheckBox, Input, Page, again, alert, post};

/// 200 with the form.
pub(crate) async fn show(SignedIn { visitor, account }: SignedIn) -> Page {
    page(&visitor, &account, false, None).telling(&[CONFIRMED])
}

fn page(visitor: &Visitor, account: &Account, is_confirmed: bool, refusal: Option<&Refusal>) -> Page {
    let address = [("email", account.email.as_str().into())];
    let fields = html! {
        (Input::new(visitor, "password", "password", visitor.text("delete-password"))
            .autocomplete("current-password").required().faults(refusal, "/password"))
        (CheckBox::new(visitor, "confirmation", "true", visitor.text_with("delete-confirmation", &address))
            .checked(is_confirmed).required().faults(refusal, "/confirmation"))
        div.actions { button.danger { (visitor.text("delete-submit")) } }
    };
    let content = html! {
        (alert(visitor, refusal))
        div.card.danger {
            p { (visitor.text("delete-intro")) }
            p { (visitor.text("delete-export")) " " a href="/account/export" { (visitor.text("delete-export-link")) } }
            (post(visitor, "/account/delete", &fields))
        }
    };
    Page::new(visitor.text("delete-title"), content)
}

/// 303 to the form for signing in, which says that the account is deleted. If the API refuses, the form again.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let is_confirmed = form.has("confirmation");
    let outcome = if is_confirmed {
        let body = json!({ "password": form.value("password") });
        console.api().send(&visitor, Call::delete("/auth/me").json(&body)).await.map(drop)
    } else {
        Err(Refusal::broken("/confirmation", "confirmation"))
    };
    match outcome {
        Ok(()) => {
            visitor.forget();
            Ok(Redirect::done("/account", "own-account-deleted"))
        }
        Err(refusal) => {
            let refusal = refusal.beside("wrong_password", "/password");
            Err(again(&refusal, Ok(page(&visitor, &account, is_confirmed, Some(&refusal)))))
        }
    }
}

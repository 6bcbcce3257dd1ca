//! `POST /account/sign-in/passkey…`: a login by a passkey alone.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::super::proof::{refused_passkey, told_of_passkey};
use super::{Attempt, enter, page};
use crate::api::{Call, Refusal};
use crate::browser::{Fields, Form, Redirect, Visitor, own_path};
use crate::state::Console;
use crate::view::{ASSERTION, Ceremony, Options, Page, PasskeyForm, json_for_script};

/// The form, below that for a password.
pub(super) fn form(console: &Console, visitor: &Visitor, next: &str) -> Markup {
    let form = PasskeyForm {
        action: "/account/sign-in/passkey",
        ceremony: Ceremony::Get,
        options: Options::At("/account/sign-in/passkey/options"),
        is_conditional: true,
    };
    form.around(
        console.settings(),
        visitor,
        &html! {
            @if !next.is_empty() { input type="hidden" name="next" value=(next); }
            button.quiet { (visitor.text("sign-in-passkey")) }
        },
    )
}

/// 200 with the options for the script, in JSON.
pub(crate) async fn options(State(console): State<Console>, visitor: Visitor) -> Result<Response, Refusal> {
    let call = Call::post("/auth/passkeys/login/options").anonymous();
    console.api().send(&visitor, call).await.map(|answer| json_for_script(&answer))
}

/// 303 to the page that the person wanted, or to `/account`. If the API refuses the passkey, the form for signing in.
pub(crate) async fn handle(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form,
) -> Result<Redirect, Page> {
    let next = own_path(form.value("next")).unwrap_or_default();
    let outcome = match body(&form) {
        Ok(body) => {
            let call = Call::post("/auth/passkeys/login").json(&body).anonymous();
            let answer = console.api().send(&visitor, call).await;
            enter(&console, &visitor, answer, next).await
        }
        Err(refusal) => Err(refusal),
    };
    outcome.map_err(|refusal| {
        let refusal = told_of_passkey(refusal);
        let attempt = Attempt { next, refusal: Some(&refusal), ..Attempt::default() };
        page(&console, &visitor, &attempt).with_refusal(&refusal)
    })
}

fn body(form: &Fields) -> Result<Value, Refusal> {
    let assertion: Value = serde_json::from_str(form.value(ASSERTION)).map_err(|_| refused_passkey())?;
    Ok(json!({ "assertion": assertion }))
}

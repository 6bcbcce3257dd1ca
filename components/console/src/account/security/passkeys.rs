//! `POST /account/security/passkeys…`: adds, renames and removes passkeys.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use users_core::Timestamp;

use super::super::factors::NewCodes;
use super::super::proof::PASSKEY_REFUSED;
use super::{Attempt, Form as Sent, PATH, recovery_codes, refused};
use crate::ago::{ago, now};
use crate::api::{Call, Refusal};
use crate::browser::{Fields, Form, Id, Redirect, SignedIn, Visitor};
use crate::state::Console;
use crate::view::{Again, CREDENTIAL, Ceremony, Input, Options, PasskeyForm, alert, csrf, json_for_script};

/// The path of the API.
pub(super) const API: &str = "/auth/passkeys";

/// A passkey, as the API lists it.
#[derive(Debug, Deserialize)]
pub(super) struct Passkey {
    id: u64,
    name: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    backed_up: bool,
}

/// The passkeys of the account, and the form for another one.
pub(super) fn card(
    console: &Console,
    visitor: &Visitor,
    passkeys: &[Passkey],
    attempt: Option<Attempt<'_>>,
) -> Markup {
    let is_about_one = |attempt: &Attempt<'_>| matches!(attempt.form, Sent::NewPasskey | Sent::Passkey(_));
    let refusal = attempt.filter(is_about_one).map(|attempt| attempt.refusal);
    html! {
        section.card aria-labelledby="passkeys-heading" {
            h2 id="passkeys-heading" { (visitor.text("passkeys-heading")) }
            (alert(visitor, refusal))
            p { (visitor.text("passkeys-intro")) }
            @if !passkeys.is_empty() { (table(visitor, passkeys, attempt, now())) }
            (new_form(console, visitor, attempt))
        }
    }
}

fn table(visitor: &Visitor, passkeys: &[Passkey], attempt: Option<Attempt<'_>>, now: Timestamp) -> Markup {
    html! {
        table.list {
            caption { (visitor.text("passkeys-list")) }
            thead {
                tr {
                    th scope="col" { (visitor.text("passkeys-name")) }
                    th scope="col" { (visitor.text("passkeys-added")) }
                    th scope="col" { (visitor.text("passkeys-used")) }
                    th scope="col" { (visitor.text("passkeys-rename")) }
                    th scope="col" { span.hidden { (visitor.text("passkeys-remove")) } }
                }
            }
            tbody { @for passkey in passkeys { (row(visitor, passkey, attempt, now)) } }
        }
    }
}

fn row(visitor: &Visitor, passkey: &Passkey, attempt: Option<Attempt<'_>>, now: Timestamp) -> Markup {
    let name = [("name", passkey.name.as_str().into())];
    html! {
        tr {
            th scope="row" {
                (passkey.name) " "
                @if passkey.backed_up { span.badge { (visitor.text("passkeys-backed-up")) } }
            }
            td data-label=(visitor.text("passkeys-added")) { (ago(visitor, passkey.created_at, now)) }
            td data-label=(visitor.text("passkeys-used")) {
                @if let Some(time) = passkey.last_used_at { (ago(visitor, time, now)) }
                @else { (visitor.text("passkeys-unused")) }
            }
            td { (rename_form(visitor, passkey, attempt)) }
            td {
                form method="post" action={ (PATH) "/passkeys/" (passkey.id) "/remove" } {
                    (csrf(visitor))
                    button.quiet.danger aria-label=(visitor.text_with("passkeys-remove-label", &name))
                        data-confirm=(visitor.text_with("passkeys-remove-confirm", &name)) { (visitor.text("passkeys-remove")) }
                }
            }
        }
    }
}

fn rename_form(visitor: &Visitor, passkey: &Passkey, attempt: Option<Attempt<'_>>) -> Markup {
    let attempt = attempt.filter(|attempt| attempt.form == Sent::Passkey(passkey.id));
    let sent = attempt.and_then(|attempt| attempt.sent.optional("name")).unwrap_or(&passkey.name);
    let id = format!("name-{}", passkey.id);
    html! {
        details open[attempt.is_some()] {
            summary aria-label=(visitor.text_with("passkeys-rename-label", &[("name", passkey.name.as_str().into())])) {
                (visitor.text("passkeys-rename"))
            }
            form method="post" action={ (PATH) "/passkeys/" (passkey.id) } {
                (csrf(visitor))
                (Input::new(visitor, "text", "name", visitor.text("passkeys-name")).id(&id)
                    .value(sent).required().faults(attempt.map(|attempt| attempt.refusal), "/name"))
                button.quiet { (visitor.text("passkeys-rename-submit")) }
            }
        }
    }
}

fn new_form(console: &Console, visitor: &Visitor, attempt: Option<Attempt<'_>>) -> Markup {
    let attempt = attempt.filter(|attempt| attempt.form == Sent::NewPasskey);
    let form = PasskeyForm {
        action: "/account/security/passkeys",
        ceremony: Ceremony::Create,
        options: Options::At("/account/security/passkeys/options"),
        is_conditional: false,
    };
    let fields = html! {
        h3 { (visitor.text("passkeys-new-heading")) }
        (Input::new(visitor, "text", "name", visitor.text("passkeys-name"))
            .value(attempt.map(|attempt| attempt.sent.value("name")).unwrap_or_default())
            .required().hint(visitor.text("passkeys-name-hint"))
            .faults(attempt.map(|attempt| attempt.refusal), "/name"))
        div.actions { button { (visitor.text("passkeys-new-submit")) } }
        p.muted { (visitor.text("factors-first")) }
    };
    form.around(console.settings(), visitor, &fields)
}

/// 200 with the options for the script, in JSON.
pub(crate) async fn options(
    State(console): State<Console>,
    SignedIn { visitor, .. }: SignedIn,
) -> Result<Response, Refusal> {
    let call = Call::post("/auth/passkeys/options");
    console.api().send(&visitor, call).await.map(|answer| json_for_script(&answer))
}

/// 303 back to the page, or 200 with recovery codes if the account has got some. If the API refuses, the page with the reason.
pub(crate) async fn add(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let outcome = match body(&form) {
        Ok(body) => console.api().post::<NewCodes>(&visitor, API, &body).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(codes) => recovery_codes::told(&visitor, &account, &codes, "passkey-added").map_err(Ok),
        Err(refusal) => {
            let refusal = refusal.told_for("/credential", PASSKEY_REFUSED);
            let attempt = Attempt { form: Sent::NewPasskey, sent: &form, refusal: &refusal };
            Err(refused(&console, &visitor, &account, attempt).await)
        }
    }
}

/// The request body for the form.
fn body(form: &Fields) -> Result<Map<String, Value>, Refusal> {
    let credential: Value = serde_json::from_str(form.value(CREDENTIAL))
        .map_err(|_| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, PASSKEY_REFUSED))?;
    let mut body = Map::from_iter([(CREDENTIAL.to_owned(), credential)]);
    if let Some(name) = form.optional("name") {
        body.insert("name".to_owned(), name.into());
    }
    Ok(body)
}

/// 303 back to the page. If the API refuses, the page with the reason.
pub(crate) async fn rename(
    State(console): State<Console>,
    id: Result<Id<u64>, Refusal>,
    SignedIn { visitor, account }: SignedIn,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let Id(id) = id.map_err(Err)?;
    let body = json!({ "name": form.value("name") });
    match console.api().send(&visitor, Call::put(format!("{API}/{id}")).json(&body)).await {
        Ok(_) => Ok(Redirect::done(PATH, "passkey-renamed")),
        Err(refusal) => {
            let attempt = Attempt { form: Sent::Passkey(id), sent: &form, refusal: &refusal };
            Err(refused(&console, &visitor, &account, attempt).await)
        }
    }
}

/// 303 back to the page. If the API refuses, the page with the reason.
pub(crate) async fn remove(
    State(console): State<Console>,
    id: Result<Id<u64>, Refusal>,
    SignedIn { visitor, account }: SignedIn,
) -> Result<Redirect, Again> {
    let Id(id) = id.map_err(Err)?;
    match console.api().delete(&visitor, format!("{API}/{id}")).await {
        Ok(()) => Ok(Redirect::done(PATH, "passkey-removed")),
        Err(refusal) => {
            let attempt = Attempt { form: Sent::Passkey(id), sent: &Fields::default(), refusal: &refusal };
            Err(refused(&console, &visitor, &account, attempt).await)
        }
    }
}

//! `POST /account/sign-in/factor`: the second step of a login, for accounts with a second factor.
//!
//! The forms carry what the API said in the first step. No cookie has it, so that two tabs can be at this step at once.

use axum::extract::State;
use maud::html;
use serde_json::{Map, Value};

use super::super::proof::{self, Proof, Way};
use super::enter;
use crate::account::ROOT;
use crate::api::{Call, Refusal, SecondStep};
use crate::browser::{Fields, Form, Redirect, Visitor, own_path};
use crate::state::Console;
use crate::view::{Options, Page, alert};

/// The path of the forms.
const PATH: &str = "/account/sign-in/factor";

/// The facts that the forms of the step need.
pub(super) struct Step {
    /// The secret that names the login.
    challenge: String,
    ways: Vec<Way>,
    /// The options with which the browser asks for a passkey, in JSON. Empty if there is none.
    options: String,
    /// The path of the page that the person wanted. Empty for `/account`.
    next: String,
}

impl Step {
    /// Reads what the API said in the first step.
    pub(super) fn of(step: &SecondStep, next: &str) -> Self {
        let methods = step.methods.iter().map(String::as_str);
        let options = step.passkey_options.as_ref().map(Value::to_string);
        Self::new(&step.challenge, methods, &options.unwrap_or_default(), next)
    }

    /// Reads a form that was refused.
    fn entered(form: &Fields) -> Self {
        let next = own_path(form.value("next")).unwrap_or_default();
        Self::new(form.value("challenge"), form.words("methods"), form.value("passkey_options"), next)
    }

    fn new<'a>(challenge: &str, methods: impl Iterator<Item = &'a str>, options: &str, next: &str) -> Self {
        let methods: Vec<&str> = methods.collect();
        let has = |way: &Way| methods.contains(&way.name()) && (*way != Way::Passkey || !options.is_empty());
        Self {
            challenge: challenge.to_owned(),
            ways: Way::ALL.into_iter().filter(has).collect(),
            options: options.to_owned(),
            next: next.to_owned(),
        }
    }
}

/// The page with the forms.
pub(super) fn page(console: &Console, visitor: &Visitor, step: &Step, refusal: Option<&Refusal>) -> Page {
    let methods: Vec<&str> = step.ways.iter().map(|way| way.name()).collect();
    let methods = methods.join(" ");
    let hidden = [
        ("challenge", step.challenge.as_str()),
        ("methods", &methods),
        ("passkey_options", &step.options),
        ("next", &step.next),
    ];
    let proof =
        Proof { action: PATH, hidden: &hidden, ways: &step.ways, options: Options::Here(&step.options) };
    let content = html! {
        (alert(visitor, refusal))
        div.card {
            p { (visitor.text("factor-intro")) }
            (proof.forms(console.settings(), visitor, refusal))
        }
        p { a href=(ROOT) { (visitor.text("factor-back")) } }
    };
    Page::new(visitor.text("factor-title"), content)
}

/// 303 to the page that the person wanted, or to `/account`. If the API refuses the proof, the forms again.
pub(crate) async fn handle(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form,
) -> Result<Redirect, Page> {
    let step = Step::entered(&form);
    let outcome = match body(&step, &form) {
        Ok(body) => {
            let call = Call::post("/auth/login/factor").json(&body).anonymous();
            let answer = console.api().send(&visitor, call).await;
            enter(&console, &visitor, answer, &step.next).await
        }
        Err(refusal) => Err(refusal),
    };
    outcome.map_err(|refusal| {
        let refusal = proof::told(refusal, &form);
        page(&console, &visitor, &step, Some(&refusal)).with_refusal(&refusal)
    })
}

fn body(step: &Step, form: &Fields) -> Result<Map<String, Value>, Refusal> {
    let mut body = proof::body(form)?;
    body.insert("challenge".to_owned(), step.challenge.as_str().into());
    Ok(body)
}

//! Forms that a passkey completes.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use maud::{Markup, html};

use super::form::csrf;
use crate::api::Answer;
use crate::browser::Visitor;
use crate::settings::Settings;

/// A form that is sent with the answer of an authenticator. It is hidden until the script finds that passkeys work at the address of the page. A
/// page has one at most.
#[derive(Debug)]
pub(crate) struct PasskeyForm<'a> {
    /// The path to which the form is sent.
    pub(crate) action: &'a str,
    pub(crate) ceremony: Ceremony,
    pub(crate) options: Options<'a>,
    /// True if the browser may also offer passkeys beside the addresses that it fills in. Such a form is one way of several, so nothing stands in
    /// its place where passkeys do not work. Any other form gives way to a sentence that says so.
    pub(crate) is_conditional: bool,
}

/// The two things that people do with a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ceremony {
    /// Makes a passkey. The answer is in the field [`CREDENTIAL`].
    Create,
    /// Uses a passkey. The answer is in the field [`ASSERTION`].
    Get,
}

/// The field of a form with a new passkey.
pub(crate) const CREDENTIAL: &str = "credential";

/// The field of a form with the proof of a passkey.
pub(crate) const ASSERTION: &str = "assertion";

/// Where the script finds the options for the browser.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Options<'a> {
    /// Here, in JSON.
    Here(&'a str),
    /// At this path, when the person wants to use a passkey.
    At(&'a str),
}

impl PasskeyForm<'_> {
    /// The form around its fields and its button, and the script.
    pub(crate) fn around(&self, settings: &Settings, visitor: &Visitor, content: &Markup) -> Markup {
        let elsewhere = (!self.is_conditional).then(|| visitor.text("passkey-elsewhere"));
        let Some(origins) = settings.passkey_origins() else {
            return html! { @if let Some(text) = elsewhere { p.hint { (text) } } };
        };
        let (ceremony, field, failed) = match self.ceremony {
            Ceremony::Create => ("create", CREDENTIAL, "passkey-not-made"),
            Ceremony::Get => ("get", ASSERTION, "passkey-not-used"),
        };
        let (here, at) = match self.options {
            Options::Here(options) => (Some(options), None),
            Options::At(path) => (None, Some(path)),
        };
        // The form comes last, so that it has no margin at the end of a card.
        html! {
            script src="/account/passkeys.js" defer {}
            @if !self.is_conditional { noscript { p.hint { (visitor.text("passkey-no-script")) } } }
            form.stack method="post" action=(self.action) hidden data-passkey=(ceremony)
                data-origins=(origins) data-elsewhere=[elsewhere]
                data-options=[here] data-options-from=[at] data-conditional[self.is_conditional]
                data-known=(visitor.text("passkey-known")) data-failed=(visitor.text(failed))
                data-unsupported=(visitor.text("passkey-unsupported"))
            {
                (csrf(visitor))
                input type="hidden" name=(field) data-answer;
                (content)
            }
        }
    }
}

/// 200 with an answer of the API, for the script.
pub(crate) fn json_for_script(answer: &Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body().clone()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

//! Forms and their fields.

use maud::{Markup, Render, html};

use crate::api::Refusal;
use crate::browser::{CSRF_FIELD, Visitor};

/// The hidden field that every form needs.
pub(crate) fn csrf(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name=(CSRF_FIELD) value=(visitor.csrf_token()); }
}

/// A form that is sent to a path of ours.
pub(crate) fn post(visitor: &Visitor, action: &str, content: &Markup) -> Markup {
    html! {
        form.stack method="post" action=(action) {
            (csrf(visitor))
            (content)
        }
    }
}

/// A field with its label, its hint and its faults.
///
/// The label, the hint and the faults belong to the field for screen readers, too (`aria-describedby`, `aria-invalid`).
#[derive(Debug)]
pub(crate) struct Input<'a> {
    visitor: &'a Visitor,
    kind: &'static str,
    name: &'a str,
    label: String,
    value: String,
    hint: Option<String>,
    autocomplete: Option<&'static str>,
    is_required: bool,
    /// The faults, as rests of sentences in English.
    faults: Vec<String>,
}

impl<'a> Input<'a> {
    /// A field of a kind such as `text`, `email` or `password`, under the name that the API knows.
    pub(crate) fn new(visitor: &'a Visitor, kind: &'static str, name: &'a str, label: String) -> Self {
        Self {
            visitor,
            kind,
            name,
            label,
            value: String::new(),
            hint: None,
            autocomplete: None,
            is_required: false,
            faults: Vec::new(),
        }
    }

    /// Returns the same field with a value. A password is never shown again.
    pub(crate) fn value(self, value: &str) -> Self {
        if self.kind == "password" { self } else { Self { value: value.to_owned(), ..self } }
    }

    /// Returns the same field with a sentence below its label.
    pub(crate) fn hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// Returns the same field. Browsers may fill it in (HTML, the attribute `autocomplete`).
    pub(crate) fn autocomplete(self, purpose: &'static str) -> Self {
        Self { autocomplete: Some(purpose), ..self }
    }

    /// Returns the same field, which must not be empty.
    pub(crate) fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// Returns the same field with the faults that a refusal names at this place, such as `/email`.
    pub(crate) fn faults(self, refusal: Option<&Refusal>, pointer: &str) -> Self {
        let faults = refusal.iter().flat_map(|refusal| refusal.faults_of(pointer));
        Self { faults: faults.map(|fault| fault.message.clone()).collect(), ..self }
    }
}

impl Render for Input<'_> {
    fn render(&self) -> Markup {
        let Self { visitor, kind, name, label, value, hint, autocomplete, is_required, faults } = self;
        let is_broken = !faults.is_empty();
        let hint_id = hint.as_ref().map(|_| format!("{name}-hint"));
        let faults_id = is_broken.then(|| format!("{name}-faults"));
        let described: Vec<&str> = [&hint_id, &faults_id].into_iter().flatten().map(String::as_str).collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        html! {
            div.field {
                label for=(name) {
                    (label)
                    @if !is_required { " " span.optional { (visitor.text("field-optional")) } }
                }
                @if let Some(hint) = hint { p.hint id=[hint_id] { (hint) } }
                input id=(name) name=(name) type=(kind) value=[(*kind != "password").then_some(value)]
                    autocomplete=[*autocomplete] required[*is_required]
                    aria-invalid=[is_broken.then_some("true")] aria-describedby=[described];
                (faults_of(visitor, faults_id.as_deref(), faults))
            }
        }
    }
}

/// The faults of a field below it. The API words them in English.
fn faults_of(visitor: &Visitor, id: Option<&str>, faults: &[String]) -> Markup {
    html! {
        @if !faults.is_empty() {
            ul.faults id=[id] {
                @for fault in faults {
                    li lang="en" { (visitor.text_with("fault-field", &[("message", fault.as_str().into())])) }
                }
            }
        }
    }
}

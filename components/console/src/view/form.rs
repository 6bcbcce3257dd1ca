//! Forms and their fields.

use maud::{Markup, Render, html};

use crate::api::{Fault, Refusal};
use crate::browser::{CSRF_FIELD, Visitor};
use crate::rules;

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
/// Screen readers connect the hint and the faults with the field, too (`aria-describedby`, `aria-invalid`).
#[derive(Debug)]
pub(crate) struct Input<'a> {
    visitor: &'a Visitor,
    kind: &'static str,
    id: &'a str,
    name: &'a str,
    label: String,
    value: String,
    hint: Option<String>,
    autocomplete: Option<&'static str>,
    is_required: bool,
    /// The parameter of the fragment with which the script fills in the field.
    fragment: Option<&'static str>,
    note: Option<String>,
    faults: Faults,
}

impl<'a> Input<'a> {
    /// A field of a kind such as `text`, `email` or `password`, with the name that the API uses. The kind `lines` is for several lines, and
    /// `code` for digits that are typed as they are shown elsewhere.
    pub(crate) fn new(visitor: &'a Visitor, kind: &'static str, name: &'a str, label: String) -> Self {
        Self {
            visitor,
            kind,
            id: name,
            name,
            label,
            value: String::new(),
            hint: None,
            autocomplete: None,
            is_required: false,
            fragment: None,
            note: None,
            faults: Faults::default(),
        }
    }

    /// Returns the same field with an id of its own, for a page that has several fields of the name.
    pub(crate) fn id(self, id: &'a str) -> Self {
        Self { id, ..self }
    }

    /// Returns the same field with a value. A password is never sent back.
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

    /// Returns the same field. The script fills it in from this parameter of the address's fragment, and hides it.
    pub(crate) fn fragment(self, parameter: &'static str) -> Self {
        Self { fragment: Some(parameter), ..self }
    }

    /// Returns the same field with a sentence below it.
    pub(crate) fn note(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }

    /// Returns the same field with the faults that a refusal names at this place, such as `/email`.
    pub(crate) fn faults(self, refusal: Option<&Refusal>, pointer: &str) -> Self {
        Self { faults: Faults::of(self.visitor, refusal, pointer), ..self }
    }

    /// The ids of the hint, the note and the faults, which describe the field to screen readers.
    fn described(&self) -> Option<String> {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        let note = self.note.as_ref().map(|_| format!("{}-note", self.id));
        let ids: Vec<String> = [hint, note, self.faults.id(self.id)].into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn control(&self) -> Markup {
        let Self { kind, id, name, value, autocomplete, is_required, fragment, faults, .. } = self;
        let described = self.described();
        // Browsers want ASCII before the @ of a field of the type `email` (HTML, section 4.10.5.1.5). People have addresses of any script
        // (RFC 6531).
        let keyboard = match *kind {
            "email" => Some("email"),
            "code" => Some("numeric"),
            _ => None,
        };
        html! {
            @if *kind == "lines" {
                textarea id=(id) name=(name) rows="5" required[*is_required]
                    aria-invalid=[faults.invalid()] aria-describedby=[described] { (value) }
            } @else {
                input id=(id) name=(name) type=(if keyboard.is_some() { "text" } else { *kind })
                    inputmode=[keyboard] autocapitalize=[keyboard.map(|_| "none")]
                    spellcheck=[keyboard.map(|_| "false")]
                    value=[(*kind != "password").then_some(value)] autocomplete=[*autocomplete]
                    required[*is_required] data-fragment=[*fragment]
                    aria-invalid=[faults.invalid()] aria-describedby=[described];
            }
        }
    }
}

impl Render for Input<'_> {
    fn render(&self) -> Markup {
        let Self { visitor, id, label, hint, note, is_required, faults, .. } = self;
        html! {
            div.field {
                label for=(id) {
                    (label)
                    @if !is_required { " " span.optional { (visitor.text("field-optional")) } }
                }
                @if let Some(hint) = hint { p.hint id={ (id) "-hint" } { (hint) } }
                (self.control())
                @if let Some(note) = note { p.hint id={ (id) "-note" } { (note) } }
                (faults.below(id))
            }
        }
    }
}

/// A check box that shows the password in the field with this id. It needs the script, and is hidden without it.
pub(crate) fn reveal(visitor: &Visitor, id: &str) -> Markup {
    html! {
        label.choice data-script {
            input type="checkbox" data-reveal=(id);
            span { (visitor.text("password-show")) }
        }
    }
}

/// The faults of a field, in the words of the page.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Markup>);

impl Faults {
    /// The faults that a refusal names at a place, such as `/email`, and below it.
    pub(super) fn of(visitor: &Visitor, refusal: Option<&Refusal>, pointer: &str) -> Self {
        let faults = refusal.iter().flat_map(|refusal| refusal.faults_of(pointer));
        Self(faults.map(|fault| sentence(visitor, fault)).collect())
    }

    /// The id of the list of faults of a field. `None` when there are none.
    pub(super) fn id(&self, name: &str) -> Option<String> {
        self.invalid().map(|_| format!("{name}-faults"))
    }

    /// The value of `aria-invalid`.
    pub(super) fn invalid(&self) -> Option<&'static str> {
        (!self.0.is_empty()).then_some("true")
    }

    /// The list below the field.
    pub(super) fn below(&self, name: &str) -> Markup {
        html! {
            @if let Some(id) = self.id(name) {
                ul.faults id=(id) { @for fault in &self.0 { li { (fault) } } }
            }
        }
    }
}

/// A fault in the language of the page, if the catalogue knows its rule. Otherwise in the API's own words, in English.
fn sentence(visitor: &Visitor, fault: &Fault) -> Markup {
    let known = rules::words(&fault.message)
        .and_then(|(key, what)| visitor.find_text(key, &[("what", what.unwrap_or_default().into())]));
    match known {
        Some(text) => html! { (text) },
        None => html! {
            span lang="en" { (visitor.text_with("fault-field", &[("message", fault.message.as_str().into())])) }
        },
    }
}

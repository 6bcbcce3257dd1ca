//! Fields with a choice: check boxes, radio buttons, lists.

use maud::{Markup, Render, html};

use super::form::Faults;
use crate::api::Refusal;
use crate::browser::Visitor;

/// A check box with its label beside it.
#[derive(Debug)]
pub(crate) struct CheckBox<'a> {
    visitor: &'a Visitor,
    name: &'a str,
    value: &'a str,
    label: String,
    is_checked: bool,
    is_required: bool,
    faults: Faults,
}

impl<'a> CheckBox<'a> {
    /// A box that sends this value when it is ticked.
    pub(crate) fn new(visitor: &'a Visitor, name: &'a str, value: &'a str, label: String) -> Self {
        let faults = Faults::default();
        Self { visitor, name, value, label, is_checked: false, is_required: false, faults }
    }

    /// Returns the same box, ticked or not.
    pub(crate) fn checked(self, is_checked: bool) -> Self {
        Self { is_checked, ..self }
    }

    /// Returns the same box, which must be ticked.
    pub(crate) fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// Returns the same box with the faults that a refusal names at this place.
    pub(crate) fn faults(self, refusal: Option<&Refusal>, pointer: &str) -> Self {
        Self { faults: Faults::of(self.visitor, refusal, pointer), ..self }
    }
}

impl Render for CheckBox<'_> {
    fn render(&self) -> Markup {
        let Self { name, value, label, is_checked, is_required, faults, .. } = self;
        let faults_id = faults.id(name);
        html! {
            label.choice {
                input type="checkbox" name=(name) value=(value) checked[*is_checked] required[*is_required]
                    aria-invalid=[faults.invalid()] aria-describedby=[faults_id.as_deref()];
                span { (label) }
            }
            (faults.below(name))
        }
    }
}

/// A radio button with its label beside it. The buttons of a group share a `fieldset`.
pub(crate) fn radio(name: &str, value: &str, label: &str, is_chosen: bool) -> Markup {
    html! {
        label.choice {
            input type="radio" name=(name) value=(value) checked[is_chosen];
            span { (label) }
        }
    }
}

/// A list from which one entry is chosen.
#[derive(Debug)]
pub(crate) struct Select<'a> {
    visitor: &'a Visitor,
    name: &'a str,
    label: String,
    chosen: String,
    /// The values and their texts.
    options: Vec<(String, String)>,
    faults: Faults,
}

impl<'a> Select<'a> {
    /// A list in which the entry with this value is chosen.
    pub(crate) fn new(visitor: &'a Visitor, name: &'a str, label: String, chosen: &str) -> Self {
        Self {
            visitor,
            name,
            label,
            chosen: chosen.to_owned(),
            options: Vec::new(),
            faults: Faults::default(),
        }
    }

    /// Returns the same list with one more entry.
    pub(crate) fn option(mut self, value: &str, text: &str) -> Self {
        self.options.push((value.to_owned(), text.to_owned()));
        self
    }

    /// Returns the same list with the faults that a refusal names at this place.
    pub(crate) fn faults(self, refusal: Option<&Refusal>, pointer: &str) -> Self {
        Self { faults: Faults::of(self.visitor, refusal, pointer), ..self }
    }
}

impl Render for Select<'_> {
    fn render(&self) -> Markup {
        let Self { name, label, chosen, options, faults, .. } = self;
        let faults_id = faults.id(name);
        html! {
            div.field {
                label for=(name) { (label) }
                select id=(name) name=(name) aria-invalid=[faults.invalid()] aria-describedby=[faults_id.as_deref()] {
                    @for (value, text) in options { option value=(value) selected[value == chosen] { (text) } }
                }
                (faults.below(name))
            }
        }
    }
}

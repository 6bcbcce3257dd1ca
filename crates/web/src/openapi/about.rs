//! The words about an operation: what its types cannot tell.

use serde_json::Value;

use crate::Code;

/// The words about an operation. They stand beside its handler, and the table of routes attaches them to a method and a path.
#[derive(Debug, Clone)]
#[cfg_attr(target_family = "wasm", expect(dead_code, reason = "a component does not describe itself"))]
pub struct About {
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) answer: &'static str,
    pub(super) problems: Vec<Code>,
    pub(super) next: Vec<Next>,
    pub(super) example: Option<Value>,
    pub(super) form_example: Option<Value>,
    pub(super) media_type: Option<&'static str>,
}

/// An operation that takes the `id` of this one's answer.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(target_family = "wasm", expect(dead_code, reason = "a component does not describe itself"))]
pub(super) struct Next {
    pub(super) operation: &'static str,
    pub(super) parameter: &'static str,
}

impl About {
    /// An operation with its name in generated clients, such as `listUsers`, a summary of a few words, and what a successful
    /// answer holds.
    #[must_use]
    pub const fn new(id: &'static str, summary: &'static str, answer: &'static str) -> Self {
        Self {
            id,
            summary,
            description: "",
            answer,
            problems: Vec::new(),
            next: Vec::new(),
            example: None,
            form_example: None,
            media_type: None,
        }
    }

    /// Adds a description in Markdown.
    #[must_use]
    pub fn text(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// Adds problems that the operation itself finds.
    #[must_use]
    pub fn problems(mut self, problems: impl IntoIterator<Item = Code>) -> Self {
        self.problems.extend(problems);
        self
    }

    /// Adds links to operations that take the `id` of the answer as this parameter.
    #[must_use]
    pub fn leads_to(mut self, operations: &[&'static str], parameter: &'static str) -> Self {
        self.next.extend(operations.iter().map(|operation| Next { operation, parameter }));
        self
    }

    /// Adds an answer of this media type, beside the one in JSON if there is one.
    #[must_use]
    pub fn media_type(self, media_type: &'static str) -> Self {
        Self { media_type: Some(media_type), ..self }
    }

    /// Adds an example of the request body.
    #[must_use]
    pub fn example(self, body: Value) -> Self {
        Self { example: Some(body), ..self }
    }

    /// Adds an example of the form, for an operation that also reads JSON.
    #[must_use]
    pub fn form_example(self, form: Value) -> Self {
        Self { form_example: Some(form), ..self }
    }
}

//! The description of an operation, beyond its types.

use serde_json::Value;

use crate::Code;

/// The description of an operation. It stands beside the operation's handler. The table of routes attaches the description to a
/// method and a path.
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

/// A link to an operation that takes the `id` from this operation's answer.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(target_family = "wasm", expect(dead_code, reason = "a component does not describe itself"))]
pub(super) struct Next {
    pub(super) operation: &'static str,
    pub(super) parameter: &'static str,
}

impl About {
    /// Creates a description from the operation's name in generated clients, such as `listUsers`, a summary of a few words, and a
    /// description of the successful answer.
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

    /// Adds an answer of this media type. An answer in JSON stays.
    #[must_use]
    pub fn media_type(self, media_type: &'static str) -> Self {
        Self { media_type: Some(media_type), ..self }
    }

    /// Adds an example of the request body.
    #[must_use]
    pub fn example(self, body: Value) -> Self {
        Self { example: Some(body), ..self }
    }

    /// Adds an example of the form, for an operation that reads JSON and forms.
    #[must_use]
    pub fn form_example(self, form: Value) -> Self {
        Self { form_example: Some(form), ..self }
    }
}

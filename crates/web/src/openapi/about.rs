//! What a component says of a route beside what its types tell.

use serde_json::Value;

use crate::Code;

/// What is said of a route.
#[derive(Debug, Clone)]
pub struct About {
    pub(super) route: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) answer: &'static str,
    pub(super) problems: Vec<Code>,
    pub(super) next: Vec<Next>,
    pub(super) example: Option<Value>,
    pub(super) media_type: Option<&'static str>,
}

/// An operation that the `id` of a good answer leads to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Next {
    pub(super) operation: &'static str,
    pub(super) parameter: &'static str,
}

/// A route, such as `GET /users`, with a name for generated clients, such as `listUsers`, what it does in a few words, and
/// what a good answer is.
#[must_use]
pub fn about(route: &'static str, id: &'static str, summary: &'static str, answer: &'static str) -> About {
    About {
        route,
        id,
        summary,
        description: "",
        answer,
        problems: Vec::new(),
        next: Vec::new(),
        example: None,
        media_type: None,
    }
}

impl About {
    /// With more to know, in Markdown.
    #[must_use]
    pub fn text(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// With problems that the operation itself finds.
    #[must_use]
    pub fn problems(mut self, problems: impl IntoIterator<Item = Code>) -> Self {
        self.problems.extend(problems);
        self
    }

    /// With operations that take the `id` of a good answer as this parameter.
    #[must_use]
    pub fn leads_to(mut self, operations: &[&'static str], parameter: &'static str) -> Self {
        self.next.extend(operations.iter().map(|operation| Next { operation, parameter }));
        self
    }

    /// With a good answer of this media type, whether there is one in JSON or not.
    #[must_use]
    pub fn media_type(self, media_type: &'static str) -> Self {
        Self { media_type: Some(media_type), ..self }
    }

    /// With a body as somebody would send it.
    #[must_use]
    pub fn example(self, body: Value) -> Self {
        Self { example: Some(body), ..self }
    }
}

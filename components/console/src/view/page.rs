//! A page, before it gets its frame.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::Markup;

/// The title and the content of a page. The surface puts the frame around it: navigation, messages and the like.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(super) title: String,
    pub(super) content: Markup,
    pub(super) tells: &'static [&'static str],
    status: StatusCode,
}

impl Page {
    /// A page with status 200. The title is also its heading.
    pub(crate) fn new(title: impl Into<String>, content: Markup) -> Self {
        Self { title: title.into(), content, tells: &[], status: StatusCode::OK }
    }

    /// Returns the same page with another status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Returns the same page. It shows the text `done-<key>` when its address has `?done=<key>` with one of these keys.
    pub(crate) fn telling(self, keys: &'static [&'static str]) -> Self {
        Self { tells: keys, ..self }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

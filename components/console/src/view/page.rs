//! A page, before it gets its frame.

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::Markup;

use crate::api::Refusal;

/// The title and the content of a page. The surface puts the frame around it: navigation, messages and the like.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(super) title: String,
    pub(super) content: Markup,
    pub(super) tells: &'static [&'static str],
    status: StatusCode,
    /// When to try again, in seconds.
    retry_after: Option<u64>,
}

impl Page {
    /// A page with status 200. The title is also its heading.
    pub(crate) fn new(title: impl Into<String>, content: Markup) -> Self {
        Self { title: title.into(), content, tells: &[], status: StatusCode::OK, retry_after: None }
    }

    /// Returns the same page with another status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Returns the same page with the status of a refusal, and the time after which to try again.
    pub(crate) fn with_refusal(self, refusal: &Refusal) -> Self {
        Self { status: refusal.status(), retry_after: refusal.retry_after(), ..self }
    }

    /// Returns the same page. It shows the text `done-<key>` when its address has `?done=<key>` with one of these keys.
    pub(crate) fn telling(self, keys: &'static [&'static str]) -> Self {
        Self { tells: keys, ..self }
    }

    /// Adds the headers of the page to those of its answer.
    pub(crate) fn add_headers(&self, headers: &mut HeaderMap) {
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        self.add_headers(response.headers_mut());
        response.extensions_mut().insert(self);
        response
    }
}

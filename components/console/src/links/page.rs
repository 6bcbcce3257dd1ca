//! A page in several languages.

use std::future::{Ready, ready};

use users_web::openapi::{Describe, Operation, constant, etag};
use users_web::{Asset, Coding, IfNoneMatch, IntoResponse, Response, Served, StatusCode};

use crate::language::Language;

/// The same page in each language.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) english: Asset,
    pub(crate) german: Asset,
}

impl Page {
    fn in_language(&self, language: Language) -> &Asset {
        match language {
            Language::English => &self.english,
            Language::German => &self.german,
        }
    }
}

/// The handler of a page's route.
pub(crate) fn page(
    page: &'static Page,
) -> impl Fn(Language, Coding, IfNoneMatch) -> Ready<ServedPage> + Clone + Send + Sync + 'static {
    move |language, coding, known| ready(ServedPage(Served::new(page.in_language(language), coding, known)))
}

/// The answer: 200 with the page in the reader's language, or 304 when the browser has it.
#[derive(Debug)]
pub(crate) struct ServedPage(Served);

impl IntoResponse for ServedPage {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl Describe for ServedPage {
    fn describe(operation: &mut Operation) {
        operation.answers(StatusCode::OK);
        operation.answer_header("ETag", "The version, for `If-None-Match`.", &etag());
        let vary = constant("Accept-Encoding, Accept-Language");
        operation.answer_header("Vary", "The answer depends on these headers.", &vary);
    }
}

//! A refusal in words.

use axum::http::StatusCode;
use maud::{Markup, html};

use super::page::Page;
use crate::api::Refusal;
use crate::browser::Visitor;
use crate::{account, console};

/// A refusal in the language of the page, if the catalogue knows its code. Otherwise the API's own sentence, in English.
pub(crate) fn words(visitor: &Visitor, refusal: &Refusal) -> Markup {
    let key = format!("error-{}", refusal.code().replace('_', "-"));
    let minutes = refusal.retry_after().unwrap_or(60).div_ceil(60).max(1);
    match visitor.find_text(&key, &[("minutes", minutes.into())]) {
        Some(text) => html! { (text) },
        None if refusal.detail().is_empty() => html! { (visitor.text("error-internal-error")) },
        None => html! { span lang="en" { (refusal.detail()) } },
    }
}

/// The message above a form that was refused. Screen readers read it out.
pub(crate) fn alert(visitor: &Visitor, refusal: Option<&Refusal>) -> Markup {
    html! {
        @if let Some(refusal) = refusal {
            p.alert role="alert" { (words(visitor, refusal)) }
        }
    }
}

/// The answer to a form that the API refused: its page again, or the page of the refusal.
pub(crate) type Again = Result<Page, Refusal>;

/// The page of a refused form, with the status of the refusal. If the page cannot be shown, the refusal itself. If the session has ended,
/// a refusal that leads to the form for signing in.
pub(crate) fn again(refusal: &Refusal, page: Result<Page, Refusal>) -> Again {
    match page {
        Ok(page) if refusal.status() != StatusCode::UNAUTHORIZED => Ok(page.with_refusal(refusal)),
        Err(ended) if ended.status() == StatusCode::UNAUTHORIZED => Err(ended),
        _ => Err(refusal.clone()),
    }
}

/// The page of a refusal that no form shows.
pub(crate) fn refused(visitor: &Visitor, refusal: &Refusal) -> Page {
    let title = match refusal.status() {
        StatusCode::FORBIDDEN => visitor.text("error-title-forbidden"),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => visitor.text("error-title-not-found"),
        StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => visitor.text("error-title-conflict"),
        StatusCode::TOO_MANY_REQUESTS => visitor.text("error-title-too-many"),
        status if status.is_client_error() => visitor.text("error-title-bad-request"),
        StatusCode::INTERNAL_SERVER_ERROR => visitor.text("error-title-other"),
        _ => visitor.text("error-title-unavailable"),
    };
    let request = visitor.context().request_id();
    let content = html! {
        p.alert { (words(visitor, refusal)) }
        @for fault in refusal.faults() { p lang="en" { code { (fault.pointer) } " " (fault.message) } }
        (way_back(visitor, refusal))
        p.quiet { (visitor.text_with("request-id", &[("id", request.into())])) }
    };
    Page::new(title, content).with_refusal(refusal)
}

/// The link to the start of the area. People who may not enter the administration are led to their account.
fn way_back(visitor: &Visitor, refusal: &Refusal) -> Markup {
    let is_console = visitor.path().starts_with(console::ROOT) && refusal.status() != StatusCode::FORBIDDEN;
    html! {
        p {
            @if is_console { a href=(console::ROOT) { (visitor.text("error-back-console")) } }
            @else { a href=(account::ROOT) { (visitor.text("error-back")) } }
        }
    }
}

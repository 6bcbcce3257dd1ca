//! A refusal in words.

use axum::http::StatusCode;
use maud::{Markup, html};

use super::page::Page;
use crate::api::Refusal;
use crate::browser::Visitor;

/// A refusal in words, in the language of the page where the catalogue knows its code. Otherwise it is the sentence of the API, in English.
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

/// The page of a refusal that no form shows.
pub(crate) fn refused(visitor: &Visitor, refusal: &Refusal) -> Page {
    let title = match refusal.status() {
        StatusCode::FORBIDDEN => visitor.text("error-title-forbidden"),
        StatusCode::NOT_FOUND => visitor.text("error-title-not-found"),
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
        p { a href="/account" { (visitor.text("error-back")) } }
        p.quiet { (visitor.text_with("request-id", &[("id", request.into())])) }
    };
    Page::new(title, content).with_refusal(refusal)
}

//! The way through a list that takes several pages.

use maud::{Markup, html};

use crate::browser::Visitor;

/// The links to the first and to the next page of a list. Nothing if there is only one page.
pub(crate) fn pager(visitor: &Visitor, first: Option<&str>, next: Option<&str>) -> Markup {
    html! {
        @if first.is_some() || next.is_some() {
            nav.pager aria-label=(visitor.text("console-pages-label")) {
                @if let Some(first) = first { a.button.quiet href=(first) { (visitor.text("console-pages-first")) } }
                @if let Some(next) = next { a.button.quiet rel="next" href=(next) { (visitor.text("console-pages-next")) } }
            }
        }
    }
}

//! The frame of every page.

use maud::{DOCTYPE, Markup, html};

use super::form::csrf;
use super::navigation::navigation;
use super::page::Page;
use crate::browser::Visitor;

/// A whole page.
pub(crate) fn framed(visitor: &Visitor, page: &Page) -> Markup {
    let person = visitor.account();
    let theme = person.and_then(|account| account.theme());
    html! {
        (DOCTYPE)
        html lang=(visitor.language().tag()) data-theme=[theme] data-cancel=(visitor.text("dialog-cancel")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (page.title) " · " (visitor.text("brand")) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/account/console.css";
                script src="/account/console.js" defer {}
            }
            body {
                a.skip href="#content" { (visitor.text("skip-to-content")) }
                header.top {
                    a.brand href="/account" { (visitor.text("brand")) }
                    @if let Some(account) = person {
                        form.sign-out method="post" action="/account/sign-out" {
                            (csrf(visitor))
                            span.who { (visitor.text_with("signed-in-as", &[("email", account.email.as_str().into())])) }
                            button.quiet { (visitor.text("sign-out")) }
                        }
                    }
                }
                @if let Some(account) = person { (navigation(visitor, account)) }
                main id="content" tabindex="-1" {
                    h1 { (page.title) }
                    (done(visitor, page))
                    (page.content)
                }
            }
        }
    }
}

/// The message about the change before this page. It shows only keys that the page itself names, because anybody can write a link.
fn done(visitor: &Visitor, page: &Page) -> Markup {
    let key = page.tells.iter().find(|key| **key == visitor.query().value("done"));
    let text = key.and_then(|key| visitor.find_text(&format!("done-{key}"), &[]));
    html! {
        @if let Some(text) = text { p.notice role="status" { (text) } }
    }
}

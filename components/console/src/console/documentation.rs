//! `GET /console/api`: links to the documentation of the API, for people who write programs.

use axum::extract::State;
use maud::{Markup, html};

use crate::browser::{Administrator, Visitor};
use crate::state::Console;
use crate::view::Page;

/// The path of the page.
pub(crate) const PATH: &str = "/console/api";

/// 200 with the page.
pub(crate) async fn show(
    State(console): State<Console>,
    Administrator { visitor, .. }: Administrator,
) -> Page {
    let url = console.settings().public_url().as_str();
    let content = html! {
        p { (visitor.text("api-introduction")) }
        div.cards {
            (card(&visitor.text("api-read-title"), &visitor.text("api-read-text"), &[
                ("/docs", visitor.text("api-swagger")),
                ("/redoc", visitor.text("api-redoc")),
                ("/openapi.json", visitor.text("api-openapi")),
            ]))
            (card(&visitor.text("api-verify-title"), &visitor.text("api-verify-text"), &[
                ("/.well-known/oauth-authorization-server", visitor.text("api-metadata")),
                ("/.well-known/jwks.json", visitor.text("api-keys")),
            ]))
            (card(&visitor.text("api-health-title"), &visitor.text("api-health-text"), &[
                ("/healthz", visitor.text("api-healthz")),
                ("/readyz", visitor.text("api-readyz")),
            ]))
        }
        (example(&visitor, url))
    };
    Page::new(visitor.text("api-title"), content)
}

fn card(title: &str, text: &str, links: &[(&str, String)]) -> Markup {
    html! {
        section.card {
            h2 { (title) }
            p { (text) }
            ul {
                @for (path, name) in links { li { a href=(path) { (name) } " " code.muted { (path) } } }
            }
        }
    }
}

/// How a program calls the API with a key.
fn example(visitor: &Visitor, url: &str) -> Markup {
    html! {
        section.card {
            h2 { (visitor.text("api-call-title")) }
            p { (visitor.text("api-call-text")) }
            pre tabindex="0" { code { "curl " (url) "/auth/me \\\n  -H 'Authorization: Bearer uk_…'" } }
        }
    }
}

//! `GET` and `POST /account/export`: everything that is kept about a person, as a file.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use maud::html;

use super::confirm::CONFIRMED;
use crate::api::{Call, Refusal};
use crate::browser::SignedIn;
use crate::state::Console;
use crate::view::{Page, post};

/// The largest export: 8 MiB. An account with some devices has megabytes, because every renewal of a session is in it for 30 days.
const MAX_EXPORT_BYTES: usize = 8 * 1024 * 1024;

/// The header for a file to which the API gives no name.
const ATTACHMENT: HeaderValue = HeaderValue::from_static("attachment; filename=\"account.json\"");

/// 200 with the page.
pub(crate) async fn show(SignedIn { visitor, .. }: SignedIn) -> Page {
    let button = html! { div.actions { button { (visitor.text("export-submit")) } } };
    let content = html! {
        div.card {
            p { (visitor.text("export-intro")) }
            p.muted { (visitor.text("export-withheld")) }
            (post(&visitor, "/account/export", &button))
        }
        div.card.danger {
            h2 { (visitor.text("delete-title")) }
            p { (visitor.text("delete-intro")) }
            div.actions { a.button.quiet.danger href="/account/delete" { (visitor.text("delete-title")) } }
        }
    };
    Page::new(visitor.text("export-title"), content).telling(&[CONFIRMED])
}

/// 200 with the file, which the browser saves (RFC 6266).
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, .. }: SignedIn,
) -> Result<Response, Refusal> {
    let call = Call::get("/auth/export").expecting(MAX_EXPORT_BYTES);
    let export = console.api().send(&visitor, call).await?;
    let name = export.header(CONTENT_DISPOSITION.as_str()).and_then(|it| HeaderValue::from_str(it).ok());
    let mut response = Response::new(Body::from(export.body().clone()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_DISPOSITION, name.unwrap_or(ATTACHMENT));
    Ok(response)
}

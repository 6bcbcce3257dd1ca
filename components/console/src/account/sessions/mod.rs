//! `/account/sessions`: where a person is signed in.

mod device;
pub(crate) mod end;
pub(crate) mod end_others;

use axum::extract::State;
use maud::{Markup, html};
use users_core::{Session, Timestamp};

use self::device::Device;
use super::confirm::CONFIRMED;
use crate::ago::{ago, now};
use crate::api::{Refusal, with_query};
use crate::browser::{SignedIn, Visitor};
use crate::state::Console;
use crate::view::{Again, Page, again, alert, csrf, pager, post};

/// The path of the page.
const PATH: &str = "/account/sessions";

/// The sessions of a page, so that it stays small.
const ROWS: usize = 25;

/// 200 with the page.
pub(crate) async fn show(
    State(console): State<Console>,
    SignedIn { visitor, .. }: SignedIn,
) -> Result<Page, Refusal> {
    let page = page(&console, &visitor, None).await?;
    Ok(page.telling(&["other-session-ended", "other-sessions-ended", CONFIRMED]))
}

/// The page again, with the reason why no session has ended.
async fn refused(console: &Console, visitor: &Visitor, refusal: &Refusal) -> Again {
    again(refusal, page(console, visitor, Some(refusal)).await)
}

async fn page(console: &Console, visitor: &Visitor, refusal: Option<&Refusal>) -> Result<Page, Refusal> {
    let sessions: Option<Vec<Session>> = match console.api().get(visitor, "/auth/sessions").await {
        // Somebody has opened thousands. They can be ended all the same.
        Err(refusal) if refusal.is_too_large() => None,
        outcome => Some(outcome?),
    };
    let has_others =
        sessions.as_ref().is_none_or(|sessions| sessions.iter().any(|session| !session.is_current));
    let content = html! {
        p { (visitor.text("sessions-intro")) }
        (alert(visitor, refusal))
        @match &sessions {
            Some(sessions) => (list(visitor, sessions)),
            None => p.alert.warn { (visitor.text("sessions-too-many")) },
        }
        @if has_others {
            (post(visitor, "/account/sessions/end-others", &html! {
                button.quiet.danger data-confirm=(visitor.text("sessions-end-others-confirm")) {
                    (visitor.text("sessions-end-others"))
                }
            }))
        } @else {
            p.muted { (visitor.text("sessions-only")) }
        }
    };
    Ok(Page::new(visitor.text("sessions-title"), content))
}

/// The sessions of the page, and the way to the others. The API tells all of them at once, the newest first.
fn list(visitor: &Visitor, sessions: &[Session]) -> Markup {
    let after = visitor.query().value("after");
    let before =
        sessions.iter().position(|session| session.id.to_string() == after).map_or(0, |place| place + 1);
    let rest = sessions.get(before..).unwrap_or_default();
    let shown = rest.get(..ROWS).unwrap_or(rest);
    let last = shown.last().filter(|_| shown.len() < rest.len());
    let next = last.map(|session| with_query(PATH, &[("after", &session.id.to_string())]));
    html! {
        (table(visitor, shown, now()))
        (pager(visitor, (before > 0).then_some(PATH), next.as_deref()))
    }
}

fn table(visitor: &Visitor, sessions: &[Session], now: Timestamp) -> Markup {
    html! {
        table.list {
            caption.hidden { (visitor.text("sessions-title")) }
            thead {
                tr {
                    th scope="col" { (visitor.text("sessions-device-column")) }
                    th scope="col" { (visitor.text("sessions-signed-in")) }
                    th scope="col" { (visitor.text("sessions-used")) }
                    th scope="col" { (visitor.text("sessions-address")) }
                    th scope="col" { span.hidden { (visitor.text("sessions-end")) } }
                }
            }
            tbody { @for session in sessions { (row(visitor, session, now)) } }
        }
    }
}

fn row(visitor: &Visitor, session: &Session, now: Timestamp) -> Markup {
    let device = words(visitor, Device::of(session.client.as_deref()));
    html! {
        tr {
            th scope="row" {
                span title=[session.client.as_deref()] { (device) }
                @if session.is_current { " " span.badge.good { (visitor.text("sessions-current")) } }
            }
            td data-label=(visitor.text("sessions-signed-in")) { (ago(visitor, session.created_at, now)) }
            td data-label=(visitor.text("sessions-used")) { (ago(visitor, session.last_used_at, now)) }
            td data-label=(visitor.text("sessions-address")) { (session.address.as_deref().unwrap_or("–")) }
            td { @if !session.is_current { (end_form(visitor, session, &device)) } }
        }
    }
}

fn end_form(visitor: &Visitor, session: &Session, device: &str) -> Markup {
    let label = visitor.text_with("sessions-end-label", &[("device", device.into())]);
    html! {
        form method="post" action={ (PATH) "/" (session.id) "/end" } {
            (csrf(visitor))
            button.quiet aria-label=(label) { (visitor.text("sessions-end")) }
        }
    }
}

/// A device in the words of the page.
fn words(visitor: &Visitor, device: Device<'_>) -> String {
    match device {
        Device::Browser { browser, system } => {
            visitor.text_with("sessions-device", &[("browser", browser.into()), ("system", system.into())])
        }
        Device::Program(name) => name.to_owned(),
        Device::Unknown => visitor.text("sessions-device-unknown"),
    }
}

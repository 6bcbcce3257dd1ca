//! The sessions of the account.

use maud::{Markup, html};
use users_core::Session;

use super::View;
use crate::console::parts::time;

/// The sessions that the page lists. An account may have thousands.
const SESSIONS: usize = 20;

impl View<'_> {
    /// The newest sessions.
    pub(super) fn sessions(&self, sessions: &[Session]) -> Markup {
        let more = sessions.len().saturating_sub(SESSIONS);
        html! {
            section.card {
                h2 { (self.text("admin-account-sessions-title")) }
                @if sessions.is_empty() { p.muted { (self.text("admin-account-sessions-none")) } }
                @else {
                    table.list {
                        thead {
                            tr {
                                th scope="col" { (self.text("admin-account-sessions-client")) }
                                th scope="col" { (self.text("admin-account-sessions-address")) }
                                th scope="col" { (self.text("admin-account-sessions-begun")) }
                                th scope="col" { (self.text("admin-account-sessions-used")) }
                            }
                        }
                        tbody { @for session in sessions.iter().take(SESSIONS) { (self.session(session)) } }
                    }
                    @if more > 0 {
                        p.muted { (self.visitor().text_with("admin-account-sessions-more", &[("count", more.into())])) }
                    }
                }
            }
        }
    }

    fn session(&self, session: &Session) -> Markup {
        let unknown = self.text("admin-account-sessions-unknown");
        html! {
            tr {
                th scope="row" {
                    (session.client.as_deref().unwrap_or(&unknown)) " "
                    @if session.is_current { span.badge.good { (self.text("admin-account-sessions-current")) } }
                }
                td data-label=(self.text("admin-account-sessions-address")) { (session.address.as_deref().unwrap_or(&unknown)) }
                td data-label=(self.text("admin-account-sessions-begun")) { (time(session.created_at)) }
                td data-label=(self.text("admin-account-sessions-used")) { (time(session.last_used_at)) }
            }
        }
    }
}

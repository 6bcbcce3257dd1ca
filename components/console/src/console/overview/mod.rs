//! `GET /console`: the service at a glance.

mod chart;

use axum::extract::State;
use maud::{Markup, html};
use users_core::Statistics;

use self::chart::chart;
use super::numbers::grouped;
use super::parts::visible;
use crate::api::Refusal;
use crate::browser::{Administrator, Visitor};
use crate::state::Console;
use crate::view::Page;

/// The age of an e-mail, in seconds, at which something is wrong: the worker looks for e-mails at least once a minute.
const LATE: i64 = 10 * 60;

/// 200 with the page. People who may not read accounts get it without the figures.
pub(crate) async fn show(
    State(console): State<Console>,
    Administrator { visitor, .. }: Administrator,
) -> Result<Page, Refusal> {
    let statistics = visible(console.api().get::<Statistics>(&visitor, "/users/statistics").await)?;
    let content = html! {
        @if let Some(statistics) = &statistics {
            (figures(&visitor, statistics))
            (logins(&visitor, statistics))
        } @else {
            p.empty { (visitor.text("overview-no-figures")) }
        }
    };
    Ok(Page::new(visitor.text("overview-title"), content))
}

fn figures(visitor: &Visitor, statistics: &Statistics) -> Markup {
    let number = |number| grouped(number, visitor.language());
    let is_late = statistics.oldest_unsent_mail_seconds.is_some_and(|age| age >= LATE);
    html! {
        @if is_late { p.alert.warn { span { (visitor.text("overview-mail-is-late")) } } }
        dl.figures {
            (figure(&visitor.text("overview-accounts"), &html! { a href="/console/accounts" { (number(statistics.accounts)) } }))
            (figure(&visitor.text("overview-new-this-week"), &html! { (number(statistics.new_this_week)) }))
            (figure(&visitor.text("overview-active-sessions"), &html! { (number(statistics.active_sessions)) }))
            (figure(&visitor.text("overview-oldest-mail"), &html! { (age(visitor, statistics.oldest_unsent_mail_seconds)) }))
            (figure(&visitor.text("overview-schema-version"), &html! { (statistics.schema_version) }))
        }
    }
}

fn figure(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

/// The age of an e-mail in the largest unit that it fills.
fn age(visitor: &Visitor, seconds: Option<i64>) -> String {
    let Some(seconds) = seconds else { return visitor.text("overview-no-mail") };
    match seconds {
        ..60 => visitor.text_with("overview-age-seconds", &[("count", seconds.into())]),
        60..3600 => visitor.text_with("overview-age-minutes", &[("count", (seconds / 60).into())]),
        3600..172_800 => visitor.text_with("overview-age-hours", &[("count", (seconds / 3600).into())]),
        _ => visitor.text_with("overview-age-days", &[("count", (seconds / 86_400).into())]),
    }
}

fn logins(visitor: &Visitor, statistics: &Statistics) -> Markup {
    html! {
        section.card {
            h2 id="logins" { (visitor.text("overview-logins-title")) }
            (chart(visitor, &statistics.hours))
        }
    }
}

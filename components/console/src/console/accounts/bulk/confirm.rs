//! `POST /console/accounts/bulk`: says what will happen to the selected accounts. Nothing happens yet.

use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};

use super::{Named, read, words_for};
use crate::api::Refusal;
use crate::browser::{Administrator, Form, Visitor};
use crate::console::accounts::filter::Filter;
use crate::console::accounts::shown::badges;
use crate::console::accounts::{ROOT, list};
use crate::console::parts::confirmation;
use crate::state::Console;
use crate::view::Page;

/// 200 with the question. If no account or no change was selected, 422 with the list.
pub(crate) async fn handle(
    State(console): State<Console>,
    person: Administrator,
    Form(form): Form,
) -> Result<Page, Refusal> {
    let visitor = &person.visitor;
    match read(&console, &person, &form).await {
        Ok(named) => Ok(Page::new(visitor.text("accounts-confirm-title"), question(visitor, &named?))),
        Err(key) => {
            let page = list::page(&console, &person, Some(&visitor.text(key))).await?;
            Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

fn question(visitor: &Visitor, named: &Named) -> Markup {
    let Named { selection, accounts, role } = named;
    let words = selection.change.words();
    let role = role.as_ref().map(|role| role.name.as_str()).unwrap_or_default();
    let values = [("count", accounts.len().into()), ("role", role.into())];
    let filter = Filter::of(visitor.query());
    let explanation = html! {
        p { strong { (visitor.text_with(&words.announcement, &values)) } }
        p { (visitor.text(&words.effect)) }
        h2 { (visitor.text("accounts-confirm-whom")) }
        ul {
            @for (id, user) in accounts {
                li {
                    a href={ "/console/accounts/" (id) } { (words_for(visitor, *id, user.as_ref())) } " "
                    @match user {
                        Some(user) => (badges(visitor, user)),
                        None => (visitor.text("accounts-outcome-missing")),
                    }
                }
            }
        }
    };
    let button = html! {
        input type="hidden" name="action" value=(selection.change.name());
        @if let Some(role) = selection.role { input type="hidden" name="role_id" value=(role); }
        @for id in &selection.accounts { input type="hidden" name="user_ids" value=(id); }
        button { (visitor.text(&words.button)) }
    };
    let action = filter.same("/console/accounts/bulk/apply");
    confirmation(visitor, &explanation, &action, &button, &filter.same(ROOT))
}

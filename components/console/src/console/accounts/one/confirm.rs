//! `GET /console/accounts/{user_id}/{action}`: says what the action does. Nothing happens yet.

use axum::extract::State;
use maud::html;
use users_core::{User, UserId};

use super::action::Action;
use super::path_of;
use crate::api::Refusal;
use crate::browser::{Administrator, Ids, nothing};
use crate::console::accounts::shown::name_of;
use crate::console::parts::{confirmation, require};
use crate::state::Console;
use crate::view::Page;

/// 200 with the question; 404 when there is no such account or no such action, 403 for people who may not take it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Administrator,
    Ids(id, action): Ids<UserId, String>,
) -> Result<Page, Refusal> {
    let action = Action::named(&action).ok_or_else(nothing)?;
    let (resource, right) = action.needed();
    require(&person, resource, right)?;
    let visitor = &person.visitor;
    let user: User = console.api().get(visitor, format!("/users/{id}")).await?;
    let words = action.words();
    let name = name_of(visitor, &user);
    let explanation = html! {
        p { (visitor.text(&words.text)) }
        @if let Some(email) = &user.email { p.muted { (email) } }
    };
    let button = html! {
        button class=[action.is_dangerous().then_some("danger")] { (visitor.text(&words.button)) }
    };
    let path = path_of(id);
    let content = confirmation(visitor, &explanation, &format!("{path}/{}", action.name()), &button, &path);
    Ok(Page::new(visitor.text_with(&words.question, &[("name", name.into())]), content))
}

//! `/console/roles/{role_id}/delete`: explains the deletion, and deletes the role.

use axum::extract::State;
use maud::html;
use users_core::{Role, RoleId};

use super::one;
use crate::api::Refusal;
use crate::browser::{Administrator, Fields, Id, Redirect};
use crate::console::parts::{confirmation, require};
use crate::state::Console;
use crate::view::{Again, Page, again};

/// 200 with the question; 404 when there is no such role, 403 for people who may not change roles.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Administrator,
    Id(id): Id<RoleId>,
) -> Result<Page, Refusal> {
    require(&person, "rbac", "write")?;
    let visitor = &person.visitor;
    let role: Role = console.api().get(visitor, format!("/rbac/roles/{id}")).await?;
    let path = format!("{}/{id}", super::ROOT);
    let content = confirmation(
        visitor,
        &html! { p { (visitor.text("role-delete-text")) } },
        &format!("{path}/delete"),
        &html! { button.danger { (visitor.text("role-delete-button")) } },
        &path,
    );
    Ok(Page::new(visitor.text_with("role-delete-title", &[("name", role.name.into())]), content))
}

/// 303 to the roles. If the API refuses, the page of the role with the reason.
pub(crate) async fn handle(
    State(console): State<Console>,
    person: Administrator,
    Id(id): Id<RoleId>,
) -> Result<Redirect, Again> {
    match console.api().delete(&person.visitor, format!("/rbac/roles/{id}")).await {
        Ok(()) => Ok(Redirect::done(super::ROOT, "role-deleted")),
        Err(refusal) => {
            let page = one::page(&console, &person, id, Some((&Fields::default(), &refusal))).await;
            Err(again(&refusal, page))
        }
    }
}

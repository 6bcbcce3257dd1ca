//! `/console/permissions/{permission_id}/delete`: explains the deletion, and deletes the permission.

use axum::extract::State;
use maud::html;
use users_core::{Permission, PermissionId};

use super::one;
use crate::api::Refusal;
use crate::browser::{Administrator, Fields, Id, Redirect};
use crate::console::parts::{confirmation, require};
use crate::state::Console;
use crate::view::{Again, Page, again};

/// 200 with the question; 404 when there is no such permission, 403 for people who may not change permissions.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Administrator,
    Id(id): Id<PermissionId>,
) -> Result<Page, Refusal> {
    require(&person, "rbac", "write")?;
    let visitor = &person.visitor;
    let permission: Permission = console.api().get(visitor, format!("/rbac/permissions/{id}")).await?;
    let path = format!("{}/{id}", super::ROOT);
    let content = confirmation(
        visitor,
        &html! { p { (visitor.text("permissions-delete-text")) } },
        &format!("{path}/delete"),
        &html! { button.danger { (visitor.text("permissions-delete-button")) } },
        &path,
    );
    Ok(Page::new(visitor.text_with("permissions-delete-title", &[("name", permission.name.into())]), content))
}

/// 303 to the permissions. If the API refuses, the page of the permission with the reason.
pub(crate) async fn handle(
    State(console): State<Console>,
    person: Administrator,
    Id(id): Id<PermissionId>,
) -> Result<Redirect, Again> {
    match console.api().delete(&person.visitor, format!("/rbac/permissions/{id}")).await {
        Ok(()) => Ok(Redirect::done(super::ROOT, "permission-deleted")),
        Err(refusal) => {
            let page = one::page(&console, &person, id, Some((&Fields::default(), &refusal))).await;
            Err(again(&refusal, page))
        }
    }
}

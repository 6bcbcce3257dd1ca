//! `GET /console/permissions/{permission_id}`: one permission.

use axum::extract::State;
use maud::{Markup, html};
use users_core::{Permission, PermissionId};

use super::Shown;
use crate::api::Refusal;
use crate::browser::{Administrator, Fields, Id, Visitor};
use crate::console::parts::form_card;
use crate::state::Console;
use crate::view::{Page, alert};

/// The messages that the page can show about the change before it.
const TELLS: &[&str] = &["permission-saved"];

/// 200 with the page; 404 when there is no such permission, 403 for people who may not read permissions.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Administrator,
    Id(id): Id<PermissionId>,
) -> Result<Page, Refusal> {
    page(&console, &person, id, None).await
}

/// The page. `refused` is a form of it that was refused.
///
/// # Errors
/// The refusal of the API.
pub(super) async fn page(
    console: &Console,
    person: &Administrator,
    id: PermissionId,
    refused: Option<(&Fields, &Refusal)>,
) -> Result<Page, Refusal> {
    let Administrator { visitor, account } = person;
    let permission: Permission = console.api().get(visitor, format!("/rbac/permissions/{id}")).await?;
    let content = html! {
        p {
            code { (permission.resource) ":" (permission.action) } " "
            a href=(super::ROOT) { (visitor.text("permissions-back")) }
        }
        @if let Some(description) = &permission.description { p { (description) } }
        (alert(visitor, refused.map(|(_, refusal)| refusal)))
        @if account.may("rbac", "write") {
            (change(visitor, &permission, refused))
        } @else {
            p.muted { (visitor.text("permissions-readonly")) }
        }
    };
    Ok(Page::new(&*permission.name, content).telling(TELLS))
}

fn change(visitor: &Visitor, permission: &Permission, refused: Option<(&Fields, &Refusal)>) -> Markup {
    let stored = Shown {
        name: &permission.name,
        description: permission.description.as_deref().unwrap_or_default(),
        resource: &permission.resource,
        action: &permission.action,
    };
    let (shown, refusal) = match refused {
        Some((entered, refusal)) if entered.has("name") => (Shown::entered(entered), Some(refusal)),
        _ => (stored, None),
    };
    let path = format!("{}/{}", super::ROOT, permission.id);
    let content = html! {
        (shown.fields(visitor, refusal))
        div.actions {
            button { (visitor.text("permissions-change-button")) }
            a.button.quiet.danger href={ (path) "/delete" } { (visitor.text("permissions-delete")) }
        }
    };
    form_card(visitor, &path, &visitor.text("permissions-change-title"), &content)
}

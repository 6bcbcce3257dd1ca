//! `POST /console/permissions/{permission_id}`: changes the name, the description, the resource and the action.

use axum::extract::State;
use users_core::{Permission, PermissionId};

use super::{change_of, one};
use crate::api::Refusal;
use crate::browser::{Administrator, Fields, Form, Id, Redirect};
use crate::state::Console;
use crate::view::{Again, again};

/// 303 to the permission. If the API refuses, its page again.
pub(crate) async fn handle(
    State(console): State<Console>,
    person: Administrator,
    Id(id): Id<PermissionId>,
    Form(form): Form,
) -> Result<Redirect, Again> {
    match change(&console, &person, id, &form).await {
        Ok(()) => Ok(Redirect::done(format!("{}/{id}", super::ROOT), "permission-saved")),
        Err(refusal) => {
            let page = one::page(&console, &person, id, Some((&form, &refusal))).await;
            Err(again(&refusal, page))
        }
    }
}

async fn change(
    console: &Console,
    person: &Administrator,
    id: PermissionId,
    form: &Fields,
) -> Result<(), Refusal> {
    let path = format!("/rbac/permissions/{id}");
    let permission: Permission = console.api().get(&person.visitor, path.as_str()).await?;
    console.api().put::<Permission>(&person.visitor, path, &change_of(&permission, form)).await.map(drop)
}

//! `POST /console/roles/{role_id}`: changes the name, the description and the mark of a default role.

use axum::extract::State;
use users_core::{Role, RoleId};

use super::{change_of, one};
use crate::api::Refusal;
use crate::browser::{Administrator, Fields, Form, Id, Redirect};
use crate::state::Console;
use crate::view::{Again, again};

/// 303 to the role. If the API refuses, its page again.
pub(crate) async fn handle(
    State(console): State<Console>,
    person: Administrator,
    Id(id): Id<RoleId>,
    Form(form): Form,
) -> Result<Redirect, Again> {
    match change(&console, &person, id, &form).await {
        Ok(()) => Ok(Redirect::done(format!("{}/{id}", super::ROOT), "role-saved")),
        Err(refusal) => {
            let page = one::page(&console, &person, id, Some((&form, &refusal))).await;
            Err(again(&refusal, page))
        }
    }
}

async fn change(console: &Console, person: &Administrator, id: RoleId, form: &Fields) -> Result<(), Refusal> {
    let path = format!("/rbac/roles/{id}");
    let role: Role = console.api().get(&person.visitor, path.as_str()).await?;
    console.api().put::<Role>(&person.visitor, path, &change_of(&role, form)).await.map(drop)
}

//! `POST /console/roles`: a new role, which grants nothing yet.

use axum::extract::State;
use users_core::Role;

use super::{body, list};
use crate::browser::{Administrator, Form, Redirect};
use crate::state::Console;
use crate::view::{Again, again};

/// 303 to the new role. If the API refuses, the list again.
pub(crate) async fn handle(
    State(console): State<Console>,
    person: Administrator,
    Form(form): Form,
) -> Result<Redirect, Again> {
    match console.api().post::<Role>(&person.visitor, "/rbac/roles", &body(&form)).await {
        Ok(role) => Ok(Redirect::done(format!("{}/{}", super::ROOT, role.id), "role-created")),
        Err(refusal) => Err(again(&refusal, list::page(&console, &person, &form, Some(&refusal)).await)),
    }
}

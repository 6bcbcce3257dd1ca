//! `POST /console/permissions`: a new permission, which no role grants yet.

use axum::extract::State;
use users_core::Permission;

use super::{body, matrix};
use crate::browser::{Administrator, Form, Redirect};
use crate::state::Console;
use crate::view::{Again, again};

/// 303 to the permissions. If the API refuses, their page again.
pub(crate) async fn handle(
    State(console): State<Console>,
    person: Administrator,
    Form(form): Form,
) -> Result<Redirect, Again> {
    match console.api().post::<Permission>(&person.visitor, "/rbac/permissions", &body(&form)).await {
        Ok(_) => Ok(Redirect::done(super::ROOT, "permission-created")),
        Err(refusal) => Err(again(&refusal, matrix::page(&console, &person, &form, Some(&refusal)).await)),
    }
}

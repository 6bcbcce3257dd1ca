//! `POST /console/accounts/{user_id}/roles…`: gives a role, and takes it away.

use axum::extract::State;
use serde_json::json;
use users_core::{RoleId, UserId};

use super::{path_of, show};
use crate::api::Call;
use crate::browser::{Administrator, Fields, Form, Id, Ids, Redirect};
use crate::state::Console;
use crate::view::Again;

/// 303 to the account. If the API refuses, its page again.
pub(crate) async fn give(
    State(console): State<Console>,
    person: Administrator,
    Id(user): Id<UserId>,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let roles: Vec<RoleId> = form.values("role_ids").filter_map(|id| id.parse().ok()).collect();
    let call = Call::post(format!("/rbac/users/{user}/roles")).json(&json!({"role_ids": roles}));
    change(&console, &person, user, call, "account-role-given").await
}

/// 303 to the account. If the API refuses, its page again.
pub(crate) async fn take(
    State(console): State<Console>,
    person: Administrator,
    Ids(user, role): Ids<UserId, RoleId>,
) -> Result<Redirect, Again> {
    let call = Call::delete(format!("/rbac/users/{user}/roles/{role}"));
    change(&console, &person, user, call, "account-role-taken").await
}

async fn change(
    console: &Console,
    person: &Administrator,
    user: UserId,
    call: Call,
    done: &str,
) -> Result<Redirect, Again> {
    match console.api().send(&person.visitor, call).await {
        Ok(_) => Ok(Redirect::done(path_of(user), done)),
        Err(refusal) => Err(show::refused(console, person, user, &Fields::default(), &refusal).await),
    }
}

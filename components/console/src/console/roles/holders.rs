//! `POST /console/roles/{role_id}/holders…`: gives the role to an account, and takes it away.
//!
//! For people who may see roles but no accounts.

use axum::extract::State;
use serde_json::json;
use users_core::{RoleId, UserId};

use super::one;
use crate::api::{Call, Refusal};
use crate::browser::{Administrator, Fields, Form, Id, Ids, Redirect, nothing};
use crate::state::Console;
use crate::view::{Again, again};

/// 303 to the role. If the API refuses, or if there is no such account, its page again.
pub(crate) async fn give(
    State(console): State<Console>,
    person: Administrator,
    Id(role): Id<RoleId>,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let outcome = match form.value("user_id").trim().parse::<UserId>() {
        Ok(user) => {
            let call = Call::post(format!("/rbac/users/{user}/roles"));
            console.api().send(&person.visitor, call.json(&json!({"role_ids": [role]}))).await.map(drop)
        }
        Err(_) => Err(nothing()),
    };
    answer(&console, &person, role, &form, outcome, "role-given").await
}

/// 303 to the role. If the API refuses, its page again.
pub(crate) async fn take(
    State(console): State<Console>,
    person: Administrator,
    Ids(role, user): Ids<RoleId, UserId>,
) -> Result<Redirect, Again> {
    let outcome = console.api().delete(&person.visitor, format!("/rbac/users/{user}/roles/{role}")).await;
    answer(&console, &person, role, &Fields::default(), outcome, "role-taken").await
}

async fn answer(
    console: &Console,
    person: &Administrator,
    role: RoleId,
    form: &Fields,
    outcome: Result<(), Refusal>,
    done: &str,
) -> Result<Redirect, Again> {
    match outcome {
        Ok(()) => Ok(Redirect::done(format!("{}/{role}", super::ROOT), done)),
        Err(refusal) => {
            let page = one::page(console, person, role, Some((form, &refusal))).await;
            Err(again(&refusal, page))
        }
    }
}

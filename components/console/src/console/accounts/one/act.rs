//! `POST /console/accounts/{user_id}/{action}`: carries out an action.

use axum::extract::State;
use serde_json::Value;
use users_core::UserId;

use super::action::Action;
use super::{path_of, show};
use crate::api::Call;
use crate::browser::{Administrator, Fields, Ids, Redirect, nothing};
use crate::console::accounts;
use crate::state::Console;
use crate::view::Again;

/// 303 to the account, or after a deletion to the list. If the API refuses, the page of the account with the reason.
pub(crate) async fn handle(
    State(console): State<Console>,
    person: Administrator,
    Ids(id, action): Ids<UserId, String>,
) -> Result<Redirect, Again> {
    let action = Action::named(&action).ok_or_else(|| Err(nothing()))?;
    let (method, path, body) = action.request(id.get());
    let call = Call::new(method, path);
    let call = if body == Value::Null { call } else { call.json(&body) };
    match console.api().send(&person.visitor, call).await {
        Ok(_) if action == Action::Delete => Ok(Redirect::done(accounts::ROOT, action.words().done)),
        Ok(_) => Ok(Redirect::done(path_of(id), action.words().done)),
        Err(refusal) => Err(show::refused(&console, &person, id, &Fields::default(), &refusal).await),
    }
}

//! `POST /account/api-keys/{key_id}/end`: ends a key.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{PATH, again};
use crate::api::Refusal;
use crate::browser::{Fields, Redirect, SignedIn};
use crate::state::Console;

/// 303 back to the list. If the API refuses, as it does for a key that has ended already, the list with a message.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
    Path(key): Path<String>,
) -> Result<Redirect, Response> {
    let outcome = match key.parse::<i64>() {
        Ok(id) => console.api().delete(&visitor, format!("/auth/api-keys/{id}")).await,
        Err(_) => Err(Refusal::new(StatusCode::NOT_FOUND, "not_found")),
    };
    match outcome {
        Ok(()) => Ok(Redirect::done(PATH, "api-key-ended")),
        Err(refusal) => Err(again(&console, &visitor, &account, &Fields::default(), refusal).await),
    }
}

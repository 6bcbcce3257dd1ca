//! `POST /account/api-keys/{key_id}/end`: ends a key.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{PATH, again};
use crate::api::Refusal;
use crate::browser::{Fields, Redirect, SignedIn};
use crate::state::Console;

/// 303 back to the list. The list with a message when the API refuses, such as for a key that has ended already.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
    key: Result<Path<i64>, PathRejection>,
) -> Result<Redirect, Response> {
    let outcome = match key {
        Ok(Path(id)) => console.api().delete(&visitor, format!("/auth/api-keys/{id}")).await,
        Err(_) => Err(Refusal::new(StatusCode::NOT_FOUND, "not_found")),
    };
    match outcome {
        Ok(()) => Ok(Redirect::done(PATH, "api-key-ended")),
        Err(refusal) => Err(again(&console, &visitor, &account, &Fields::default(), refusal).await),
    }
}

//! `POST /account/sessions/{session_id}/end`: ends another session.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{PATH, again};
use crate::api::Refusal;
use crate::browser::{Redirect, SignedIn};
use crate::state::Console;

/// 303 back to the list. The list with a message when the API refuses, such as for a session that has ended already.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, .. }: SignedIn,
    session: Result<Path<i64>, PathRejection>,
) -> Result<Redirect, Response> {
    let outcome = match session {
        Ok(Path(id)) => console.api().delete(&visitor, format!("/auth/sessions/{id}")).await,
        Err(_) => Err(Refusal::new(StatusCode::NOT_FOUND, "not_found")),
    };
    match outcome {
        Ok(()) => Ok(Redirect::done(PATH, "other-session-ended")),
        Err(refusal) => Err(again(&console, &visitor, refusal).await),
    }
}

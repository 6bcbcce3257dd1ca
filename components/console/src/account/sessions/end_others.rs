//! `POST /account/sessions/end-others`: ends all sessions but this one.

use axum::extract::State;
use axum::response::Response;

use super::{PATH, again};
use crate::browser::{Redirect, SignedIn};
use crate::state::Console;

/// 303 back to the list. If the API refuses, the list with a message.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, .. }: SignedIn,
) -> Result<Redirect, Response> {
    match console.api().delete(&visitor, "/auth/sessions").await {
        Ok(()) => Ok(Redirect::done(PATH, "other-sessions-ended")),
        Err(refusal) => Err(again(&console, &visitor, refusal).await),
    }
}

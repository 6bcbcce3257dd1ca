//! `POST /account/sessions/end-others`: ends all sessions but this one.

use axum::extract::State;

use super::{PATH, refused};
use crate::browser::{Redirect, SignedIn};
use crate::state::Console;
use crate::view::Again;

/// 303 back to the list. If the API refuses, the list with a message.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, .. }: SignedIn,
) -> Result<Redirect, Again> {
    match console.api().delete(&visitor, "/auth/sessions").await {
        Ok(()) => Ok(Redirect::done(PATH, "other-sessions-ended")),
        Err(refusal) => Err(refused(&console, &visitor, &refusal).await),
    }
}

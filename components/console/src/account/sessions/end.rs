//! `POST /account/sessions/{session_id}/end`: ends another session.

use axum::extract::State;
use users_core::SessionId;

use super::{PATH, refused};
use crate::api::Refusal;
use crate::browser::{Id, Redirect, SignedIn};
use crate::state::Console;
use crate::view::Again;

/// 303 back to the list. If the API refuses, as it does for a session that has ended already, the list with a message.
pub(crate) async fn handle(
    State(console): State<Console>,
    session: Result<Id<SessionId>, Refusal>,
    SignedIn { visitor, .. }: SignedIn,
) -> Result<Redirect, Again> {
    let outcome = match session {
        Ok(Id(id)) => console.api().delete(&visitor, format!("/auth/sessions/{id}")).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(Redirect::done(PATH, "other-session-ended")),
        Err(refusal) => Err(refused(&console, &visitor, &refusal).await),
    }
}

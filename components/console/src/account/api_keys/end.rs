//! `POST /account/api-keys/{key_id}/end`: ends a key.

use axum::extract::State;
use users_core::ApiKeyId;

use super::{PATH, refused};
use crate::api::Refusal;
use crate::browser::{Fields, Id, Redirect, SignedIn};
use crate::state::Console;
use crate::view::Again;

/// 303 back to the list. If the API refuses, as it does for a key that has ended already, the list with a message.
pub(crate) async fn handle(
    State(console): State<Console>,
    key: Result<Id<ApiKeyId>, Refusal>,
    SignedIn { visitor, account }: SignedIn,
) -> Result<Redirect, Again> {
    let outcome = match key {
        Ok(Id(id)) => console.api().delete(&visitor, format!("/auth/api-keys/{id}")).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(Redirect::done(PATH, "api-key-ended")),
        Err(refusal) => Err(refused(&console, &visitor, &account, &Fields::default(), &refusal).await),
    }
}

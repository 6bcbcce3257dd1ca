//! `POST /account/sign-out`: ends the session of the browser.

use axum::extract::State;

use crate::browser::{Redirect, Visitor, sign_out};
use crate::state::Console;

/// 303 to the form for signing in, which says whether the API has ended the session, too.
pub(crate) async fn handle(State(console): State<Console>, visitor: Visitor) -> Redirect {
    let outcome = sign_out(console.api(), &visitor).await;
    Redirect::done(super::ROOT, if outcome.is_ok() { "signed-out" } else { "signed-out-here" })
}

//! `POST /account/security/verification`: sends the link that confirms the address again.

use axum::extract::State;

use super::{Attempt, Form as Sent, PATH, refused};
use crate::api::Call;
use crate::browser::{Form, Redirect, SignedIn};
use crate::state::Console;
use crate::view::Again;

/// 303 back to the page.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
    Form(form): Form,
) -> Result<Redirect, Again> {
    match console.api().send(&visitor, Call::post("/auth/email/verification")).await {
        Ok(_) => Ok(Redirect::done(PATH, "verification-sent")),
        Err(refusal) => {
            let attempt = Attempt { form: Sent::Verification, sent: &form, refusal: &refusal };
            Err(refused(&console, &visitor, &account, attempt).await)
        }
    }
}

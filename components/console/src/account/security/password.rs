//! `POST /account/security/password`: changes the password.

use axum::extract::State;
use serde_json::json;

use super::{Attempt, Form as Sent, PATH, refused};
use crate::api::Call;
use crate::browser::{Form, Redirect, SignedIn};
use crate::state::Console;
use crate::view::Again;

/// 303 back to the page. This session goes on, and all others of the account have ended. If the API refuses, the form again.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let body = json!({
        "current_password": form.value("current_password"), "new_password": form.value("new_password"),
    });
    match console.api().send(&visitor, Call::put("/auth/password").json(&body)).await {
        Ok(_) => Ok(Redirect::done(PATH, "password-changed")),
        Err(refusal) => {
            let refusal = refusal.beside("wrong_password", "/current_password");
            let attempt = Attempt { form: Sent::Password, sent: &form, refusal: &refusal };
            Err(refused(&console, &visitor, &account, attempt).await)
        }
    }
}

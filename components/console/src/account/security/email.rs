//! `POST /account/security/email`: asks for another address.

use axum::extract::State;
use serde_json::json;

use super::{Attempt, Form as Sent, PATH, refused};
use crate::api::Call;
use crate::browser::{Form, Redirect, SignedIn};
use crate::state::Console;
use crate::view::Again;

/// 303 back to the page, which says that a link went to the new address. If the API refuses, the form again.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let body = json!({ "email": form.value("email"), "password": form.value("password") });
    match console.api().send(&visitor, Call::put("/auth/email").json(&body)).await {
        Ok(_) => Ok(Redirect::done(PATH, "address-asked")),
        Err(refusal) => {
            let refusal = refusal.beside("wrong_password", "/password").beside("email_taken", "/email");
            let attempt = Attempt { form: Sent::Email, sent: &form, refusal: &refusal };
            Err(refused(&console, &visitor, &account, attempt).await)
        }
    }
}

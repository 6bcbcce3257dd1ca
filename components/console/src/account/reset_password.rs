//! `GET` and `POST /account/reset-password`: sets a new password by the link in an e-mail.

use axum::extract::State;
use axum::response::Response;
use maud::html;
use serde_json::json;
use users_web::About;

use super::{link, refused};
use crate::api::{Call, Refusal};
use crate::browser::{Form, Redirect, Visitor, sign_out};
use crate::state::Console;
use crate::view::{Input, Page, alert, post, reveal};

pub(crate) fn about() -> About {
    About::new("getResetPasswordPage", "Page for a new password", "The page.")
        .text(
            "Links in e-mails lead here, with a token in the fragment. The page sends it with the new password to `POST /auth/password/reset`.",
        )
        .media_type("text/html")
}

/// 200 with the form.
pub(crate) async fn show(visitor: Visitor) -> Page {
    page(&visitor, None, None)
}

fn page(visitor: &Visitor, token: Option<&str>, refusal: Option<&Refusal>) -> Page {
    let fields = html! {
        (link::field(visitor, token, refusal))
        (Input::new(visitor, "password", "new_password", visitor.text("reset-password"))
            .autocomplete("new-password").required().hint(visitor.text("password-hint"))
            .faults(refusal, "/new_password"))
        (reveal(visitor, "new_password"))
        div.actions { button { (visitor.text("reset-submit")) } }
    };
    let content = html! {
        p { (visitor.text("reset-intro")) }
        (alert(visitor, refusal))
        @if refusal.is_some_and(|refusal| refusal.is("link_invalid")) {
            p { a href="/account/forgot-password" { (visitor.text("reset-ask-again")) } }
        }
        (post(visitor, "/account/reset-password", &fields))
    };
    Page::new(visitor.text("reset-title"), content)
}

/// 303 to the form for signing in. If the API refuses, the page again; its form keeps a link that still works.
pub(crate) async fn handle(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form,
) -> Result<Redirect, Response> {
    let Some(token) = link::token(form.value("token")) else {
        let refusal = Refusal::broken("/token", "link");
        return Err(refused(page(&visitor, None, Some(&refusal)), refusal));
    };
    let body = json!({ "token": token, "new_password": form.value("new_password") });
    match console.api().send(&visitor, Call::post("/auth/password/reset").json(&body).anonymous()).await {
        Ok(_) => {
            // All sessions of the account have ended. A session of another account in this browser ends here.
            let _ = sign_out(console.api(), &visitor).await;
            Ok(Redirect::done("/account", "password-reset"))
        }
        Err(refusal) => {
            let token = Some(token).filter(|_| !refusal.is("link_invalid"));
            Err(refused(page(&visitor, token, Some(&refusal)), refusal))
        }
    }
}

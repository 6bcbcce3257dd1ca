//! `GET` and `POST /account/verify-email`: confirms an address by the link in an e-mail. Nothing happens before the reader presses the
//! button, because programs that look for dangerous links open them, too.

use axum::extract::State;
use axum::response::Response;
use maud::html;
use serde_json::json;
use users_web::About;

use super::{link, refused};
use crate::api::{Call, Refusal};
use crate::browser::{Form, Redirect, Visitor};
use crate::state::Console;
use crate::view::{Page, alert, post};

pub(crate) fn about() -> About {
    About::new("getVerifyEmailPage", "Page for a verified address", "The page.")
        .text(
            "Links in e-mails lead here, with a token in the fragment. When the reader presses the button, the page sends it to `POST /auth/email/verify`.",
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
        div.actions { button { (visitor.text("verify-submit")) } }
    };
    let content = html! {
        p { (visitor.text("verify-intro")) }
        (alert(visitor, refusal))
        @if refusal.is_some_and(|refusal| refusal.is("link_invalid")) {
            p { a href="/account/security" { (visitor.text("verify-ask-again")) } }
        }
        (post(visitor, "/account/verify-email", &fields))
    };
    Page::new(visitor.text("verify-title"), content)
}

/// 303 to `/account`. If the API refuses, the page again; its form keeps a link that still works.
pub(crate) async fn handle(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form,
) -> Result<Redirect, Response> {
    let Some(token) = link::token(form.value("token")) else {
        let refusal = Refusal::broken("/token", "link");
        return Err(refused(page(&visitor, None, Some(&refusal)), refusal));
    };
    let body = json!({ "token": token });
    match console.api().send(&visitor, Call::post("/auth/email/verify").json(&body).anonymous()).await {
        Ok(_) => Ok(Redirect::done("/account", "address-verified")),
        Err(refusal) => {
            let token = Some(token).filter(|_| !refusal.is("link_invalid"));
            Err(refused(page(&visitor, token, Some(&refusal)), refusal))
        }
    }
}

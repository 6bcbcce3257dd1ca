//! People who administer the service.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::{Account, SignedIn, Visitor};
use crate::api::Refusal;
use crate::state::Console;

/// The visitor, who is signed in and may administer something: an administrator, or a holder of a permission such as
/// `accounts:read`. Other people get a page that says so.
#[derive(Debug, Clone)]
pub(crate) struct Administrator {
    pub(crate) visitor: Visitor,
    pub(crate) account: Arc<Account>,
}

impl FromRequestParts<Console> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Response> {
        let SignedIn { visitor, account } = SignedIn::from_request_parts(parts, console).await?;
        if account.may_administrate() {
            Ok(Self { visitor, account })
        } else {
            Err(Refusal::new(StatusCode::FORBIDDEN, "console_forbidden").into_response())
        }
    }
}

//! Numbers in the path of a page.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::StatusCode;
use axum::http::request::Parts;

use crate::api::Refusal;

/// The only parameter of the path, such as the number of an account. Any other path is answered with 404.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id<T>(pub(crate) T);

/// The two parameters of the path, such as the number of an account and that of one of its roles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ids<A, B>(pub(crate) A, pub(crate) B);

impl<T: FromStr, S: Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let parameters = parameters(parts).await?;
        read(&parameters, 0).map(Self)
    }
}

impl<A: FromStr, B: FromStr, S: Sync> FromRequestParts<S> for Ids<A, B> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let parameters = parameters(parts).await?;
        Ok(Self(read(&parameters, 0)?, read(&parameters, 1)?))
    }
}

async fn parameters(parts: &mut Parts) -> Result<RawPathParams, Refusal> {
    RawPathParams::from_request_parts(parts, &()).await.map_err(|_| nothing())
}

fn read<T: FromStr>(parameters: &RawPathParams, position: usize) -> Result<T, Refusal> {
    let value = parameters.iter().nth(position).map(|(_, value)| value);
    value.and_then(|value| value.parse().ok()).ok_or_else(nothing)
}

/// 404.
pub(crate) fn nothing() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "not_found")
}

//! The answer that carries tokens.

use serde::Serialize;
use users_core::ACCESS_TOKEN_LIFETIME;
use users_crypto::RefreshToken;
use users_web::Problem;
use utoipa::ToSchema;

use crate::App;
use crate::store::Grant;

/// A pair of tokens (RFC 6749 section 5.1; `refresh_expires_in` is our own).
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "access_token": "eyJ0eXAiOiJhdCtqd3Qi…", "token_type": "bearer", "expires_in": 900,
    "refresh_token": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA", "refresh_expires_in": 2_592_000,
})))]
pub(crate) struct TokenPair {
    access_token: String,
    token_type: &'static str,
    /// In seconds.
    expires_in: u64,
    refresh_token: String,
    /// In seconds.
    refresh_expires_in: i64,
}

impl TokenPair {
    pub(crate) fn issue(app: &App, grant: &Grant, refresh: &RefreshToken) -> Result<Self, Problem> {
        let access_token = app
            .tokens()
            .issue(grant.user, grant.session, grant.now, app.random())
            .map_err(Problem::internal)?;
        Ok(Self {
            access_token,
            token_type: "bearer",
            expires_in: ACCESS_TOKEN_LIFETIME.as_secs(),
            refresh_token: refresh.as_str().to_owned(),
            refresh_expires_in: grant.refresh_expires_in,
        })
    }
}

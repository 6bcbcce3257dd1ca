//! The answer that carries tokens.

use serde::Serialize;
use users_crypto::RefreshToken;
use users_db::Db;
use users_web::Problem;
use users_web::openapi::constant;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use crate::App;
use crate::store::Grant;

/// A pair of tokens (RFC 6749 section 5.1; `refresh_expires_in` is our own).
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "access_token": "eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiI3In0.c2lnbmF0dXJl", "token_type": "bearer", "expires_in": 900,
    "refresh_token": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA", "refresh_expires_in": 2_592_000,
})))]
pub(crate) struct TokenPair {
    /// A JWT (RFC 9068).
    #[schema(max_length = 2048, pattern = r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$")]
    access_token: String,
    #[schema(schema_with = token_type)]
    token_type: &'static str,
    /// In seconds.
    #[schema(value_type = i32, minimum = 0, maximum = 2_147_483_647)]
    expires_in: u64,
    /// 256 random bits.
    #[schema(min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]+$")]
    refresh_token: String,
    /// In seconds.
    #[schema(value_type = i32, minimum = 0, maximum = 2_147_483_647)]
    refresh_expires_in: i64,
}

fn token_type() -> Object {
    constant("bearer")
}

impl TokenPair {
    pub(crate) async fn issue(
        app: &App,
        db: &Db,
        grant: &Grant,
        refresh: &RefreshToken,
    ) -> Result<Self, Problem> {
        Ok(Self {
            access_token: app.signing().access_token(app, db, grant).await?,
            token_type: "bearer",
            expires_in: app.lifetimes().access_token.as_secs(),
            refresh_token: refresh.as_str().to_owned(),
            refresh_expires_in: grant.refresh_expires_in,
        })
    }
}

//! `GET /auth/factors`: what the current account has set up.

use serde::{Deserialize, Serialize};
use users_core::Timestamp;
use users_guard::Caller;
use users_web::{About, Database, Json, Problem};
use utoipa::ToSchema;

use crate::store::factors;

/// The second factors of an account.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "totp": {"created_at": "2026-05-15T09:30:00.123456Z"}, "passkeys": 0, "recovery_codes_left": 10,
})))]
pub(crate) struct Factors {
    /// The authenticator; null for none.
    #[schema(required)]
    totp: Option<TotpFactor>,
    /// The number of passkeys.
    #[schema(minimum = 0, maximum = 100)]
    passkeys: i32,
    /// The number of recovery codes that were not used.
    #[schema(minimum = 0, maximum = 10)]
    recovery_codes_left: i32,
}

/// An authenticator.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct TotpFactor {
    /// The time at which it was confirmed.
    created_at: Timestamp,
}

pub(crate) fn about() -> About {
    About::new("listFactors", "Show the second factors of the current account", "What is set up.")
        .text("An authenticator that was begun and not confirmed is not shown: it does not count.")
}

/// 200.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<Json<Factors>, Problem> {
    Ok(Json(factors::list(&db, caller.user.id).await?))
}

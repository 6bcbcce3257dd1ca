//! `POST /auth/recovery-codes`: new recovery codes.

use serde::Serialize;
use users_core::recovery_codes as ten_codes;
use users_guard::Caller;
use users_web::{About, Database, Json, Problem, State};
use utoipa::ToSchema;

use super::{NO_SECOND_FACTOR, NewRecoveryCodes, made};
use crate::App;
use crate::store::factors;

/// Recovery codes, which are shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    #[schema(schema_with = ten_codes)]
    recovery_codes: Vec<String>,
}

pub(crate) fn about() -> About {
    About::new("renewRecoveryCodes", "Make new recovery codes", "Ten new codes, which are shown this once.")
        .text(
            "Each code replaces the second factor once. The former codes end. An e-mail tells the owner. Without a second factor there is \
             nothing to replace.",
        )
        .problems([NO_SECOND_FACTOR])
}

/// 200 with the codes; 409 without a second factor.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    caller: Caller,
) -> Result<Json<RecoveryCodes>, Problem> {
    let user = caller.user.id;
    let codes = NewRecoveryCodes::generate(&app, user);
    let change = factors::renew_recovery_codes(&db, user, caller.own_session()?, codes.hashes).await?;
    made(change, NO_SECOND_FACTOR)?;
    Ok(Json(RecoveryCodes { recovery_codes: codes.shown }))
}

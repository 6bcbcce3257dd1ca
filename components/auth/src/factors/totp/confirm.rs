//! `POST /auth/totp/confirm`: the authenticator that was begun counts from now on.

use serde::{Deserialize, Serialize};
use serde_json::json;
use users_core::{TotpCode, recovery_codes};
use users_guard::Caller;
use users_guard::codes::INVALID_TOKEN;
use users_web::{About, Checks, Code, Database, Field, Input, Json, JsonInput, Problem, State, StatusCode};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, SchemaType, Type};

use crate::App;
use crate::factors::NewRecoveryCodes;
use crate::factors::proof::{Proved, verify_code};
use crate::store::factors::{self, Confirmation};

/// 409: there is nothing to confirm.
const TOTP_NOT_BEGUN: Code = Code::new(
    StatusCode::CONFLICT,
    "totp_not_begun",
    "No authenticator waits to be confirmed in this session; call POST /auth/totp first.",
);

/// The first code of the authenticator.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Confirming {
    code: Field<TotpCode>,
}

impl Input for Confirming {
    type Accepted = TotpCode;

    fn check(self, checks: &mut Checks) -> Option<TotpCode> {
        checks.required("/code", self.code)
    }
}

/// The recovery codes that come with the first factor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfirmedTotp {
    #[schema(required, schema_with = codes_or_null)]
    recovery_codes: Option<Vec<String>>,
}

fn codes_or_null() -> ArrayBuilder {
    recovery_codes()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .description(Some(
            "Ten recovery codes, each of which replaces the second factor once. They are shown this once. Null if the account has codes already.",
        ))
}

pub(crate) fn about() -> About {
    About::new("confirmTotp", "Confirm the authenticator", "The authenticator counts.")
        .text(
            "Takes the first code of the authenticator that was begun in this session. It replaces the one that the account had. From now on, a \
             login with the password needs a second factor. The first factor of an account ends its other sessions, and makes this one fresh. \
             An e-mail tells the owner. Wrong codes are not limited, because the session has seen the secret.",
        )
        .example(json!({"code": "492039"}))
        .problems([TOTP_NOT_BEGUN])
}

/// 200 with recovery codes if the account has none; 409 when none was begun, 422 for a wrong code.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    caller: Caller,
    JsonInput(code): JsonInput<Confirming>,
) -> Result<Json<ConfirmedTotp>, Problem> {
    let (user, session) = (caller.user.id, caller.own_session()?);
    let begun = factors::begun_totp(&db, user, session).await?;
    if begun.sealed.is_none() {
        return Err(TOTP_NOT_BEGUN.into());
    }
    let proved = verify_code(code, user, &begun, app.factor_keys(), app.random())?;
    let Some(Proved::Totp { sealed, sealed_anew, step }) = proved else {
        return Err(Problem::broken("/code", "must be the code that the authenticator shows now"));
    };
    let codes = NewRecoveryCodes::generate(&app, user);
    match factors::confirm_totp(&db, user, session, &sealed, sealed_anew, step, codes.hashes).await? {
        Confirmation::Confirmed(has_new_codes) => {
            Ok(Json(ConfirmedTotp { recovery_codes: has_new_codes.then_some(codes.shown) }))
        }
        Confirmation::Replaced => Err(TOTP_NOT_BEGUN.into()),
        Confirmation::Refused => Err(INVALID_TOKEN.into()),
    }
}

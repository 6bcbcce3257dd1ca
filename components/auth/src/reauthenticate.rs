//! `POST /auth/reauthenticate`: the caller proves again who they are, which makes the session fresh.

use serde::Deserialize;
use serde_json::json;
use users_core::Password;
use users_db::Db;
use users_guard::codes::INVALID_TOKEN;
use users_guard::{Caller, TOO_BUSY};
use users_web::{
    About, Checks, Client, Code, Context, Database, Extension, Field, Input, JsonInput, NoContent, Problem,
    State,
};

use crate::App;
use crate::codes::WRONG_PASSWORD;
use crate::reauthentication::Reauthentication;
use crate::store::sessions;

/// The body.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reauthenticate {
    password: Field<Password>,
}

/// The evidence that the caller brings.
pub(crate) enum Evidence {
    /// The password, for an account without a second factor.
    Password(Password),
}

impl Input for Reauthenticate {
    type Accepted = Evidence;

    fn check(self, checks: &mut Checks) -> Option<Evidence> {
        checks.required("/password", self.password).map(Evidence::Password)
    }
}

pub(crate) fn about() -> About {
    About::new("reauthenticate", "Prove again who you are", "The session is fresh for 10 minutes.")
        .text(
            "A session is fresh for 10 minutes after a login, and after this. A refresh does not make it fresh. Operations that a stolen \
             token alone must not reach need a fresh session. To any other they answer 401 `insufficient_user_authentication`, with the \
             challenge of RFC 9470. Then call this, and send the request again.\n\n\
             Wrong passwords count as at a login. Where a second factor is set up, a password alone is not enough. The claims \
             `auth_time`, `acr` and `amr` of the next access token tell of the new proof.",
        )
        .example(json!({"password": "correct horse battery staple"}))
        .problems([WRONG_PASSWORD, Code::TOO_MANY_REQUESTS, TOO_BUSY])
}

/// 204; 401 when a second factor is set up and a password comes alone, 403 when the password is wrong.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    caller: Caller,
    client: Client,
    JsonInput(evidence): JsonInput<Reauthenticate>,
) -> Result<NoContent, Problem> {
    match evidence {
        Evidence::Password(password) => by_password(&app, &db, &context, &caller, &client, &password).await,
    }
}

async fn by_password(
    app: &App,
    db: &Db,
    context: &Context,
    caller: &Caller,
    client: &Client,
    password: &Password,
) -> Result<NoContent, Problem> {
    caller.require_single_factor()?;
    let session = caller.own_session()?;
    let mut check = Reauthentication::begin(app, db, context, caller, client).await?;
    // A login may replace an outdated hash while this verifies the password; the second try reads the new hash.
    for is_first in [true, false] {
        let verified = check.verified_hash(password).await?;
        if sessions::mark_password(db, caller.user.id, session, verified, check.attempt()).await? {
            return Ok(NoContent);
        }
        if is_first {
            check.read_again().await?;
        }
    }
    Err(INVALID_TOKEN.into())
}

#[cfg(test)]
mod tests {
    use users_web::validate_input;

    use super::*;

    #[test]
    fn the_password_is_required() {
        let broken = validate_input(Reauthenticate::default(), Checks::new()).err().unwrap();
        assert_eq!(broken.errors()[0].pointer, "/password");
        let body: Reauthenticate = serde_json::from_str(r#"{"password": "x"}"#).unwrap();
        assert!(validate_input(body, Checks::new()).is_ok());
    }
}

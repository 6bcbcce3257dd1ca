//! `POST /auth/reauthenticate`: the caller proves again who they are, which makes the session fresh.

use serde::Deserialize;
use serde_json::json;
use users_core::{Password, RecoveryCode, TotpCode};
use users_db::Db;
use users_guard::codes::INVALID_TOKEN;
use users_guard::{Caller, TOO_BUSY};
use users_passkeys::AssertionResponse;
use users_web::{
    About, Checks, Client, Code, Context, Database, Extension, Field, Input, JsonInput, NoContent, Problem,
    State,
};

use crate::App;
use crate::codes::WRONG_PASSWORD;
use crate::factors::WRONG_FACTOR;
use crate::factors::proof::{Proof, ProofFields};
use crate::guesses::{note_last_failure, unless_defect};
use crate::reauthentication::Reauthentication;
use crate::store::factors::{self, Beginning};
use crate::store::sessions;

/// The body.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reauthenticate {
    password: Field<Password>,
    code: Field<TotpCode>,
    recovery_code: Field<RecoveryCode>,
    assertion: Field<AssertionResponse>,
}

/// The evidence that the caller brings.
pub(crate) enum Evidence {
    /// The password, for an account without a second factor.
    Password(Password),
    /// A second factor.
    Factor(Proof),
}

impl Input for Reauthenticate {
    type Accepted = Evidence;

    fn check(self, checks: &mut Checks) -> Option<Evidence> {
        let Self { password, code, recovery_code, assertion } = self;
        let password = checks.optional("/password", password);
        let proof = ProofFields { code, recovery_code, assertion }.check(checks);
        match (password?, proof?) {
            (Some(password), None) => Some(Evidence::Password(password)),
            (None, Some(proof)) => Some(Evidence::Factor(proof)),
            (Some(_), Some(_)) => checks.broken("/password", "must not be sent beside a second factor"),
            (None, None) => checks.broken("/password", "is required, or a second factor"),
        }
    }
}

pub(crate) fn about() -> About {
    About::new("reauthenticate", "Prove again who you are", "The session is fresh for 10 minutes.")
        .text(
            "A session is fresh for 10 minutes after a login, and after this. A refresh does not make it fresh. Operations that a stolen \
             token alone must not reach need a fresh session. To any other they answer 401 `insufficient_user_authentication`, with the \
             challenge of RFC 9470. Then call this, and send the request again.\n\n\
             Send exactly one proof: the password, or, where a second factor is set up, the `code` of an authenticator, a `recovery_code`, or \
             the `assertion` of a passkey for the options of `POST /auth/passkeys/login/options` with this access token. A password alone is not enough then. Wrong ones count as wrong passwords at a login; the fifth wrong factor in a row also ends \
             the session. The claims `auth_time`, `acr` and `amr` of the next access token tell of the new proof.",
        )
        .example(json!({"password": "correct horse battery staple"}))
        .problems([WRONG_FACTOR, WRONG_PASSWORD, Code::TOO_MANY_REQUESTS, TOO_BUSY])
}

/// 204; 401 when a second factor is set up and a password comes alone, or when the factor is wrong, 403 when the password is wrong.
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
        Evidence::Factor(proof) => by_factor(&app, &db, &context, &caller, &client, &proof).await,
    }
}

/// Two statements after that of the guard, and a third one after the last wrong factor that a limit allows.
async fn by_factor(
    app: &App,
    db: &Db,
    context: &Context,
    caller: &Caller,
    client: &Client,
    proof: &Proof,
) -> Result<NoContent, Problem> {
    let (user, session, limits) = (caller.user.id, caller.own_session()?, app.limits());
    let passwords = limits.passwords(caller.user.email.as_deref().unwrap_or_default(), client);
    let beginning = factors::begin_check(db, user, session, proof, &passwords, limits).await?;
    let (attempt, is_last_of_session, stored, has_challenge) = match beginning {
        Beginning::Counted { attempt, is_last_of_session, stored, has_challenge } => {
            (attempt, is_last_of_session, stored, has_challenge)
        }
        Beginning::Refused { retry_after } => return Err(limits.too_many_failures(retry_after)),
        Beginning::SessionEnded => return Err(session_ended()),
    };
    let challenge = proof.claimed_challenge().filter(|_| has_challenge);
    let proved = proof.verify(app, context, user, &stored, challenge.as_ref());
    let why = match unless_defect(db, &attempt, proved).await? {
        Ok(proved) if factors::finish_check(db, user, session, &proved, &attempt, limits).await? => {
            return Ok(NoContent);
        }
        Ok(_) => "the second factor is wrong or was used before, or the session has ended".to_owned(),
        Err(why) => why,
    };
    note_last_failure(db, context, Some(user), &attempt, limits.password_failures()).await?;
    if is_last_of_session {
        sessions::end(db, session).await?;
        return Err(session_ended());
    }
    Err(Problem::new(WRONG_FACTOR).because(why))
}

fn session_ended() -> Problem {
    Problem::new(WRONG_FACTOR)
        .because("too many second factors in a row were wrong in this session: it was ended")
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

    #[test]
    fn exactly_one_proof_is_required() {
        for (body, expected) in [
            (r#"{"code": "123456"}"#, None),
            (r#"{"recovery_code": "7K3QX-0PV9M", "password": null}"#, None),
            (r#"{"password": "x", "code": "123456"}"#, Some("/password")),
            (r#"{"recovery_code": "7K3QX-0PV9M", "code": "123456"}"#, Some("/recovery_code")),
            (r#"{"code": "12345"}"#, Some("/code")),
        ] {
            let body_read: Reauthenticate = serde_json::from_str(body).unwrap();
            let problem = validate_input(body_read, Checks::new()).err();
            assert_eq!(problem.as_ref().map(|it| it.errors()[0].pointer.as_str()), expected, "{body}");
        }
    }
}

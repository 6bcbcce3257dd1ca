//! `POST /auth/login/factor`: completes a login that waits for the second factor.

use serde::Deserialize;
use serde_json::json;
use users_core::{RecoveryCode, TotpCode};
use users_crypto::{LoginChallenge, RefreshToken};
use users_passkeys::{AssertionResponse, Challenge};
use users_web::{
    About, Checks, Client, Code, Context, Database, Extension, Field, Input, Json, JsonInput, Problem, State,
};

use super::WRONG_FACTOR;
use super::proof::{Proof, ProofFields};
use crate::App;
use crate::guesses::{note_last_failure, unless_defect};
use crate::store::login_challenges::{self, Beginning, Begun, Completion};
use crate::tokens::TokenPair;

/// The challenge of a login, and one proof of a factor.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FactorLogin {
    challenge: Field<String>,
    code: Field<TotpCode>,
    recovery_code: Field<RecoveryCode>,
    assertion: Field<AssertionResponse>,
}

pub(crate) struct Accepted {
    challenge: String,
    proof: Proof,
}

impl Input for FactorLogin {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks) -> Option<Accepted> {
        let challenge = checks.required("/challenge", self.challenge);
        let Self { code, recovery_code, assertion, .. } = self;
        let proof = ProofFields { code, recovery_code, assertion }.check(checks)?;
        let Some(proof) = proof else {
            return checks.broken("/code", "is required, or another second factor");
        };
        Some(Accepted { challenge: challenge?, proof })
    }
}

pub(crate) fn about() -> About {
    About::new("loginFactor", "Complete a login by the second factor", "A pair of tokens.")
        .text(
            "Takes the `challenge` of a login that was answered by 401 `second_factor_required`, and exactly one second factor: the `code` of \
             an authenticator, a `recovery_code`, or the `assertion` of a passkey: `AuthenticationResponseJSON` of Web Authentication level 3, \
             for the `passkey_options` of that answer. A challenge lasts five minutes, and only for the client address that it was made \
             for. It also ends with the fifth wrong factor, a change of the password, the address or the factors, a deactivation, and when all \
             sessions are ended.\n\n\
             A wrong factor also counts as a wrong password of the account. A code works once. An e-mail tells the owner that a recovery code \
             was used; of several in a short time, not each has one.",
        )
        .example(json!({"challenge": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA", "code": "492039"}))
        .problems([WRONG_FACTOR, Code::TOO_MANY_REQUESTS])
}

/// 200 with a pair of tokens; 401 for a wrong factor, and for a challenge that has ended. 429 when too many passwords or factors of the account
/// were wrong; that is decided before anything is compared.
///
/// Two statements; a third one after the last wrong factor that the limit allows or after a defect, and one more when a signing key has to be made.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    client: Client,
    JsonInput(Accepted { challenge, proof }): JsonInput<FactorLogin>,
) -> Result<Json<TokenPair>, Problem> {
    // A passkey signs the challenge itself.
    let to_sign = Challenge::from_base64url(&challenge);
    let challenge = LoginChallenge::hash_of(&challenge);
    let (limits, network) = (app.limits(), app.limits().network(&client));
    let beginning = login_challenges::begin(&db, &challenge, &proof, network.as_ref(), limits).await?;
    let Begun { user, attempt, is_same_client, stored, key } = match beginning {
        Some(Beginning::Counted(begun)) => *begun,
        Some(Beginning::Refused { user, retry_after }) => {
            context.set_user(user.get());
            return Err(limits.too_many_failures(retry_after));
        }
        None => return Err(Problem::new(WRONG_FACTOR).because("there is no such challenge, or it has ended")),
    };
    context.set_user(user.get());
    let proved = if is_same_client {
        // A factor that works once is not used up for tokens that could not be signed.
        let can_sign = app.signing().ensure_key(&db, app.random(), key.as_ref()).await;
        let proved = can_sign.and_then(|()| proof.verify(&app, &context, user, &stored, to_sign.as_ref()));
        unless_defect(&db, &attempt, proved).await?
    } else {
        Err("the challenge was made for another client address".to_owned())
    };
    let why = match proved {
        Ok(proved) => {
            let refresh = RefreshToken::generate(app.random());
            let completion = Completion {
                challenge: &challenge,
                proved: &proved,
                attempt: &attempt,
                refresh: &refresh,
                client: &client,
                lifetimes: app.lifetimes(),
            };
            if let Some(grant) = login_challenges::complete(&db, completion).await? {
                return TokenPair::issue(&app, &db, &grant, &refresh).await.map(Json);
            }
            "the second factor is wrong or was used before, or the login has ended meanwhile".to_owned()
        }
        Err(why) => why,
    };
    note_last_failure(&db, &context, Some(user), &attempt, limits.password_failures()).await?;
    Err(Problem::new(WRONG_FACTOR).because(why))
}

#[cfg(test)]
mod tests {
    use users_web::validate_input;

    use super::*;

    #[test]
    fn a_challenge_and_exactly_one_factor_are_required() {
        for (body, expected) in [
            ("{}", &["/challenge", "/code"][..]),
            (r#"{"challenge": "x"}"#, &["/code"]),
            (r#"{"challenge": "x", "code": null}"#, &["/code"]),
            (r#"{"code": "12345", "recovery_code": "x"}"#, &["/challenge", "/code", "/recovery_code"]),
            (r#"{"challenge": "x", "code": "123456", "recovery_code": "7K3QX-0PV9M"}"#, &["/recovery_code"]),
            (r#"{"challenge": "x", "code": "123 456"}"#, &[]),
            (r#"{"challenge": "", "recovery_code": "7k3qx0pv9m"}"#, &[]),
        ] {
            let input: FactorLogin = serde_json::from_str(body).unwrap();
            let errors = validate_input(input, Checks::new()).err();
            let broken: Vec<&str> =
                errors.iter().flat_map(Problem::errors).map(|it| it.pointer.as_str()).collect();
            assert_eq!(broken, expected, "{body}");
        }
    }
}

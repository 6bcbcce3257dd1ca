//! `POST /auth/passkeys/login`: opens a session by a passkey alone.

use serde::Deserialize;
use serde_json::json;
use users_crypto::RefreshToken;
use users_guard::codes::INACTIVE_ACCOUNT;
use users_passkeys::{AssertionResponse, Ceremony, PasskeyError};
use users_web::{
    About, Checks, Client, Code, Context, Database, Extension, Field, Input, Json, JsonInput, Problem, State,
};

use super::answer::verify;
use super::{NO_CHALLENGE, PASSKEY_REFUSED, refused};
use crate::App;
use crate::codes::EMAIL_UNVERIFIED;
use crate::store::passkeys::{self, Opening, Taken};
use crate::tokens::TokenPair;

/// The body.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PasskeyLogin {
    assertion: Field<AssertionResponse>,
}

impl Input for PasskeyLogin {
    type Accepted = AssertionResponse;

    fn check(self, checks: &mut Checks) -> Option<AssertionResponse> {
        checks.required("/assertion", self.assertion)
    }
}

pub(crate) fn about() -> About {
    About::new("logInByPasskey", "Log in by a passkey", "A pair of tokens.")
        .text(
            "`assertion` is `AuthenticationResponseJSON` of Web Authentication level 3: `toJSON()` of what `navigator.credentials.get()` gave \
             for the options of `POST /auth/passkeys/login/options`. The authenticator must have asked for a PIN, a fingerprint or the \
             like, so the login counts as two factors: nothing else is asked for. A passkey without that is a second factor only.\n\n\
             The refusals are those of a login. Whatever is wrong with the passkey, the answer is the same. Logins from one client address are \
             limited. Wrong passwords do not keep the owner of a passkey out, and nobody can guess one, so a refused passkey counts as no \
             wrong password.",
        )
        .example(example())
        .problems([PASSKEY_REFUSED, INACTIVE_ACCOUNT, EMAIL_UNVERIFIED, Code::TOO_MANY_REQUESTS])
}

fn example() -> serde_json::Value {
    json!({"assertion": {
        "id": "Fkzuc9MVHGvsnYe8q5Ig8w", "rawId": "Fkzuc9MVHGvsnYe8q5Ig8w", "type": "public-key",
        "response": {
            "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoic2MzY01YRE9wNXlYekFIcWw5dmV2QWlrUjVTMWRnbHJualE5cGwzd0VvQSIsIm9yaWdpbiI6Imh0dHBzOi8vdXNlcnMuZXhhbXBsZS5jb20ifQ", "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAQ",
            "signature": "MEUCIQDv1Issqrao_RFA3ZzUXoHWnSyHe1aq-ZHDTQ6oT683FgIhAPfLHJQtZXxB1DbHobbin2Xz6QDbua_0Bk3Eqy-EOs2o",
            "userHandle": "rmgfBZzoWqZYTrFYyRz7Kw",
        },
    }})
}

/// 200 with a pair of tokens; 401 when the passkey is refused, 403 when the account may not log in, 429 when a limit is reached.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    client: Client,
    JsonInput(answer): JsonInput<PasskeyLogin>,
) -> Result<Json<TokenPair>, Problem> {
    let challenge = answer.claimed_challenge().ok_or_else(|| refused(PasskeyError::ClientData))?;
    let credential = answer.credential_id().map_err(refused)?;
    let logins = app.limits().logins(&client);
    let owner = match passkeys::begin_login(&db, &logins, &challenge, &credential).await? {
        Ok(Taken::Open(owner)) => owner.ok_or_else(|| refused("no such passkey is registered"))?,
        Ok(Taken::NoChallenge) => return Err(refused(NO_CHALLENGE)),
        Err(retry_after) => return Err(logins.exceeded(retry_after)),
    };
    context.set_user(owner.id.get());
    let verified =
        verify(&app, &context, &challenge, &owner.passkey, &answer, Ceremony::Login).map_err(refused)?;
    if !owner.is_active {
        return Err(INACTIVE_ACCOUNT.into());
    }
    if app.requires_verified_email() && !owner.email_verified {
        passkeys::verification_at_login(&db, owner.id).await?;
        return Err(EMAIL_UNVERIFIED.into());
    }
    let refresh = RefreshToken::generate(app.random());
    let opening = Opening {
        user: owner.id,
        verified: &verified,
        passwords: &app.limits().passwords(&owner.email, &client),
        refresh: &refresh,
        client: &client,
        lifetimes: app.lifetimes(),
    };
    match passkeys::open_session(&db, opening).await? {
        Some(grant) => TokenPair::issue(&app, &db, &grant, &refresh).await.map(Json),
        None => Err(refused("the account or the passkey has changed meanwhile")),
    }
}

#[cfg(test)]
mod tests {
    use users_web::validate_input;

    use super::*;

    #[test]
    fn the_answer_of_the_authenticator_is_required() {
        let broken = validate_input(PasskeyLogin::default(), Checks::new()).err().unwrap();
        assert_eq!(broken.errors()[0].pointer, "/assertion");
        let body: PasskeyLogin = serde_json::from_value(example()).unwrap();
        assert!(validate_input(body, Checks::new()).is_ok());
    }
}

//! `POST /auth/passkeys`: registers a passkey of the current account.

use serde::{Deserialize, Serialize};
use serde_json::json;
use users_core::{Passkey, PasskeyName};
use users_guard::Caller;
use users_guard::codes::INVALID_TOKEN;
use users_passkeys::{Ceremony, PasskeyError, RegistrationResponse, UserVerification, verify_registration};
use users_web::{About, Checks, Created, Database, Field, Input, JsonInput, Problem, State};
use utoipa::ToSchema;

use super::answer::methods;
use super::{NO_CHALLENGE, PASSKEY_EXISTS, TOO_MANY_PASSKEYS};
use crate::App;
use crate::factors::NewRecoveryCodes;
use crate::store::passkeys::{self, Addition, New};

/// The body.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Registration {
    name: Field<PasskeyName>,
    credential: Field<RegistrationResponse>,
}

pub(crate) struct Accepted {
    name: Option<PasskeyName>,
    credential: RegistrationResponse,
}

impl Input for Registration {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks) -> Option<Accepted> {
        let name = checks.optional("/name", self.name);
        let credential = checks.required("/credential", self.credential);
        Some(Accepted { name: name?, credential: credential? })
    }
}

/// A passkey that was registered just now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": 9, "name": "phone", "created_at": "2026-05-15T09:30:00.123456Z", "last_used_at": null, "backed_up": true,
    "transports": ["hybrid", "internal"],
})))]
pub(crate) struct RegisteredPasskey {
    #[serde(flatten)]
    passkey: Passkey,
    /// The recovery codes of the account, if it had none. They are shown only now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = users_core::recovery_codes)]
    recovery_codes: Option<Vec<String>>,
}

pub(crate) fn about() -> About {
    About::new("registerPasskey", "Register a passkey", "The passkey, and the first recovery codes of the account.")
        .text(
            "`credential` is `RegistrationResponseJSON` of Web Authentication level 3: `toJSON()` of what `navigator.credentials.create()` gave \
             for the options of `POST /auth/passkeys/options`. A passkey signs with ES256, EdDSA (Ed25519) or RS256. Attestation is not asked \
             for: a statement is accepted, and ignored. Without a name, the passkey gets one that can be changed. An account has at most 20 \
             passkeys.\n\n\
             A passkey is a second factor. The first factor of an account ends its other sessions, and the account gets ten recovery codes, \
             which this answer shows. An e-mail tells the owner. A passkey whose authenticator asks for a PIN, a fingerprint or the like is a \
             whole login, too: see `POST /auth/passkeys/login`.",
        )
        .example(json!({
            "name": "phone",
            "credential": {
                "id": "Fkzuc9MVHGvsnYe8q5Ig8w", "rawId": "Fkzuc9MVHGvsnYe8q5Ig8w", "type": "public-key",
                "response": {
                    "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoic2MzY01YRE9wNXlYekFIcWw5dmV2QWlrUjVTMWRnbHJualE5cGwzd0VvQSIsIm9yaWdpbiI6Imh0dHBzOi8vdXNlcnMuZXhhbXBsZS5jb20ifQ", "attestationObject": "o2NmbXRkbm9uZQ",
                    "transports": ["hybrid", "internal"],
                },
                "clientExtensionResults": {},
            },
        }))
        .leads_to(&["renamePasskey", "removePasskey"], "passkey_id")
        .problems([TOO_MANY_PASSKEYS, PASSKEY_EXISTS])
}

/// 201 with the passkey; 409 when the account has too many, or the passkey is registered already; 422 when the answer of the authenticator is
/// wrong, or its challenge does not wait.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    caller: Caller,
    JsonInput(Accepted { name, credential }): JsonInput<Registration>,
) -> Result<Created<RegisteredPasskey>, Problem> {
    let (user, session) = (caller.user.id, caller.own_session()?);
    // The challenge ends here or with the statement below, if it is one of the session.
    let challenge = credential.claimed_challenge().ok_or_else(|| refused(PasskeyError::ClientData))?;
    let verified =
        verify_registration(app.relying_party(), &challenge, &credential, UserVerification::Preferred);
    let passkey = match verified {
        Ok(passkey) => passkey,
        Err(reason) => {
            passkeys::end_registration(&db, session, &challenge).await?;
            return Err(refused(reason));
        }
    };
    let codes = NewRecoveryCodes::generate(&app, user);
    let new = New {
        challenge: &challenge,
        name: name.as_ref(),
        passkey: &passkey,
        methods: methods(Ceremony::SecondFactor, passkey.backup_eligible),
        code_hashes: codes.hashes,
    };
    match passkeys::add(&db, user, session, new).await? {
        Addition::Added { passkey, has_new_codes } => {
            let recovery_codes = has_new_codes.then_some(codes.shown);
            Ok(Created::within(passkey.id, RegisteredPasskey { passkey: *passkey, recovery_codes }))
        }
        Addition::TooMany => Err(TOO_MANY_PASSKEYS.into()),
        Addition::Exists => Err(PASSKEY_EXISTS.into()),
        Addition::NoChallenge => Err(refused(NO_CHALLENGE)),
        Addition::Refused => Err(INVALID_TOKEN.into()),
    }
}

/// 422: the answer of the authenticator is refused. The log has the reason.
fn refused(reason: impl std::fmt::Display) -> Problem {
    Problem::broken("/credential", "was refused; ask for new options and try again").because(reason)
}

#[cfg(test)]
mod tests {
    use users_web::validate_input;

    use super::*;

    fn broken(body: &str) -> Vec<String> {
        let registration: Registration = serde_json::from_str(body).unwrap();
        let problem = validate_input(registration, Checks::new()).err();
        problem.iter().flat_map(Problem::errors).map(|it| it.pointer.clone()).collect()
    }

    #[test]
    fn the_answer_is_required_and_the_name_is_not() {
        assert_eq!(broken("{}"), ["/credential"]);
        assert_eq!(broken(r#"{"name": "", "credential": {"id": 1}}"#), ["/name", "/credential"]);
        let credential = r#"{
            "id": "AA", "rawId": "AA", "type": "public-key",
            "response": {"clientDataJSON": "AA", "attestationObject": "AA"}
        }"#;
        assert!(broken(&format!(r#"{{"name": null, "credential": {credential}}}"#)).is_empty());
    }
}

//! The answers of passkeys to challenges: their verification, and what they prove.

use users_passkeys::{AssertionResponse, Ceremony, Challenge, PasskeyError, StoredPasskey, verify_assertion};
use users_web::{Context, warn};

use crate::App;
use crate::store::passkeys::{Named, Verified};

/// The methods (RFC 8176) that a passkey proves: a key that stays in a device (`hwk`) or may be copied (`swk`), and, where it is the whole login,
/// that a person is present. It makes two factors: by itself where the authenticator recognised the person, and otherwise with the password
/// that came before.
pub(crate) const fn methods(ceremony: Ceremony, backup_eligible: bool) -> &'static [&'static str] {
    match (ceremony, backup_eligible) {
        (Ceremony::Login, false) => &["hwk", "user", "mfa"],
        (Ceremony::Login, true) => &["swk", "user", "mfa"],
        (Ceremony::SecondFactor, false) => &["hwk", "mfa"],
        (Ceremony::SecondFactor, true) => &["swk", "mfa"],
    }
}

/// Verifies an answer to a challenge with the passkey that it names.
///
/// # Errors
/// The reason, for the log. A counter that did not grow is also a warning there, since the authenticator may have been copied.
pub(crate) fn verify(
    app: &App,
    context: &Context,
    challenge: &Challenge,
    passkey: &Named,
    answer: &AssertionResponse,
    ceremony: Ceremony,
) -> Result<Verified, PasskeyError> {
    let credential = answer.credential_id()?;
    let stored = StoredPasskey {
        credential_id: credential.octets(),
        public_key: &passkey.public_key,
        sign_count: passkey.sign_count,
        backup_eligible: passkey.backup_eligible,
        user_handle: &passkey.handle,
    };
    let verified = verify_assertion(app.relying_party(), challenge, &stored, answer, ceremony);
    if matches!(verified, Err(PasskeyError::SignCount { .. })) {
        warn(context, "the signature counter of a passkey did not grow: it may have been copied");
    }
    let methods = methods(ceremony, passkey.backup_eligible);
    verified.map(|used| Verified { passkey: passkey.id, used, methods })
}

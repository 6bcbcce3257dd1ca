//! The verification of a passkey in use.

use sha2::{Digest, Sha256};

use crate::options::UserVerification;
use crate::registration::{read, verify_data};
use crate::{AssertionResponse, Challenge, PasskeyError, PublicKey, RelyingParty, UserHandle, client_data};

/// The purpose of an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony {
    /// The passkey is the whole login: it names the account, and its authenticator recognised the person. That is two factors.
    Login,
    /// The account is known already, and the passkey is one factor.
    SecondFactor,
}

/// The stored part of a passkey that a verification needs.
#[derive(Debug, Clone, Copy)]
pub struct StoredPasskey<'a> {
    /// The name of the passkey.
    pub credential_id: &'a [u8],
    /// The public key in COSE.
    pub public_key: &'a [u8],
    /// The signature counter at the last use.
    pub sign_count: u32,
    /// True if the passkey may be copied, as at its registration.
    pub backup_eligible: bool,
    /// The handle of the account that owns the passkey.
    pub user_handle: &'a [u8],
}

/// A use of a passkey that was verified. The caller stores the counter and `backed_up`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The signature counter now; zero if the authenticator does not count.
    pub sign_count: u32,
    /// True if the authenticator recognised its user: the passkey counts as two factors.
    pub user_verified: bool,
    /// True if the passkey is copied now to other devices of its user.
    pub backed_up: bool,
    /// The handle that the authenticator returned, which is the one that is stored. `None` if it returned none.
    pub user_handle: Option<UserHandle>,
}

/// The most octets of a signature: those of RSA with 4,096 bits.
const MAX_SIGNATURE: usize = 512;

/// Verifies the answer to [`RelyingParty::request_options`] (WebAuthn section 7.2), with the passkey that the answer names
/// ([`AssertionResponse::credential_id`]). For a second factor, the caller has looked up the passkey among those of the account; for a
/// login, the account is the one that owns the passkey. The caller has to end the challenge, whatever the result is.
///
/// The counter is checked against the stored one. Two answers at once can both pass here: the statement that stores the counter decides,
/// by the rule that it only grows, unless both are zero.
///
/// # Errors
/// The reason, for the log. [`PasskeyError::SignCount`] may mean that the authenticator was copied.
pub fn verify_assertion(
    relying_party: &RelyingParty,
    challenge: &Challenge,
    stored: &StoredPasskey<'_>,
    response: &AssertionResponse,
    ceremony: Ceremony,
) -> Result<Used, PasskeyError> {
    if response.credential_id()?.octets() != stored.credential_id {
        return Err(PasskeyError::OtherCredential);
    }
    let user_handle = response.user_handle()?;
    verify_owner(user_handle.as_ref(), stored, ceremony)?;

    let answer = &response.response;
    client_data::verify(&answer.client_data_json, client_data::GET, challenge, relying_party)?;
    let data = read(&answer.authenticator_data)?;
    let user_verification = match ceremony {
        Ceremony::Login => UserVerification::Required,
        Ceremony::SecondFactor => UserVerification::Preferred,
    };
    verify_data(&data, relying_party, user_verification)?;
    if data.flags.backup_eligible() != stored.backup_eligible {
        return Err(PasskeyError::BackupEligibility);
    }

    verify_signature(stored.public_key, response)?;
    verify_count(stored.sign_count, data.sign_count)?;
    Ok(Used {
        sign_count: data.sign_count,
        user_verified: data.flags.user_verified(),
        backed_up: data.flags.backed_up(),
        user_handle,
    })
}

/// WebAuthn section 7.2: the user who is identified owns the passkey.
fn verify_owner(
    handle: Option<&UserHandle>,
    stored: &StoredPasskey<'_>,
    ceremony: Ceremony,
) -> Result<(), PasskeyError> {
    match handle {
        Some(handle) if handle.octets() != stored.user_handle => Err(PasskeyError::OtherUserHandle),
        None if ceremony == Ceremony::Login => Err(PasskeyError::NoUserHandle),
        _ => Ok(()),
    }
}

/// The signature covers the authenticator data and the SHA-256 of the client data (WebAuthn section 7.2).
fn verify_signature(public_key: &[u8], response: &AssertionResponse) -> Result<(), PasskeyError> {
    let answer = &response.response;
    if answer.signature.len() > MAX_SIGNATURE {
        return Err(PasskeyError::TooLong("signature"));
    }
    let hash = Sha256::digest(&*answer.client_data_json);
    let message = [&*answer.authenticator_data, &hash].concat();
    let key = PublicKey::from_cose(public_key)?;
    if key.has_signed(&message, &answer.signature) { Ok(()) } else { Err(PasskeyError::Signature) }
}

/// WebAuthn section 7.2: a counter grows, unless the authenticator does not count.
fn verify_count(stored: u32, presented: u32) -> Result<(), PasskeyError> {
    let does_not_count = stored == 0 && presented == 0;
    if does_not_count || presented > stored {
        Ok(())
    } else {
        Err(PasskeyError::SignCount { stored, presented })
    }
}

//! The verification of a new passkey.

use std::fmt;

use crate::authenticator_data::{self, AuthenticatorData};
use crate::options::UserVerification;
use crate::{
    Algorithm, Challenge, CredentialId, PasskeyError, PublicKey, RegistrationResponse, RelyingParty,
    Transport, attestation_object, client_data,
};

/// A new passkey, to be stored (the *credential record* of WebAuthn section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasskey {
    /// The name of the passkey. Another account may not have it already (WebAuthn section 7.1): the caller's store refuses that.
    pub credential_id: CredentialId,
    /// The public key in COSE, at most 600 octets.
    pub public_key: Vec<u8>,
    /// The algorithm of the key.
    pub algorithm: Algorithm,
    /// The signature counter; zero if the authenticator does not count.
    pub sign_count: u32,
    /// True if the passkey may be copied to other devices of its user. It stays as it is for ever.
    pub backup_eligible: bool,
    /// True if the passkey is copied now.
    pub backed_up: bool,
    /// True if the authenticator recognised its user.
    pub user_verified: bool,
    /// True if the browser says that the passkey is discoverable; `None` if it does not tell.
    pub discoverable: Option<bool>,
    /// The ways in which a browser may reach the authenticator.
    pub transports: Vec<Transport>,
    /// The model of the authenticator.
    pub aaguid: Aaguid,
}

/// The model of an authenticator (AAGUID, WebAuthn section 6.5.2). Nobody signs for it, so it is for people only: it may suggest a name.
/// Zeros stand for an authenticator that does not tell, which is usual without attestation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aaguid([u8; 16]);

impl Aaguid {
    /// The octets.
    #[must_use]
    pub const fn octets(self) -> [u8; 16] {
        self.0
    }
}

/// As a UUID is written (RFC 9562 section 4).
impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, octet) in self.0.iter().enumerate() {
            let hyphen = if [4, 6, 8, 10].contains(&at) { "-" } else { "" };
            write!(f, "{hyphen}{octet:02x}")?;
        }
        Ok(())
    }
}

/// Verifies the answer to [`RelyingParty::creation_options`] (WebAuthn section 7.1). The caller has to end the challenge, whatever the
/// result is, and to refuse a credential id that is stored already.
///
/// Browsers register passkeys only where somebody is present; a conditional registration, which does without, is refused.
///
/// # Errors
/// The reason, for the log.
pub fn verify_registration(
    relying_party: &RelyingParty,
    challenge: &Challenge,
    response: &RegistrationResponse,
    user_verification: UserVerification,
) -> Result<NewPasskey, PasskeyError> {
    let credential_id = response.credential_id()?;
    let answer = &response.response;
    client_data::verify(&answer.client_data_json, client_data::CREATE, challenge, relying_party)?;

    let octets = attestation_object::authenticator_data(&answer.attestation_object)?;
    let data = read(octets)?;
    verify_data(&data, relying_party, user_verification)?;

    let credential = data.credential.ok_or(PasskeyError::NoCredential)?;
    if credential.id != credential_id.octets() {
        return Err(PasskeyError::OtherCredential);
    }
    let key = PublicKey::from_cose(credential.public_key)?;
    let results = response.client_extension_results.cred_props.as_ref();
    Ok(NewPasskey {
        credential_id,
        public_key: credential.public_key.to_vec(),
        algorithm: key.algorithm(),
        sign_count: data.sign_count,
        backup_eligible: data.flags.backup_eligible(),
        backed_up: data.flags.backed_up(),
        user_verified: data.flags.user_verified(),
        discoverable: results.and_then(|properties| properties.rk),
        transports: Transport::words(&answer.transports),
        aaguid: Aaguid(*credential.aaguid),
    })
}

/// Reads authenticator data.
pub(crate) fn read(octets: &[u8]) -> Result<AuthenticatorData<'_>, PasskeyError> {
    if octets.len() > authenticator_data::MAX_OCTETS {
        return Err(PasskeyError::TooLong("authenticatorData"));
    }
    AuthenticatorData::parse(octets).ok_or(PasskeyError::AuthenticatorData)
}

/// The checks that a registration and an assertion share (WebAuthn sections 7.1 and 7.2, from `rpIdHash` to the backup flags).
pub(crate) fn verify_data(
    data: &AuthenticatorData<'_>,
    relying_party: &RelyingParty,
    user_verification: UserVerification,
) -> Result<(), PasskeyError> {
    if !relying_party.has_id_hash(data.rp_id_hash) {
        return Err(PasskeyError::RelyingParty);
    }
    if !data.flags.user_present() {
        return Err(PasskeyError::UserNotPresent);
    }
    if user_verification == UserVerification::Required && !data.flags.user_verified() {
        return Err(PasskeyError::UserNotVerified);
    }
    if data.flags.backed_up() && !data.flags.backup_eligible() {
        return Err(PasskeyError::BackupState);
    }
    Ok(())
}

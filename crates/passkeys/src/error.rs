//! The reasons why an answer of an authenticator is refused.

use thiserror::Error;

/// The reason why an answer of an authenticator is refused. It is for the log: a client learns only that the passkey was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PasskeyError {
    /// A part of the answer is longer than any authenticator or browser makes it.
    #[error("{0} is too long")]
    TooLong(&'static str),
    /// `id` is not the text of `rawId`.
    #[error("id and rawId differ")]
    IdsDiffer,
    /// The client data cannot be read (WebAuthn section 5.8.1).
    #[error("clientDataJSON is not client data in JSON and UTF-8")]
    ClientData,
    /// The client data is of the other ceremony: a registration in place of a login, or the reverse.
    #[error("the client data is of another ceremony")]
    Type,
    /// The client data has another challenge.
    #[error("the client data has another challenge")]
    Challenge,
    /// The ceremony ran on another origin. Either somebody imitates the pages, or `webauthn_origins` lacks the origin.
    #[error("the origin {0:?} is not in webauthn_origins")]
    Origin(String),
    /// The ceremony ran in a frame inside a page of another origin.
    #[error("the ceremony ran inside a page of another origin")]
    CrossOrigin,
    /// The attestation object cannot be read (WebAuthn section 6.5.4).
    #[error("the attestation object is malformed")]
    AttestationObject,
    /// The format `none` has a statement (WebAuthn section 8.7).
    #[error("the attestation format none has a statement")]
    AttestationStatement,
    /// The authenticator data cannot be read (WebAuthn section 6.1).
    #[error("the authenticator data is malformed")]
    AuthenticatorData,
    /// The authenticator data of a registration has no passkey.
    #[error("the authenticator data has no credential")]
    NoCredential,
    /// The authenticator answered another relying party.
    #[error("the authenticator data is for another relying party id")]
    RelyingParty,
    /// Nobody touched the authenticator.
    #[error("the authenticator did not test that a user is present")]
    UserNotPresent,
    /// The authenticator did not ask for a PIN, a fingerprint or the like, but should have.
    #[error("the authenticator did not verify the user")]
    UserNotVerified,
    /// The passkey says that it is backed up, and that it cannot be.
    #[error("the passkey is backed up, but not eligible for backup")]
    BackupState,
    /// The passkey was registered as one that can be backed up, and says now that it cannot, or the reverse.
    #[error("the passkey's eligibility for backup has changed")]
    BackupEligibility,
    /// The id of the passkey is empty or too long.
    #[error("the credential id does not have 1 to 1023 octets")]
    CredentialIdLength,
    /// The answer is of another passkey than the one whose key is at hand.
    #[error("the answer is of another credential")]
    OtherCredential,
    /// The key has an algorithm that was not offered.
    #[error("the algorithm {0} was not offered")]
    Algorithm(i64),
    /// The key is malformed, or too weak.
    #[error("the public key is malformed or weak")]
    PublicKey,
    /// A login by passkey alone names no account.
    #[error("the user handle is missing")]
    NoUserHandle,
    /// The answer is for another account than the one that owns the passkey.
    #[error("the user handle is of another account")]
    OtherUserHandle,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    Signature,
    /// The counter did not grow: the authenticator may have been copied (WebAuthn section 6.1.1). This is decided after the signature, so
    /// the holder of the key made the answer.
    #[error(
        "the signature counter went from {stored} to {presented}: the authenticator may have been copied"
    )]
    SignCount {
        /// The counter at the last use.
        stored: u32,
        /// The counter in the answer.
        presented: u32,
    },
}

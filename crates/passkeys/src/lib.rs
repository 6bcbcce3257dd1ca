//! Passkeys: the registration and the verification of public keys of authenticators, as Web Authentication level 3 has them
//! (<https://www.w3.org/TR/webauthn-3/>). “WebAuthn” in the comments of this crate is that standard.
//!
//! The caller makes a [`Challenge`], keeps it for a few minutes, and sends the options that a [`RelyingParty`] makes from it to the
//! browser. The browser hands the options to an authenticator, and its answer back to the caller:
//!
//! | | options | answer | verified by |
//! | --- | --- | --- | --- |
//! | a new passkey | [`RelyingParty::creation_options`] | [`RegistrationResponse`] | [`verify_registration`] |
//! | a login | [`RelyingParty::request_options`] | [`AssertionResponse`] | [`verify_assertion`] |
//!
//! A challenge works once: the caller ends it before or while it acts on the answer. This crate keeps nothing, reads no clock and draws no
//! random numbers of its own (docs/ARCHITECTURE.md#invariants, 6).
//!
//! Passkeys sign with ES256, EdDSA (Ed25519) or RS256. Attestation is not asked for: a statement that an authenticator sends nevertheless
//! is read past, and proves nothing here.

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod algorithm;
mod assertion;
mod attestation_object;
mod authenticator_data;
mod cbor;
mod challenge;
mod client_data;
mod credential_id;
mod error;
mod octets;
mod options;
mod public_key;
mod registration;
mod relying_party;
mod response;
mod rsa;
mod transport;
mod user_handle;

pub use algorithm::Algorithm;
pub use assertion::{Ceremony, StoredPasskey, Used, verify_assertion};
pub use challenge::Challenge;
pub use credential_id::CredentialId;
pub use error::PasskeyError;
pub use octets::Octets;
pub use options::{
    AuthenticatorSelection, CreationExtensions, CreationOptions, CredentialDescriptor, CredentialParameters,
    RelyingPartyEntity, RequestOptions, UserEntity, UserVerification,
};
pub use public_key::PublicKey;
pub use registration::{Aaguid, NewPasskey, verify_registration};
pub use relying_party::{RelyingParty, RelyingPartyError};
pub use response::{
    AssertionAnswer, AssertionResponse, AttestationAnswer, CreationResults, CredentialProperties,
    CredentialType, RegistrationResponse,
};
pub use transport::Transport;
pub use user_handle::UserHandle;

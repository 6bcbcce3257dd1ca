//! The ways in which an answer differs from an honest one.

use crate::Algorithm;

/// The behaviour of an authenticator and its browser. The default is an authenticator that recognises its user by a PIN or a fingerprint, counts,
/// and keeps its passkeys for itself, in a browser that tells the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behaviour {
    /// The algorithm of a new passkey. By default, the first one that the options offer.
    pub algorithm: Option<Algorithm>,
    /// The bits of a new key for RSA: 2,048, 3,072 or 4,096.
    pub rsa_bits: u16,
    /// The flag UP: somebody touched the authenticator.
    pub user_present: bool,
    /// The flag UV: the authenticator recognised its user.
    pub user_verified: bool,
    /// The flag BE: the passkey may be copied to other devices.
    pub backup_eligible: bool,
    /// The flag BS: the passkey is copied.
    pub backed_up: bool,
    /// The signature counter.
    pub counter: Counter,
    /// True if the answer names the account.
    pub returns_user_handle: bool,
    /// The account that the answer names, in place of the one of the passkey.
    pub user_handle: Option<Vec<u8>>,
    /// The relying party id that the authenticator signs, in place of the one in the options.
    pub rp_id: Option<String>,
    /// The challenge in base64url, in place of the one in the options: an answer from another time.
    pub challenge: Option<String>,
    /// The type of the client data, in place of the one of the ceremony.
    pub client_data_type: Option<String>,
    /// The member `crossOrigin` of the client data. `None` leaves it out, as browsers of level 1 do.
    pub cross_origin: Option<bool>,
    /// The member `topOrigin` of the client data.
    pub top_origin: Option<String>,
    /// The attestation of a new passkey.
    pub attestation: Attestation,
    /// The public key of a new passkey in COSE, in place of the right one.
    pub public_key: Option<Vec<u8>>,
    /// The id of a new passkey, in place of a random one.
    pub new_id: Option<Vec<u8>>,
    /// True if the authenticator data of a new passkey has the passkey.
    pub attests_credential: bool,
    /// The id in an answer, in place of the one of the passkey that signs.
    pub presents_as: Option<Vec<u8>>,
    /// The id of the passkey that signs. By default, the newest one that the options allow.
    pub uses: Option<Vec<u8>>,
    /// True if the authenticator data has results of extensions.
    pub extensions: bool,
    /// The ways to reach the authenticator.
    pub transports: Vec<String>,
    /// A change after the signature.
    pub tampering: Option<Tampering>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            algorithm: None,
            rsa_bits: 2048,
            user_present: true,
            user_verified: true,
            backup_eligible: false,
            backed_up: false,
            counter: Counter::Grows,
            returns_user_handle: true,
            user_handle: None,
            rp_id: None,
            challenge: None,
            client_data_type: None,
            cross_origin: Some(false),
            top_origin: None,
            attestation: Attestation::None,
            public_key: None,
            new_id: None,
            attests_credential: true,
            presents_as: None,
            uses: None,
            extensions: false,
            transports: vec!["internal".to_owned()],
            tampering: None,
        }
    }
}

/// The signature counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// It grows by one with every answer of the authenticator.
    Grows,
    /// It has this value. Zero stands for an authenticator that does not count.
    Is(u32),
}

/// The attestation of a new passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attestation {
    /// The format `none`, which is what a service gets that asks for none.
    None,
    /// The format `packed`, signed with the new key itself.
    Itself,
    /// The format `none`, but with a statement, which is malformed.
    NoneWithStatement,
    /// A format that nobody knows.
    Unknown,
}

/// A change after the signature. Only the signature can tell: everything else is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tampering {
    /// A space more in the client data.
    ClientData,
    /// A larger counter in the authenticator data.
    AuthenticatorData,
    /// Another bit in the signature.
    Signature,
}

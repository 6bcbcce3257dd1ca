//! Writes the parts of an answer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cbor::{bytes, integer, map, text};
use crate::key::Key;
use crate::{Attestation, Behaviour, Tampering};

/// Octets as the JSON of browsers has them.
pub(crate) fn base64url(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

/// The client data, in the order that WebAuthn section 5.8.1.1 prescribes to browsers.
pub(crate) fn client_data(r#type: &str, challenge: &str, origin: &str, behaviour: &Behaviour) -> Vec<u8> {
    let r#type = behaviour.client_data_type.as_deref().unwrap_or(r#type);
    let challenge = behaviour.challenge.as_deref().unwrap_or(challenge);
    let quoted = |text: &str| Value::from(text).to_string();
    let mut members = vec![
        format!("\"type\":{}", quoted(r#type)),
        format!("\"challenge\":{}", quoted(challenge)),
        format!("\"origin\":{}", quoted(origin)),
    ];
    members.extend(behaviour.cross_origin.map(|it| format!("\"crossOrigin\":{it}")));
    members.extend(behaviour.top_origin.as_deref().map(|it| format!("\"topOrigin\":{}", quoted(it))));
    format!("{{{}}}", members.join(",")).into_bytes()
}

/// The authenticator data (WebAuthn section 6.1). `credential` is the id and the public key of a new passkey.
pub(crate) fn authenticator_data(
    rp_id: &str,
    sign_count: u32,
    credential: Option<(&[u8], &[u8])>,
    behaviour: &Behaviour,
) -> Vec<u8> {
    let flags = [
        (0x01, behaviour.user_present),
        (0x04, behaviour.user_verified),
        (0x08, behaviour.backup_eligible),
        (0x10, behaviour.backed_up),
        (0x40, credential.is_some()),
        (0x80, behaviour.extensions),
    ];
    let flags = flags.into_iter().filter(|(_, is_set)| *is_set).fold(0, |flags, (bit, _)| flags | bit);
    let rp_id_hash = Sha256::digest(behaviour.rp_id.as_deref().unwrap_or(rp_id));
    let credential = credential.map(|(id, public_key)| {
        let length = u16::try_from(id.len()).expect("a credential id has at most 65,535 octets");
        [&AAGUID[..], &length.to_be_bytes(), id, public_key].concat()
    });
    let extensions = behaviour.extensions.then(|| map(&[(text("credProtect"), integer(2))]));
    [
        &rp_id_hash[..],
        &[flags],
        &sign_count.to_be_bytes(),
        credential.as_deref().unwrap_or_default(),
        extensions.as_deref().unwrap_or_default(),
    ]
    .concat()
}

/// The model of this authenticator: a random UUID that stands for no real one.
const AAGUID: [u8; 16] = *b"\x7e\x1f\x3a\x54\xf0\x0d\x4c\x0e\x9a\x77\x5e\x1f\x7e\x57\x00\x01";

/// The attestation object (WebAuthn section 6.5.4).
pub(crate) fn attestation_object(
    attestation: Attestation,
    data: &[u8],
    client_data: &[u8],
    key: &Key,
) -> Vec<u8> {
    let alg = || (text("alg"), integer(key.algorithm().cose_id()));
    let signature = || (text("sig"), bytes(&key.sign(&signed(data, client_data))));
    let (format, statement) = match attestation {
        Attestation::None => ("none", map(&[])),
        Attestation::Itself => ("packed", map(&[alg(), signature()])),
        Attestation::NoneWithStatement => ("none", map(&[alg()])),
        Attestation::Unknown => ("example-unknown", map(&[(text("x"), map(&[alg()]))])),
    };
    map(&[(text("fmt"), text(format)), (text("attStmt"), statement), (text("authData"), bytes(data))])
}

/// The octets that an authenticator signs.
pub(crate) fn signed(data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [data, &Sha256::digest(client_data)].concat()
}

/// The parts of an assertion, which somebody may change on their way.
pub(crate) struct Parts {
    pub(crate) client_data: Vec<u8>,
    pub(crate) authenticator_data: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Parts {
    pub(crate) fn tampered(mut self, tampering: Option<Tampering>) -> Self {
        match tampering {
            None => {}
            Some(Tampering::ClientData) => self.client_data.insert(1, b' '),
            // The highest octet of the counter.
            Some(Tampering::AuthenticatorData) => self.authenticator_data[33] += 1,
            Some(Tampering::Signature) => {
                let last = self.signature.len() - 1;
                self.signature[last] ^= 1;
            }
        }
        self
    }

    pub(crate) fn into_json(self, id: &[u8], user_handle: Option<&[u8]>) -> Value {
        json!({
            "id": base64url(id),
            "rawId": base64url(id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url(&self.client_data),
                "authenticatorData": base64url(&self.authenticator_data),
                "signature": base64url(&self.signature),
                "userHandle": user_handle.map(base64url),
            },
        })
    }
}

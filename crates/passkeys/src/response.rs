//! The answers of authenticators, as browsers write them in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Challenge, CredentialId, Octets, PasskeyError, UserHandle, client_data};

/// The answer to creation options: `PublicKeyCredential.toJSON()` of a new passkey (`RegistrationResponseJSON`,
/// WebAuthn section 5.1). Members that the service does not need are ignored.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationResponse {
    /// `rawId` once more, as text.
    #[schema(max_length = 1364)]
    pub id: String,
    /// The name that the authenticator gave the passkey.
    #[schema(inline)]
    pub raw_id: Octets,
    /// Always `public-key`.
    #[schema(inline)]
    pub r#type: CredentialType,
    /// The octets that were signed.
    #[schema(inline)]
    pub response: AttestationAnswer,
    /// The results of extensions.
    #[serde(default)]
    #[schema(inline)]
    pub client_extension_results: CreationResults,
}

/// The part of a registration that the authenticator and the browser made (WebAuthn section 5.2.1).
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttestationAnswer {
    /// The client data: octets of JSON, which the browser wrote.
    #[serde(rename = "clientDataJSON")]
    #[schema(inline)]
    pub client_data_json: Octets,
    /// The new passkey, as octets of CBOR.
    #[schema(inline)]
    pub attestation_object: Octets,
    /// The ways in which the browser may reach the authenticator.
    #[serde(default)]
    #[schema(max_items = 100, value_type = Vec<crate::Transport>, inline)]
    pub transports: Vec<String>,
}

/// The results of the extensions of a registration. No signature covers them.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreationResults {
    /// The browser's own knowledge of the passkey.
    #[serde(default)]
    #[schema(inline)]
    pub cred_props: Option<CredentialProperties>,
}

/// The browser's own knowledge of a new passkey (WebAuthn section 10.1.3).
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct CredentialProperties {
    /// True if the passkey is discoverable; null if the browser does not know.
    #[serde(default)]
    pub rk: Option<bool>,
}

/// The answer to request options: `PublicKeyCredential.toJSON()` of a passkey in use
/// (`AuthenticationResponseJSON`, WebAuthn section 5.1). Members that the service does not need are ignored.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssertionResponse {
    /// `rawId` once more, as text.
    #[schema(max_length = 1364)]
    pub id: String,
    /// The name of the passkey.
    #[schema(inline)]
    pub raw_id: Octets,
    /// Always `public-key`.
    #[schema(inline)]
    pub r#type: CredentialType,
    /// The octets that were signed.
    #[schema(inline)]
    pub response: AssertionAnswer,
}

/// The part of an assertion that the authenticator and the browser made (WebAuthn section 5.2.2).
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssertionAnswer {
    /// The client data: octets of JSON, which the browser wrote.
    #[serde(rename = "clientDataJSON")]
    #[schema(inline)]
    pub client_data_json: Octets,
    /// The authenticator data, which the signature covers.
    #[schema(inline)]
    pub authenticator_data: Octets,
    /// The signature of both.
    #[schema(inline)]
    pub signature: Octets,
    /// The name of the account towards authenticators; null if the authenticator does not keep it.
    #[serde(default)]
    #[schema(inline)]
    pub user_handle: Option<Octets>,
}

/// The type of a credential (WebAuthn section 5.8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum CredentialType {
    /// A passkey. There is no other type.
    #[serde(rename = "public-key")]
    PublicKey,
}

impl RegistrationResponse {
    /// The challenge that the answer names, to look it up. Nothing is verified yet.
    #[must_use]
    pub fn claimed_challenge(&self) -> Option<Challenge> {
        client_data::challenge(&self.response.client_data_json)
    }

    /// The name of the passkey, if it and its text agree.
    pub(crate) fn credential_id(&self) -> Result<CredentialId, PasskeyError> {
        credential_id(&self.raw_id, &self.id)
    }
}

impl AssertionResponse {
    /// The challenge that the answer names, to look it up. Nothing is verified yet.
    #[must_use]
    pub fn claimed_challenge(&self) -> Option<Challenge> {
        client_data::challenge(&self.response.client_data_json)
    }

    /// The passkey that the answer names, to look it up. Nothing is verified yet.
    ///
    /// # Errors
    /// It is empty or too long, or `id` and `rawId` differ.
    pub fn credential_id(&self) -> Result<CredentialId, PasskeyError> {
        credential_id(&self.raw_id, &self.id)
    }

    /// The account that the answer names, if it does. Authenticators need not return it if the options named the passkeys, and some
    /// browsers then return an empty one.
    ///
    /// # Errors
    /// It is too long.
    pub(crate) fn user_handle(&self) -> Result<Option<UserHandle>, PasskeyError> {
        match &self.response.user_handle {
            Some(octets) if !octets.is_empty() => match UserHandle::from_octets(octets) {
                Some(handle) => Ok(Some(handle)),
                None => Err(PasskeyError::TooLong("userHandle")),
            },
            _ => Ok(None),
        }
    }
}

fn credential_id(raw_id: &[u8], text: &str) -> Result<CredentialId, PasskeyError> {
    let id = CredentialId::from_octets(raw_id).ok_or(PasskeyError::CredentialIdLength)?;
    if id.to_base64url() == text { Ok(id) } else { Err(PasskeyError::IdsDiffer) }
}

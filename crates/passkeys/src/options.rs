//! The options with which a browser makes or uses a passkey.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Algorithm, Challenge, CredentialId, CredentialType, Octets, RelyingParty, Transport, UserHandle,
};

/// How long the browser waits for the person, in milliseconds. It is a hint; the caller ends the challenge at about the same time.
/// WebAuthn section 15.1 recommends five to ten minutes.
const TIMEOUT: u32 = 300_000;

/// The options for `navigator.credentials.create()` in JSON (`PublicKeyCredentialCreationOptionsJSON`, WebAuthn section 5.1). A page reads
/// them with `PublicKeyCredential.parseCreationOptionsFromJSON()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    /// The service.
    pub rp: RelyingPartyEntity,
    /// The account.
    pub user: UserEntity,
    /// Random octets that the authenticator signs.
    pub challenge: Octets,
    /// The algorithms, the preferred one first.
    #[schema(min_items = 3, max_items = 3)]
    pub pub_key_cred_params: Vec<CredentialParameters>,
    /// How long the browser waits, in milliseconds.
    #[schema(value_type = i32, minimum = 300_000, maximum = 300_000)]
    pub timeout: u32,
    /// The passkeys that the account has. Their authenticators make no second one.
    #[schema(max_items = 100)]
    pub exclude_credentials: Vec<CredentialDescriptor>,
    /// The kind of passkey that is wanted.
    pub authenticator_selection: AuthenticatorSelection,
    /// Always `none`: the service does not ask who made the authenticator.
    #[schema(max_length = 4)]
    pub attestation: &'static str,
    /// Asks whether the passkey is discoverable.
    pub extensions: CreationExtensions,
}

/// The options for `navigator.credentials.get()` in JSON (`PublicKeyCredentialRequestOptionsJSON`, WebAuthn section 5.1). A page reads them
/// with `PublicKeyCredential.parseRequestOptionsFromJSON()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// Random octets that the authenticator signs.
    pub challenge: Octets,
    /// How long the browser waits, in milliseconds.
    #[schema(value_type = i32, minimum = 300_000, maximum = 300_000)]
    pub timeout: u32,
    /// The id of the service towards authenticators, a domain.
    #[schema(max_length = 253)]
    pub rp_id: String,
    /// The passkeys that are accepted; empty if the person chooses one.
    #[schema(max_items = 100)]
    pub allow_credentials: Vec<CredentialDescriptor>,
    /// True if the authenticator has to ask for a PIN, a fingerprint or the like.
    pub user_verification: UserVerification,
}

/// The service (WebAuthn section 5.4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RelyingPartyEntity {
    /// The id of the service towards authenticators, a domain.
    #[schema(max_length = 253)]
    pub id: String,
    /// The name that authenticators show.
    #[schema(max_length = 300)]
    pub name: String,
}

/// The account (WebAuthn section 5.4.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserEntity {
    /// The random name of the account towards authenticators.
    pub id: Octets,
    /// The name by which the person tells this account from another, such as an address.
    #[schema(max_length = 300)]
    pub name: String,
    /// The name of the person.
    #[schema(max_length = 300)]
    pub display_name: String,
}

/// An algorithm (WebAuthn section 5.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CredentialParameters {
    /// Always `public-key`.
    pub r#type: CredentialType,
    /// The number of the algorithm in the registry of COSE.
    #[schema(minimum = -257, maximum = -7)]
    pub alg: i32,
}

/// A passkey (`PublicKeyCredentialDescriptorJSON`, WebAuthn sections 5.1 and 5.8.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CredentialDescriptor {
    /// Always `public-key`.
    pub r#type: CredentialType,
    /// The name of the passkey.
    pub id: Octets,
    /// The ways in which the browser may reach its authenticator.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 8)]
    pub transports: Vec<Transport>,
}

/// The kind of passkey that is wanted (WebAuthn section 5.4.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticatorSelection {
    /// Always `required`: the authenticator keeps the name of the account, so that the person needs not type it.
    #[schema(max_length = 8)]
    pub resident_key: &'static str,
    /// The same, for browsers of level 1.
    pub require_resident_key: bool,
    /// Always `preferred` here: a key without a PIN is still a second factor.
    pub user_verification: UserVerification,
}

/// The extensions of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreationExtensions {
    /// Asks whether the passkey is discoverable (WebAuthn section 10.1.3).
    pub cred_props: bool,
}

/// The need for user verification (WebAuthn section 5.8.6): that the authenticator asks for a PIN, a fingerprint or the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UserVerification {
    /// An answer without it is refused.
    Required,
    /// The authenticator does it if it can.
    Preferred,
}

impl CreationOptions {
    pub(crate) fn new(
        relying_party: &RelyingParty,
        challenge: &Challenge,
        user: &UserHandle,
        name: &str,
        display_name: &str,
        exclude: &[(CredentialId, Vec<Transport>)],
    ) -> Self {
        let parameters =
            |it: Algorithm| CredentialParameters { r#type: CredentialType::PublicKey, alg: it.cose_id() };
        Self {
            rp: RelyingPartyEntity {
                id: relying_party.id().to_owned(),
                name: relying_party.name().to_owned(),
            },
            user: UserEntity {
                id: user.octets().into(),
                name: name.to_owned(),
                display_name: display_name.to_owned(),
            },
            challenge: challenge.to_json(),
            pub_key_cred_params: Algorithm::OFFERED.map(parameters).to_vec(),
            timeout: TIMEOUT,
            exclude_credentials: descriptors(exclude),
            authenticator_selection: AuthenticatorSelection {
                resident_key: "required",
                require_resident_key: true,
                user_verification: UserVerification::Preferred,
            },
            attestation: "none",
            extensions: CreationExtensions { cred_props: true },
        }
    }
}

impl RequestOptions {
    pub(crate) fn new(
        relying_party: &RelyingParty,
        challenge: &Challenge,
        user_verification: UserVerification,
        allow: &[(CredentialId, Vec<Transport>)],
    ) -> Self {
        Self {
            challenge: challenge.to_json(),
            timeout: TIMEOUT,
            rp_id: relying_party.id().to_owned(),
            allow_credentials: descriptors(allow),
            user_verification,
        }
    }
}

fn descriptors(passkeys: &[(CredentialId, Vec<Transport>)]) -> Vec<CredentialDescriptor> {
    let descriptor = |(id, transports): &(CredentialId, Vec<Transport>)| CredentialDescriptor {
        r#type: CredentialType::PublicKey,
        id: id.octets().into(),
        transports: transports.clone(),
    };
    passkeys.iter().map(descriptor).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use users_core::PublicUrl;

    use super::*;
    use crate::Ceremony;

    fn relying_party() -> RelyingParty {
        RelyingParty::parse("Example", "", "", &PublicUrl::parse("https://example.com").unwrap()).unwrap()
    }

    fn passkeys() -> Vec<(CredentialId, Vec<Transport>)> {
        let transports = ["nfc", "usb"].map(|it| Transport::parse(it).unwrap()).to_vec();
        let id = |octets: &[u8]| CredentialId::from_octets(octets).unwrap();
        vec![(id(&[0xfb; 3]), transports), (id(&[0]), Vec::new())]
    }

    fn challenge() -> Challenge {
        Challenge::from_octets(&[0; 32]).unwrap()
    }

    #[test]
    fn a_passkey_is_asked_for_as_the_standard_writes_it() {
        let user = UserHandle::from_octets(&[0xff; 32]).unwrap();
        let options = relying_party().creation_options(
            &challenge(),
            &user,
            "a@example.com",
            "Ada Lovelace",
            &passkeys(),
        );
        let expected = json!({
            "rp": {"id": "example.com", "name": "Example"},
            "user": {
                "id": "__________________________________________8",
                "name": "a@example.com",
                "displayName": "Ada Lovelace",
            },
            "challenge": "A".repeat(43),
            "pubKeyCredParams": [
                {"type": "public-key", "alg": -7},
                {"type": "public-key", "alg": -8},
                {"type": "public-key", "alg": -257},
            ],
            "timeout": 300_000,
            "excludeCredentials": [
                {"type": "public-key", "id": "-_v7", "transports": ["nfc", "usb"]},
                {"type": "public-key", "id": "AA"},
            ],
            "authenticatorSelection": {
                "residentKey": "required", "requireResidentKey": true, "userVerification": "preferred",
            },
            "attestation": "none",
            "extensions": {"credProps": true},
        });
        assert_eq!(serde_json::to_value(options).unwrap(), expected);
    }

    #[test]
    fn a_login_needs_user_verification_and_a_second_factor_prefers_it() {
        let login = relying_party().request_options(&challenge(), Ceremony::Login, &[]);
        let expected = json!({
            "challenge": "A".repeat(43), "timeout": 300_000, "rpId": "example.com",
            "allowCredentials": [], "userVerification": "required",
        });
        assert_eq!(serde_json::to_value(login).unwrap(), expected);

        let factor = relying_party().request_options(&challenge(), Ceremony::SecondFactor, &passkeys());
        let factor = serde_json::to_value(factor).unwrap();
        assert_eq!(factor["userVerification"], "preferred");
        assert_eq!(factor["allowCredentials"][0]["id"], "-_v7");
    }
}

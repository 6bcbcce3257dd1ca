//! The authenticator, and the browser in front of it.

use std::fmt;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::answer::{self, Parts, base64url};
use crate::key::Key;
use crate::{Algorithm, Behaviour, Counter, options};

/// An authenticator with its passkeys, and the browser in front of it.
pub struct Authenticator {
    /// What [`Self::create`] and [`Self::get`] do.
    pub behaviour: Behaviour,
    credentials: Vec<Credential>,
    seed: [u8; 32],
    drawn: u32,
    made: usize,
    count: u32,
}

/// A passkey.
pub struct Credential {
    id: Vec<u8>,
    rp_id: String,
    user_handle: Vec<u8>,
    key: Key,
}

/// The reason why the browser gives no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// A member of the options is missing or malformed (`TypeError`).
    Options(String),
    /// The authenticator has none of the algorithms (`NotSupportedError`).
    Algorithm,
    /// The authenticator has one of the excluded passkeys already (`InvalidStateError`).
    Excluded,
    /// The authenticator has no passkey that the options allow (`NotAllowedError`).
    NoCredential,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(member) => write!(f, "the options lack {member}, or it is malformed"),
            Self::Algorithm => f.write_str("the authenticator has none of the algorithms"),
            Self::Excluded => f.write_str("the authenticator has an excluded passkey"),
            Self::NoCredential => f.write_str("the authenticator has no passkey for these options"),
        }
    }
}

impl std::error::Error for Refused {}

impl Credential {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// The relying party that it belongs to.
    #[must_use]
    pub fn rp_id(&self) -> &str {
        &self.rp_id
    }

    /// The account that it belongs to.
    #[must_use]
    pub fn user_handle(&self) -> &[u8] {
        &self.user_handle
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// The public key in COSE.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        self.key.cose()
    }
}

impl Authenticator {
    /// An authenticator whose keys and ids are random. Keys for RSA are ready-made: two passkeys of 2,048 bits that one authenticator makes
    /// after another differ, those of two authenticators may not.
    ///
    /// # Panics
    /// The system has no randomness.
    #[must_use]
    pub fn new() -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the system provides random octets");
        Self::of(seed)
    }

    /// An authenticator whose keys and ids are the same in each run. Tests that share a database need [`Self::new`], since an id may be
    /// registered once.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::of(Sha256::digest(seed.to_be_bytes()).into())
    }

    fn of(seed: [u8; 32]) -> Self {
        Self { behaviour: Behaviour::default(), credentials: Vec::new(), seed, drawn: 0, made: 0, count: 0 }
    }

    /// The same authenticator with a behaviour for all its answers.
    #[must_use]
    pub fn behaving(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }

    /// The passkeys, the oldest first.
    #[must_use]
    pub fn credentials(&self) -> &[Credential] {
        &self.credentials
    }

    /// Makes a passkey on a page of the origin. `options` is `PublicKeyCredentialCreationOptionsJSON`, and the answer
    /// `RegistrationResponseJSON`.
    ///
    /// # Errors
    /// The browser gives no answer.
    pub fn create(&mut self, options: &Value, origin: &str) -> Result<Value, Refused> {
        self.create_as(options, origin, &self.behaviour.clone())
    }

    /// [`Self::create`] with another behaviour, this time only.
    ///
    /// # Errors
    /// The browser gives no answer.
    pub fn create_as(
        &mut self,
        options: &Value,
        origin: &str,
        behaviour: &Behaviour,
    ) -> Result<Value, Refused> {
        let rp_id = options::text(options, "/rp/id")?.to_owned();
        let user_handle = options::octets(options, "/user/id")?;
        let challenge = options::text(options, "/challenge")?;
        let excluded = options::ids(options, "excludeCredentials")?;
        if self.credentials.iter().any(|it| it.rp_id == rp_id && excluded.contains(&it.id)) {
            return Err(Refused::Excluded);
        }
        let algorithm = match behaviour.algorithm {
            Some(algorithm) => algorithm,
            None => options::algorithm(options)?,
        };

        let key = Key::new(algorithm, &self.draw(), behaviour.rsa_bits, self.made);
        self.made += 1;
        let id = behaviour.new_id.clone().unwrap_or_else(|| self.draw().to_vec());
        let public_key = behaviour.public_key.clone().unwrap_or_else(|| key.cose());
        let attested = behaviour.attests_credential.then_some((id.as_slice(), public_key.as_slice()));
        let count = self.next_count(behaviour);
        let data = answer::authenticator_data(&rp_id, count, attested, behaviour);
        let client_data = answer::client_data("webauthn.create", challenge, origin, behaviour);
        let object = answer::attestation_object(behaviour.attestation, &data, &client_data, &key);

        let presented = behaviour.presents_as.as_ref().unwrap_or(&id);
        let answer = json!({
            "id": base64url(presented),
            "rawId": base64url(presented),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": true}},
            "response": {
                "clientDataJSON": base64url(&client_data),
                "attestationObject": base64url(&object),
                "authenticatorData": base64url(&data),
                "publicKeyAlgorithm": algorithm.cose_id(),
                "transports": behaviour.transports,
            },
        });
        // A passkey for the same account replaces an older one, as discoverable passkeys do.
        self.credentials.retain(|it| it.rp_id != rp_id || it.user_handle != user_handle);
        self.credentials.push(Credential { id, rp_id, user_handle, key });
        Ok(answer)
    }

    /// Uses a passkey on a page of the origin. `options` is `PublicKeyCredentialRequestOptionsJSON`, and the answer
    /// `AuthenticationResponseJSON`. If the options name no passkeys, the newest one of the relying party is used.
    ///
    /// # Errors
    /// The browser gives no answer.
    pub fn get(&mut self, options: &Value, origin: &str) -> Result<Value, Refused> {
        self.get_as(options, origin, &self.behaviour.clone())
    }

    /// [`Self::get`] with another behaviour, this time only.
    ///
    /// # Errors
    /// The browser gives no answer.
    pub fn get_as(&mut self, options: &Value, origin: &str, behaviour: &Behaviour) -> Result<Value, Refused> {
        let rp_id = options::text(options, "/rpId")?.to_owned();
        let challenge = options::text(options, "/challenge")?.to_owned();
        let allowed = options::ids(options, "allowCredentials")?;
        let count = self.next_count(behaviour);
        let may_use = |it: &&Credential| match &behaviour.uses {
            Some(id) => it.id == *id,
            None => it.rp_id == rp_id && (allowed.is_empty() || allowed.contains(&it.id)),
        };
        let credential = self.credentials.iter().rev().find(may_use).ok_or(Refused::NoCredential)?;

        let client_data = answer::client_data("webauthn.get", &challenge, origin, behaviour);
        let authenticator_data = answer::authenticator_data(&rp_id, count, None, behaviour);
        let signature = credential.key.sign(&answer::signed(&authenticator_data, &client_data));
        let parts = Parts { client_data, authenticator_data, signature };
        let handle = behaviour.user_handle.as_ref().unwrap_or(&credential.user_handle);
        let handle = behaviour.returns_user_handle.then_some(handle.as_slice());
        let id = behaviour.presents_as.as_ref().unwrap_or(&credential.id);
        Ok(parts.tampered(behaviour.tampering).into_json(id, handle))
    }

    fn next_count(&mut self, behaviour: &Behaviour) -> u32 {
        match behaviour.counter {
            Counter::Is(count) => count,
            Counter::Grows => {
                self.count += 1;
                self.count
            }
        }
    }

    /// 32 octets that are not drawn again.
    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        Sha256::new().chain_update(self.seed).chain_update(self.drawn.to_be_bytes()).finalize().into()
    }
}

impl Default for Authenticator {
    fn default() -> Self {
        Self::new()
    }
}

/// Does not show the keys.
impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<String> = self.credentials.iter().map(|it| base64url(&it.id)).collect();
        f.debug_struct("Authenticator").field("credentials", &ids).field("count", &self.count).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://example.com";

    fn creation(user: &str) -> Value {
        json!({
            "rp": {"id": "example.com", "name": "Example"},
            "user": {"id": user, "name": "ada", "displayName": "Ada"},
            "challenge": "AAAAAAAAAAAAAAAAAAAAAA",
            "pubKeyCredParams": [{"type": "public-key", "alg": -35}, {"type": "public-key", "alg": -7}],
        })
    }

    fn request(allowed: &[&Value]) -> Value {
        let allowed: Vec<Value> = allowed.iter().map(|id| json!({"type": "public-key", "id": id})).collect();
        json!({"rpId": "example.com", "challenge": "AAAAAAAAAAAAAAAAAAAAAA", "allowCredentials": allowed})
    }

    #[test]
    fn a_seed_makes_the_same_passkeys_and_another_one_others() {
        let made = |mut it: Authenticator| it.create(&creation("AA"), ORIGIN).unwrap();
        assert_eq!(made(Authenticator::seeded(1)), made(Authenticator::seeded(1)));
        assert_ne!(made(Authenticator::seeded(1))["id"], made(Authenticator::seeded(2))["id"]);
        assert_ne!(made(Authenticator::new())["id"], made(Authenticator::new())["id"]);
    }

    #[test]
    fn the_newest_allowed_passkey_is_used() {
        let mut authenticator = Authenticator::seeded(1);
        let first = authenticator.create(&creation("AA"), ORIGIN).unwrap();
        let second = authenticator.create(&creation("AQ"), ORIGIN).unwrap();
        assert_eq!(authenticator.get(&request(&[]), ORIGIN).unwrap()["id"], second["id"]);
        assert_eq!(authenticator.get(&request(&[&first["id"]]), ORIGIN).unwrap()["id"], first["id"]);
        let stranger = json!("AAAA");
        assert_eq!(authenticator.get(&request(&[&stranger]), ORIGIN), Err(Refused::NoCredential));
        let elsewhere = json!({"rpId": "example.org", "challenge": "AA"});
        assert_eq!(authenticator.get(&elsewhere, ORIGIN), Err(Refused::NoCredential));
    }

    #[test]
    fn what_a_browser_refuses_is_refused() {
        let mut authenticator = Authenticator::seeded(1);
        let made = authenticator.create(&creation("AA"), ORIGIN).unwrap();
        let mut again = creation("AA");
        again["excludeCredentials"] = json!([{"type": "public-key", "id": made["id"]}]);
        assert_eq!(authenticator.create(&again, ORIGIN), Err(Refused::Excluded));
        let mut other = creation("AA");
        other["pubKeyCredParams"] = json!([{"type": "public-key", "alg": -35}]);
        assert_eq!(authenticator.create(&other, ORIGIN), Err(Refused::Algorithm));
        let nothing = authenticator.create(&json!({}), ORIGIN).unwrap_err();
        assert_eq!(nothing.to_string(), "the options lack /rp/id, or it is malformed");
    }

    #[test]
    fn an_account_has_one_passkey_on_an_authenticator() {
        let mut authenticator = Authenticator::seeded(1);
        authenticator.create(&creation("AA"), ORIGIN).unwrap();
        let second = authenticator.create(&creation("AA"), ORIGIN).unwrap();
        assert_eq!(authenticator.credentials().len(), 1);
        assert_eq!(base64url(authenticator.credentials()[0].id()), second["id"]);
    }
}

//! Answers of other implementations verify: the test vectors of the standard, and answers that were recorded from real authenticators.
//! `tests/vectors/README.md` says where they are from.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;
use users_core::PublicUrl;
use users_passkeys::{
    Algorithm, AssertionResponse, Ceremony, Challenge, NewPasskey, PasskeyError, RegistrationResponse,
    RelyingParty, StoredPasskey, Used, UserVerification, verify_assertion, verify_registration,
};

#[derive(Deserialize)]
struct Vector {
    name: String,
    source: String,
    rp_id: String,
    origin: String,
    registration: Option<Ran>,
    assertion: Option<Ran>,
}

#[derive(Deserialize)]
struct Ran {
    challenge: String,
    response: Value,
    /// The key in COSE, of an assertion without a registration.
    public_key: Option<String>,
    sign_count: Option<u32>,
}

fn vectors(text: &str) -> Vec<Vector> {
    serde_json::from_str(text).unwrap()
}

fn w3c() -> Vec<Vector> {
    vectors(include_str!("vectors/w3c.json"))
}

fn recorded() -> Vec<Vector> {
    vectors(include_str!("vectors/recorded.json"))
}

fn octets(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

impl Vector {
    fn relying_party(&self) -> RelyingParty {
        let public_url = PublicUrl::parse(&self.origin).unwrap();
        RelyingParty::parse("Test", &self.rp_id, &self.origin, &public_url).unwrap()
    }

    fn register(&self, user_verification: UserVerification) -> Result<NewPasskey, PasskeyError> {
        let ran = self.registration.as_ref().unwrap();
        let response: RegistrationResponse = serde_json::from_value(ran.response.clone()).unwrap();
        let challenge = ran.challenge();
        assert_eq!(response.claimed_challenge().as_ref(), Some(&challenge), "{}", self.name);
        verify_registration(&self.relying_party(), &challenge, &response, user_verification)
    }

    /// Verifies the assertion with the key of the registration, or the one that was recorded with it.
    fn verify(&self, ceremony: Ceremony) -> Result<Used, PasskeyError> {
        let ran = self.assertion.as_ref().unwrap();
        let response: AssertionResponse = serde_json::from_value(ran.response.clone()).unwrap();
        let registered =
            self.registration.as_ref().map(|_| self.register(UserVerification::Preferred).unwrap());
        let public_key = match (&ran.public_key, &registered) {
            (Some(text), _) => octets(text),
            (None, passkey) => passkey.as_ref().unwrap().public_key.clone(),
        };
        let stored = StoredPasskey {
            credential_id: &octets(ran.response["id"].as_str().unwrap()),
            public_key: &public_key,
            sign_count: ran.sign_count.unwrap_or(0),
            backup_eligible: registered.map_or_else(
                || response.response.authenticator_data[32] & 0x08 != 0,
                |it| it.backup_eligible,
            ),
            user_handle: &response.response.user_handle.clone().unwrap_or_default(),
        };
        verify_assertion(&self.relying_party(), &ran.challenge(), &stored, &response, ceremony)
    }
}

impl Ran {
    fn challenge(&self) -> Challenge {
        Challenge::from_octets(&octets(&self.challenge)).unwrap()
    }
}

/// The outcome of each test vector of the standard.
fn expected(source: &str) -> Result<Algorithm, PasskeyError> {
    match source.trim_start_matches("#sctn-test-vectors-") {
        "none-es256-crossOrigin" | "none-es256-topOrigin" => Err(PasskeyError::CrossOrigin),
        "packed-es384" => Err(PasskeyError::Algorithm(-35)),
        "packed-es512" => Err(PasskeyError::Algorithm(-36)),
        "packed-ed448" => Err(PasskeyError::Algorithm(-53)),
        "packed-rs256" => Ok(Algorithm::Rs256),
        "packed-eddsa" => Ok(Algorithm::EdDsa),
        _ => Ok(Algorithm::Es256),
    }
}

#[test]
fn the_registrations_of_the_standard_verify_or_are_refused_for_what_is_not_offered() {
    let vectors = w3c();
    assert_eq!(vectors.len(), 15);
    for vector in vectors {
        let registered = vector.register(UserVerification::Preferred).map(|passkey| passkey.algorithm);
        assert_eq!(registered, expected(&vector.source), "{}", vector.name);
    }
}

#[test]
fn the_assertions_of_the_standard_verify() {
    let mut verified = 0;
    for vector in w3c().iter().filter(|it| expected(&it.source).is_ok()) {
        vector.verify(Ceremony::SecondFactor).unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        verified += 1;
    }
    assert_eq!(verified, 10);
}

#[test]
fn a_long_credential_id_of_the_standard_has_1023_octets() {
    let vectors = w3c();
    let long = vectors.iter().find(|it| it.source.ends_with("long-credential-id")).unwrap();
    let passkey = long.register(UserVerification::Preferred).unwrap();
    assert_eq!(passkey.credential_id.octets().len(), 1023);
}

#[test]
fn the_answers_of_real_authenticators_verify() {
    let (mut registrations, mut assertions) = (Vec::new(), 0);
    for vector in recorded() {
        let at = format!("{} of {}", vector.name, vector.source);
        if vector.registration.is_some() {
            let registered = vector.register(UserVerification::Preferred);
            registrations.push(registered.unwrap_or_else(|error| panic!("{at}: {error}")).algorithm);
        }
        if vector.assertion.is_some() {
            vector.verify(Ceremony::SecondFactor).unwrap_or_else(|error| panic!("{at}: {error}"));
            assertions += 1;
        }
    }
    let count = |algorithm| registrations.iter().filter(|it| **it == algorithm).count();
    assert_eq!(registrations.len() + assertions, 21);
    assert!(Algorithm::OFFERED.into_iter().all(|algorithm| count(algorithm) > 0), "{registrations:?}");
}

#[test]
fn a_recorded_answer_with_user_verification_is_a_whole_login() {
    let vectors = recorded();
    let named =
        |name: &str| vectors.iter().find(|it| it.name.ends_with(name) && it.assertion.is_some()).unwrap();
    let used = named("with_RSA_public_key").verify(Ceremony::Login).unwrap();
    assert!(used.user_verified && used.user_handle.is_some() && used.sign_count == 1);
    // A security key without a PIN does not name the account.
    assert_eq!(named("uv_required_but_false").verify(Ceremony::Login), Err(PasskeyError::NoUserHandle));
}

#[test]
fn a_changed_octet_of_a_recorded_answer_is_refused() {
    for vector in recorded().into_iter().chain(w3c().into_iter().filter(|it| expected(&it.source).is_ok())) {
        let Some(ran) = &vector.assertion else { continue };
        for member in ["authenticatorData", "signature"] {
            let whole = octets(ran.response["response"][member].as_str().unwrap());
            for at in [0, whole.len() / 2, whole.len() - 1] {
                let mut changed = whole.clone();
                changed[at] ^= 1;
                let mut response = ran.response.clone();
                response["response"][member] = URL_SAFE_NO_PAD.encode(&changed).into();
                let vector = Vector {
                    name: vector.name.clone(),
                    source: vector.source.clone(),
                    rp_id: vector.rp_id.clone(),
                    origin: vector.origin.clone(),
                    registration: vector.registration.as_ref().map(Ran::again),
                    assertion: Some(Ran { response, ..ran.again() }),
                };
                assert!(vector.verify(Ceremony::SecondFactor).is_err(), "{} {member} {at}", vector.name);
            }
        }
    }
}

impl Ran {
    fn again(&self) -> Self {
        Self {
            challenge: self.challenge.clone(),
            response: self.response.clone(),
            public_key: self.public_key.clone(),
            sign_count: self.sign_count,
        }
    }
}

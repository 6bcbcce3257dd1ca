//! Every attack on a passkey, with every algorithm, is refused for its own reason.

use proptest::prelude::*;
use serde_json::{Value, json};
use software_authenticator::{Algorithm as Makes, Attestation, Authenticator, Behaviour, Counter, Tampering};
use users_core::PublicUrl;
use users_passkeys::{
    Aaguid, Algorithm, AssertionResponse, Ceremony, Challenge, CredentialId, NewPasskey, PasskeyError,
    RegistrationResponse, RelyingParty, StoredPasskey, Used, UserHandle, UserVerification, verify_assertion,
    verify_registration,
};

const ORIGIN: &str = "https://users.example.com";
const OWNER: [u8; 32] = [7; 32];

/// A service with one account, and the authenticator of its owner.
struct Stage {
    relying_party: RelyingParty,
    challenge: Challenge,
    authenticator: Authenticator,
}

impl Stage {
    fn new(algorithm: Makes) -> Self {
        let public_url = PublicUrl::parse(ORIGIN).unwrap();
        let behaviour = Behaviour { algorithm: Some(algorithm), ..Behaviour::default() };
        Self {
            relying_party: RelyingParty::parse("Example", "example.com", ORIGIN, &public_url).unwrap(),
            challenge: Challenge::from_octets(&[1; 32]).unwrap(),
            authenticator: Authenticator::seeded(1).behaving(behaviour),
        }
    }

    fn behaviour(&self) -> Behaviour {
        self.authenticator.behaviour.clone()
    }

    fn creation_options(&self, owner: &[u8]) -> Value {
        let owner = UserHandle::from_octets(owner).unwrap();
        let options = self.relying_party.creation_options(&self.challenge, &owner, "ada", "Ada", &[]);
        serde_json::to_value(options).unwrap()
    }

    fn request_options(&self, ceremony: Ceremony) -> Value {
        serde_json::to_value(self.relying_party.request_options(&self.challenge, ceremony, &[])).unwrap()
    }

    fn register_as(
        &mut self,
        owner: &[u8],
        origin: &str,
        behaviour: &Behaviour,
        user_verification: UserVerification,
    ) -> Result<NewPasskey, PasskeyError> {
        let options = self.creation_options(owner);
        let answer = self.authenticator.create_as(&options, origin, behaviour).unwrap();
        self.verify_registration(&answer, user_verification)
    }

    fn verify_registration(
        &self,
        answer: &Value,
        user_verification: UserVerification,
    ) -> Result<NewPasskey, PasskeyError> {
        let response: RegistrationResponse = serde_json::from_value(answer.clone()).unwrap();
        verify_registration(&self.relying_party, &self.challenge, &response, user_verification)
    }

    /// The passkey of the owner, registered honestly.
    fn registered(&mut self) -> NewPasskey {
        self.register_as(&OWNER, ORIGIN, &self.behaviour(), UserVerification::Required).unwrap()
    }

    /// A registration on the origin with a behaviour that differs in one point from the honest one.
    fn registration(&mut self, change: impl FnOnce(&mut Behaviour)) -> Result<NewPasskey, PasskeyError> {
        let mut behaviour = self.behaviour();
        change(&mut behaviour);
        self.register_as(&OWNER, ORIGIN, &behaviour, UserVerification::Preferred)
    }

    /// The reason why a registration on another authenticator is refused. The passkey of the owner stays as it is.
    fn refusal(&self, origin: &str, change: impl FnOnce(&mut Behaviour)) -> PasskeyError {
        let mut behaviour = self.behaviour();
        change(&mut behaviour);
        let options = self.creation_options(&OWNER);
        let answer = Authenticator::seeded(2).create_as(&options, origin, &behaviour).unwrap();
        self.verify_registration(&answer, UserVerification::Preferred).unwrap_err()
    }

    fn answer_at(&mut self, origin: &str, change: impl FnOnce(&mut Behaviour)) -> Value {
        let mut behaviour = self.behaviour();
        change(&mut behaviour);
        let options = self.request_options(Ceremony::Login);
        self.authenticator.get_as(&options, origin, &behaviour).unwrap()
    }

    fn verify(&self, passkey: &NewPasskey, answer: &Value, ceremony: Ceremony) -> Result<Used, PasskeyError> {
        let response: AssertionResponse = serde_json::from_value(answer.clone()).unwrap();
        let stored = StoredPasskey {
            credential_id: passkey.credential_id.octets(),
            public_key: &passkey.public_key,
            sign_count: passkey.sign_count,
            backup_eligible: passkey.backup_eligible,
            user_handle: &OWNER,
        };
        verify_assertion(&self.relying_party, &self.challenge, &stored, &response, ceremony)
    }

    /// A login on the origin with a behaviour that differs in one point from the honest one.
    fn login(
        &mut self,
        passkey: &NewPasskey,
        change: impl FnOnce(&mut Behaviour),
    ) -> Result<Used, PasskeyError> {
        let answer = self.answer_at(ORIGIN, change);
        self.verify(passkey, &answer, Ceremony::Login)
    }
}

/// A test for each algorithm, which starts with a stage and a registered passkey.
fn with_each_algorithm(test: impl Fn(&mut Stage, &NewPasskey)) {
    for algorithm in Makes::ALL {
        let mut stage = Stage::new(algorithm);
        let passkey = stage.registered();
        test(&mut stage, &passkey);
    }
}

#[test]
fn an_honest_registration_gives_a_passkey() {
    for (makes, algorithm) in
        [(Makes::Es256, Algorithm::Es256), (Makes::EdDsa, Algorithm::EdDsa), (Makes::Rs256, Algorithm::Rs256)]
    {
        let mut stage = Stage::new(makes);
        let passkey = stage.registered();
        let made = &stage.authenticator.credentials()[0];
        assert_eq!(passkey.credential_id, CredentialId::from_octets(made.id()).unwrap());
        assert_eq!(passkey.public_key, made.public_key());
        assert_eq!(passkey.algorithm, algorithm);
        assert_eq!((passkey.sign_count, passkey.user_verified), (1, true));
        assert_eq!((passkey.backup_eligible, passkey.backed_up), (false, false));
        assert_eq!(passkey.discoverable, Some(true));
        assert_eq!(passkey.transports.iter().map(|it| it.as_str()).collect::<Vec<_>>(), ["internal"]);
        assert_eq!(Aaguid::to_string(&passkey.aaguid), "7e1f3a54-f00d-4c0e-9a77-5e1f7e570001");
    }
}

#[test]
fn without_a_wish_the_first_algorithm_that_is_offered_is_taken() {
    let mut stage = Stage::new(Makes::Rs256);
    assert_eq!(stage.registration(|it| it.algorithm = None).unwrap().algorithm, Algorithm::Es256);
}

#[test]
fn an_honest_login_verifies_and_counts() {
    with_each_algorithm(|stage, passkey| {
        let used = stage.login(passkey, |_| {}).unwrap();
        let handle = UserHandle::from_octets(&OWNER);
        assert_eq!(used, Used { sign_count: 2, user_verified: true, backed_up: false, user_handle: handle });
        // Extensions that nobody asked for, and a browser of level 1, change nothing.
        assert!(stage.login(passkey, |it| it.extensions = true).is_ok());
        assert!(stage.login(passkey, |it| it.cross_origin = None).is_ok());
    });
}

#[test]
fn rsa_keys_of_3072_and_4096_bits_verify() {
    for bits in [3072, 4096] {
        let mut stage = Stage::new(Makes::Rs256);
        let passkey = stage.registration(|it| it.rsa_bits = bits).unwrap();
        assert!(stage.login(&passkey, |_| {}).is_ok(), "{bits}");
        let refused = stage.login(&passkey, |it| it.tampering = Some(Tampering::Signature));
        assert_eq!(refused, Err(PasskeyError::Signature));
    }
}

#[test]
fn a_wrong_origin_is_refused() {
    with_each_algorithm(|stage, passkey| {
        for origin in ["https://evil.example", "https://example.com", "http://users.example.com"] {
            let refused = PasskeyError::Origin(origin.to_owned());
            assert_eq!(stage.refusal(origin, |_| {}), refused);
            let answer = stage.answer_at(origin, |_| {});
            assert_eq!(stage.verify(passkey, &answer, Ceremony::Login), Err(refused));
        }
    });
}

#[test]
fn a_wrong_relying_party_id_is_refused() {
    with_each_algorithm(|stage, passkey| {
        for rp_id in ["evil.example", "users.example.com", ""] {
            let other = |it: &mut Behaviour| it.rp_id = Some(rp_id.to_owned());
            assert_eq!(stage.login(passkey, other), Err(PasskeyError::RelyingParty));
            assert_eq!(stage.refusal(ORIGIN, other), PasskeyError::RelyingParty);
        }
    });
}

#[test]
fn a_replayed_challenge_is_refused() {
    with_each_algorithm(|stage, passkey| {
        let answer = stage.answer_at(ORIGIN, |_| {});
        let created = stage.creation_options(&OWNER);
        let created = stage.authenticator.create(&created, ORIGIN).unwrap();
        stage.challenge = Challenge::from_octets(&[2; 32]).unwrap();
        assert_eq!(stage.verify(passkey, &answer, Ceremony::Login), Err(PasskeyError::Challenge));
        let registered = stage.verify_registration(&created, UserVerification::Preferred);
        assert_eq!(registered, Err(PasskeyError::Challenge));
    });
}

#[test]
fn an_answer_of_the_other_ceremony_is_refused() {
    with_each_algorithm(|stage, passkey| {
        let create = |it: &mut Behaviour| it.client_data_type = Some("webauthn.create".to_owned());
        assert_eq!(stage.login(passkey, create), Err(PasskeyError::Type));
        let get = |it: &mut Behaviour| it.client_data_type = Some("webauthn.get".to_owned());
        assert_eq!(stage.refusal(ORIGIN, get), PasskeyError::Type);
    });
}

#[test]
fn a_ceremony_inside_another_page_is_refused() {
    with_each_algorithm(|stage, passkey| {
        let cross = |it: &mut Behaviour| it.cross_origin = Some(true);
        let top = |it: &mut Behaviour| it.top_origin = Some(ORIGIN.to_owned());
        assert_eq!(stage.login(passkey, cross), Err(PasskeyError::CrossOrigin));
        assert_eq!(stage.login(passkey, top), Err(PasskeyError::CrossOrigin));
        assert_eq!(stage.refusal(ORIGIN, cross), PasskeyError::CrossOrigin);
        assert_eq!(stage.refusal(ORIGIN, top), PasskeyError::CrossOrigin);
    });
}

#[test]
fn a_swapped_credential_is_refused() {
    with_each_algorithm(|stage, passkey| {
        // The passkey of another account, on the same authenticator.
        let behaviour = stage.behaviour();
        let other = stage.register_as(&[8; 32], ORIGIN, &behaviour, UserVerification::Required).unwrap();
        let others_id = other.credential_id.octets().to_vec();
        // Another passkey than the one whose key is at hand.
        let own = stage.answer_at(ORIGIN, |it| it.uses = Some(others_id.clone()));
        assert_eq!(stage.verify(passkey, &own, Ceremony::Login), Err(PasskeyError::OtherCredential));
        // The attacker's passkey signs, and calls itself the owner's.
        let forged = |it: &mut Behaviour| {
            it.uses = Some(others_id.clone());
            it.presents_as = Some(passkey.credential_id.octets().to_vec());
            it.user_handle = Some(OWNER.to_vec());
        };
        assert_eq!(stage.login(passkey, forged), Err(PasskeyError::Signature));
        // The owner's passkey signs, and calls itself the attacker's.
        let renamed = stage.answer_at(ORIGIN, |it| {
            it.uses = Some(passkey.credential_id.octets().to_vec());
            it.presents_as = Some(others_id.clone());
        });
        assert_eq!(stage.verify(&other, &renamed, Ceremony::Login), Err(PasskeyError::Signature));
        // In a registration, the id is the one that the authenticator data has.
        let presented = |it: &mut Behaviour| it.presents_as = Some(others_id.clone());
        assert_eq!(stage.refusal(ORIGIN, presented), PasskeyError::OtherCredential);
    });
}

#[test]
fn another_account_than_the_owner_of_the_passkey_is_refused() {
    with_each_algorithm(|stage, passkey| {
        let other = |it: &mut Behaviour| it.user_handle = Some(vec![8; 32]);
        assert_eq!(stage.login(passkey, other), Err(PasskeyError::OtherUserHandle));
        let answer = stage.answer_at(ORIGIN, other);
        assert_eq!(
            stage.verify(passkey, &answer, Ceremony::SecondFactor),
            Err(PasskeyError::OtherUserHandle)
        );
        let long = |it: &mut Behaviour| it.user_handle = Some(vec![8; 65]);
        assert_eq!(stage.login(passkey, long), Err(PasskeyError::TooLong("userHandle")));
    });
}

#[test]
fn a_login_by_passkey_alone_names_the_account_and_a_second_factor_need_not() {
    with_each_algorithm(|stage, passkey| {
        for silent in
            [&(|it: &mut Behaviour| it.returns_user_handle = false) as &dyn Fn(&mut Behaviour), &|it| {
                it.user_handle = Some(Vec::new())
            }]
        {
            let answer = stage.answer_at(ORIGIN, silent);
            assert_eq!(stage.verify(passkey, &answer, Ceremony::Login), Err(PasskeyError::NoUserHandle));
            let used = stage.verify(passkey, &answer, Ceremony::SecondFactor).unwrap();
            assert_eq!(used.user_handle, None);
        }
    });
}

#[test]
fn whatever_is_changed_after_the_signature_is_refused() {
    with_each_algorithm(|stage, passkey| {
        for tampering in [Tampering::ClientData, Tampering::AuthenticatorData, Tampering::Signature] {
            let refused = stage.login(passkey, |it| it.tampering = Some(tampering));
            assert_eq!(refused, Err(PasskeyError::Signature), "{tampering:?}");
        }
    });
}

#[test]
fn a_signature_of_another_algorithm_or_form_is_refused() {
    with_each_algorithm(|stage, passkey| {
        let answer = stage.answer_at(ORIGIN, |_| {});
        let with = |signature: &str| {
            let mut answer = answer.clone();
            answer["response"]["signature"] = json!(signature);
            answer
        };
        for makes in Makes::ALL {
            let mut other = Stage::new(makes);
            other.registered();
            let foreign = other.answer_at(ORIGIN, |it| it.counter = Counter::Is(2));
            // Ours are the same in each run, so the one of the same algorithm verifies.
            let verified = stage.verify(
                passkey,
                &with(foreign["response"]["signature"].as_str().unwrap()),
                Ceremony::Login,
            );
            let is_ours = makes.cose_id() == i64::from(passkey.algorithm.cose_id());
            assert_eq!(verified.is_ok(), is_ours, "{makes:?} {verified:?}");
        }
        for signature in ["", "AA", &"A".repeat(86), &format!("{}w", "_".repeat(341)), &"A".repeat(682)] {
            let verified = stage.verify(passkey, &with(signature), Ceremony::Login);
            assert_eq!(verified, Err(PasskeyError::Signature));
        }
        let long = with(&"A".repeat(684));
        assert_eq!(stage.verify(passkey, &long, Ceremony::Login), Err(PasskeyError::TooLong("signature")));
    });
}

#[test]
fn an_authenticator_that_nobody_touched_is_refused() {
    with_each_algorithm(|stage, passkey| {
        let absent = |it: &mut Behaviour| it.user_present = false;
        assert_eq!(stage.login(passkey, absent), Err(PasskeyError::UserNotPresent));
        assert_eq!(stage.refusal(ORIGIN, absent), PasskeyError::UserNotPresent);
    });
}

#[test]
fn a_user_who_was_not_verified_has_one_factor() {
    with_each_algorithm(|stage, passkey| {
        let unverified = |it: &mut Behaviour| it.user_verified = false;
        let answer = stage.answer_at(ORIGIN, unverified);
        assert_eq!(stage.verify(passkey, &answer, Ceremony::Login), Err(PasskeyError::UserNotVerified));
        assert!(!stage.verify(passkey, &answer, Ceremony::SecondFactor).unwrap().user_verified);

        assert!(!stage.registration(unverified).unwrap().user_verified);
        let mut behaviour = stage.behaviour();
        unverified(&mut behaviour);
        let registered = stage.register_as(&OWNER, ORIGIN, &behaviour, UserVerification::Required);
        assert_eq!(registered, Err(PasskeyError::UserNotVerified));
    });
}

#[test]
fn a_counter_that_does_not_grow_is_refused() {
    with_each_algorithm(|stage, passkey| {
        let passkey = &NewPasskey { sign_count: 5, ..passkey.clone() };
        for (presented, is_accepted) in [(0, false), (4, false), (5, false), (6, true), (u32::MAX, true)] {
            let used = stage.login(passkey, |it| it.counter = Counter::Is(presented));
            match used {
                Ok(used) => assert!(is_accepted && used.sign_count == presented),
                Err(error) => {
                    assert!(!is_accepted);
                    assert_eq!(error, PasskeyError::SignCount { stored: 5, presented });
                }
            }
        }
    });
}

#[test]
fn an_authenticator_that_does_not_count_may_begin_to() {
    with_each_algorithm(|stage, passkey| {
        let passkey = &NewPasskey { sign_count: 0, ..passkey.clone() };
        for presented in [0, 1] {
            let used = stage.login(passkey, |it| it.counter = Counter::Is(presented)).unwrap();
            assert_eq!(used.sign_count, presented);
        }
    });
}

#[test]
fn a_wrong_signature_is_told_before_a_wrong_counter() {
    with_each_algorithm(|stage, passkey| {
        let passkey = &NewPasskey { sign_count: 9, ..passkey.clone() };
        let forged = |it: &mut Behaviour| it.tampering = Some(Tampering::Signature);
        assert_eq!(stage.login(passkey, forged), Err(PasskeyError::Signature));
    });
}

#[test]
fn backup_flags_are_kept_and_have_to_agree() {
    with_each_algorithm(|stage, passkey| {
        let synced = |it: &mut Behaviour| (it.backup_eligible, it.backed_up) = (true, true);
        let eligible = |it: &mut Behaviour| it.backup_eligible = true;
        let impossible = |it: &mut Behaviour| it.backed_up = true;
        assert_eq!(stage.login(passkey, impossible), Err(PasskeyError::BackupState));
        assert_eq!(stage.refusal(ORIGIN, impossible), PasskeyError::BackupState);
        // The eligibility never changes.
        assert_eq!(stage.login(passkey, eligible), Err(PasskeyError::BackupEligibility));

        let passkey = stage.registration(synced).unwrap();
        assert!(passkey.backup_eligible && passkey.backed_up);
        assert!(stage.login(&passkey, synced).unwrap().backed_up);
        assert!(!stage.login(&passkey, eligible).unwrap().backed_up);
        assert_eq!(stage.login(&passkey, |_| {}), Err(PasskeyError::BackupEligibility));
    });
}

#[test]
fn attestation_is_read_past() {
    for algorithm in Makes::ALL {
        let mut stage = Stage::new(algorithm);
        for attestation in [Attestation::Itself, Attestation::Unknown] {
            let passkey = stage.registration(|it| it.attestation = attestation).unwrap();
            assert!(stage.login(&passkey, |_| {}).is_ok(), "{attestation:?}");
        }
        let refused = stage.registration(|it| it.attestation = Attestation::NoneWithStatement);
        assert_eq!(refused, Err(PasskeyError::AttestationStatement));
    }
}

#[test]
fn a_registration_without_a_good_key_and_id_is_refused() {
    let mut stage = Stage::new(Makes::Es256);
    assert_eq!(stage.registration(|it| it.attests_credential = false), Err(PasskeyError::NoCredential));
    let es384 = b"\xa5\x01\x02\x03\x38\x22\x20\x02\x21\x40\x22\x40".to_vec();
    assert_eq!(stage.registration(|it| it.public_key = Some(es384)), Err(PasskeyError::Algorithm(-35)));
    assert_eq!(stage.registration(|it| it.public_key = Some(vec![0xa0])), Err(PasskeyError::PublicKey));
    assert_eq!(stage.registration(|it| it.public_key = Some(vec![])), Err(PasskeyError::AuthenticatorData));
    assert_eq!(stage.registration(|it| it.new_id = Some(vec![])), Err(PasskeyError::CredentialIdLength));
    assert_eq!(
        stage.registration(|it| it.new_id = Some(vec![1; 1024])),
        Err(PasskeyError::CredentialIdLength)
    );
    assert!(stage.registration(|it| it.new_id = Some(vec![1; 1023])).is_ok());
    let long = [&b"\x59\x03\x00"[..], &[0; 0x300]].concat();
    assert_eq!(
        stage.registration(|it| it.public_key = Some(long)),
        Err(PasskeyError::TooLong("the public key"))
    );
}

#[test]
fn the_text_of_an_id_has_to_agree_with_its_octets() {
    let mut stage = Stage::new(Makes::EdDsa);
    let passkey = stage.registered();
    let mut answer = stage.answer_at(ORIGIN, |_| {});
    answer["id"] = json!("AAAA");
    assert_eq!(stage.verify(&passkey, &answer, Ceremony::Login), Err(PasskeyError::IdsDiffer));
}

#[test]
fn long_parts_are_refused_unread() {
    let mut stage = Stage::new(Makes::EdDsa);
    let options = stage.creation_options(&OWNER);
    let created = stage.authenticator.create(&options, ORIGIN).unwrap();
    let passkey = stage.verify_registration(&created, UserVerification::Required).unwrap();
    let answer = stage.answer_at(ORIGIN, |_| {});
    let long = |answer: &Value, member: &str| {
        let mut answer = answer.clone();
        answer["response"][member] = json!("A".repeat(60_000));
        answer
    };
    for (member, name) in [
        ("clientDataJSON", "clientDataJSON"),
        ("authenticatorData", "authenticatorData"),
        ("signature", "signature"),
        ("userHandle", "userHandle"),
    ] {
        let refused = stage.verify(&passkey, &long(&answer, member), Ceremony::Login);
        assert_eq!(refused, Err(PasskeyError::TooLong(name)));
    }
    let refused = stage.verify_registration(&long(&created, "attestationObject"), UserVerification::Required);
    assert_eq!(refused, Err(PasskeyError::TooLong("attestationObject")));
}

#[test]
fn answers_that_are_no_answers_are_refused_by_their_form() {
    let mut stage = Stage::new(Makes::EdDsa);
    stage.registered();
    let answer = stage.answer_at(ORIGIN, |_| {});
    for (pointer, value) in [
        ("/type", json!("password")),
        ("/rawId", json!("AA==")),
        ("/id", json!(1)),
        ("/response", json!({})),
        ("/response/signature", json!("+/")),
        ("/response/userHandle", json!(7)),
    ] {
        let mut answer = answer.clone();
        *answer.pointer_mut(pointer).unwrap() = value;
        assert!(serde_json::from_value::<AssertionResponse>(answer).is_err(), "{pointer}");
    }
}

/// A registration and a login whose octets are arbitrary.
fn answers_of(client: &[u8], object: &[u8], data: &[u8], signature: &[u8]) -> (Value, Value) {
    let text = |octets: &[u8]| serde_json::to_value(users_passkeys::Octets::from(octets)).unwrap();
    let create = json!({
        "id": "AAAA", "rawId": "AAAA", "type": "public-key",
        "response": {"clientDataJSON": text(client), "attestationObject": text(object)},
    });
    let get = json!({
        "id": "AAAA", "rawId": "AAAA", "type": "public-key",
        "response": {
            "clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature),
            "userHandle": text(&OWNER),
        },
    });
    (create, get)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_octets_are_refused(
        object in proptest::collection::vec(any::<u8>(), 0..400),
        data in proptest::collection::vec(any::<u8>(), 0..100),
        signature in proptest::collection::vec(any::<u8>(), 0..300),
        client in proptest::collection::vec(any::<u8>(), 0..200),
        good_client in any::<bool>(),
    ) {
        let mut stage = Stage::new(Makes::EdDsa);
        let passkey = stage.registered();
        let passkey = NewPasskey { credential_id: CredentialId::from_octets(&[0; 3]).unwrap(), ..passkey };
        let client_of = |kind: &str| {
            let challenge = serde_json::to_value(users_passkeys::Octets::from(&[1; 32][..])).unwrap();
            let client_data = json!({"type": kind, "challenge": challenge, "origin": ORIGIN});
            if good_client { client_data.to_string().into_bytes() } else { client.clone() }
        };
        let (create, _) = answers_of(&client_of("webauthn.create"), &object, &data, &signature);
        prop_assert!(stage.verify_registration(&create, UserVerification::Preferred).is_err());
        let (_, get) = answers_of(&client_of("webauthn.get"), &object, &data, &signature);
        prop_assert!(stage.verify(&passkey, &get, Ceremony::SecondFactor).is_err());
    }

    /// A registration with one octet changed is still well-formed in most places, so it reaches the deeper checks.
    #[test]
    fn a_changed_octet_never_panics(at in 0_usize..600, to in any::<u8>(), algorithm in 0_usize..3) {
        let mut stage = Stage::new(Makes::ALL[algorithm]);
        let options = stage.creation_options(&OWNER);
        let created = stage.authenticator.create(&options, ORIGIN).unwrap();
        let mut response: RegistrationResponse = serde_json::from_value(created).unwrap();
        let mut object = response.response.attestation_object.to_vec();
        let at = at % object.len();
        object[at] = to;
        response.response.attestation_object = object.into();
        let _ = verify_registration(&stage.relying_party, &stage.challenge, &response, UserVerification::Preferred);
    }
}

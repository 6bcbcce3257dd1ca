//! The attacks of RFC 8725 on the choice of the key and of the algorithm.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use users_tests::token::{self, Key, signed, unsigned, with};
use users_tests::{JWT_SECRET, Service, assert_problem};

use crate::tokens::valid_token;

/// A route of each component that verifies tokens.
const PATHS: [&str; 4] = ["/auth/me", "/users/", "/rbac/my-permissions", "/profile/"];

async fn assert_refused(service: &Service, attack: &str, token: &str) {
    for path in PATHS {
        let answer = service.get(path).bearer(token).send().await;
        assert_eq!(answer.status, 401, "{attack}: expected 401 of {path} for {token}: {answer:#?}");
        assert_problem(&answer, 401, "invalid_token");
    }
}

/// A token of any texts, signed with the key.
fn signed_text(key: &Key, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    with_signature(&message, &key.signature(&message))
}

fn with_signature(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The forms in which an attacker may take a public key for a shared secret.
fn as_secrets(key: &Key) -> Vec<Vec<u8>> {
    let raw = key.public();
    // SubjectPublicKeyInfo (RFC 8410 section 4).
    let der = [b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".as_slice(), &raw].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", STANDARD.encode(&der));
    vec![
        raw.to_vec(),
        URL_SAFE_NO_PAD.encode(raw).into_bytes(),
        STANDARD.encode(raw).into_bytes(),
        raw.map(|octet| format!("{octet:02x}")).concat().into_bytes(),
        key.jwk().to_string().into_bytes(),
        der,
        pem.clone().into_bytes(),
        format!("{pem}\n").into_bytes(),
        key.kid().into_bytes(),
        Vec::new(),
    ]
}

/// RFC 8725 section 2.1.
#[tokio::test]
async fn a_public_key_is_no_shared_secret() {
    for service in [
        Service::start().await,
        // HS256 is accepted, with a secret that the attacker does not know.
        Service::builder().variable("jwt_secret_previous", JWT_SECRET).start().await,
    ] {
        let (_, valid) = valid_token(&service).await;
        for secret in as_secrets(&valid.key) {
            for header in [
                json!({"typ": "at+jwt", "alg": "HS256"}),
                with(&valid.header, "alg", "HS256"),
                with(&valid.header, "alg", "HS512"),
                valid.header.clone(),
            ] {
                assert_refused(
                    &service,
                    "a public key as a secret",
                    &signed(&secret, &header, &valid.claims),
                )
                .await;
            }
        }
        // The other way round: the key signs, and the header claims the secret.
        for header in [json!({"typ": "at+jwt", "alg": "HS256"}), with(&valid.header, "alg", "HS256")] {
            assert_refused(&service, "a key as a secret", &valid.key.signed(&header, &valid.claims)).await;
        }
        let none = with(&valid.header, "alg", "none");
        assert_refused(&service, "none", &format!("{}.", unsigned(&none, &valid.claims))).await;
        assert_refused(&service, "none, signed", &valid.key.signed(&none, &valid.claims)).await;
        service.me(&valid.token).await.expect(200);
    }
}

#[tokio::test]
async fn a_shared_secret_is_refused_unless_the_operator_set_it() {
    let header = json!({"typ": "at+jwt", "alg": "HS256"});
    for (service, status) in [
        (Service::start().await, 401),
        (Service::builder().variable("jwt_secret_previous", JWT_SECRET).start().await, 200),
    ] {
        let (_, valid) = valid_token(&service).await;
        // The release before says `users`.
        let claims = with(&token::without(&valid.claims, "client_id"), "iss", "users");
        service.me(&signed(JWT_SECRET, &header, &claims)).await.expect(status);
        let prefix = &JWT_SECRET[..32];
        for secret in ["another secret that is just as long as ours", "", prefix, "users"] {
            assert_refused(&service, "another secret", &signed(secret, &header, &claims)).await;
        }
    }
}

/// RFC 8725 section 3.10: the name of a key is no path, no query and no address.
#[tokio::test]
async fn a_key_name_reaches_nothing_but_a_comparison() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    let kid = valid.key.kid();
    for (number, name) in [
        json!(""),
        json!("../../../../dev/null"),
        json!("/etc/passwd"),
        json!("file:///etc/passwd"),
        json!("https://attacker.example.com/keys/1"),
        json!("' UNION SELECT decode('00', 'hex') --"),
        json!("x' OR '1'='1"),
        json!("'; DROP TABLE signing_keys; --"),
        json!("$1"),
        json!("%"),
        json!("_".repeat(42)),
        json!(format!("{kid}=")),
        json!(format!(" {kid}")),
        json!(format!("{kid}\0")),
        json!(format!("{kid}{kid}")),
        json!(&kid[1..]),
        json!([kid]),
        json!({"kid": kid}),
        json!(1),
        json!(true),
        Value::Null,
    ]
    .into_iter()
    .enumerate()
    {
        let token = valid.key.signed(&with(&valid.header, "kid", name.clone()), &valid.claims);
        assert_refused(&service, &format!("kid {name}"), &token).await;
        let id = format!("kid-{number}");
        service.get("/auth/me").bearer(&token).id(&id).send().await.expect(401);
        let log = service.logs().of_request(&id).await;
        assert_eq!(log.statements(), [""; 0], "expected {name} not to reach the database: {log:#?}");
    }
    let without = valid.key.signed(&token::without(&valid.header, "kid"), &valid.claims);
    assert_refused(&service, "no kid", &without).await;
    let of_login = service.sql(&format!("SELECT kid FROM signing_keys WHERE kid <> '{kid}'")).await.concat();
    let token = valid.key.signed(&with(&valid.header, "kid", of_login), &valid.claims);
    assert_refused(&service, "the name of the key that signs", &token).await;
    service.me(&valid.token).await.expect(200);
}

#[tokio::test]
async fn an_unknown_key_costs_one_statement_and_names_no_user_in_the_log() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    let other = Key::numbered(2);
    for (id, token) in [
        ("unknown", other.signed(&other.header(), &valid.claims)),
        ("like-a-name", valid.key.signed(&with(&valid.header, "kid", "_".repeat(43)), &valid.claims)),
    ] {
        assert_problem(&service.get("/auth/me").bearer(&token).id(id).send().await, 401, "invalid_token");
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 1, "{log:#?}");
        assert_eq!(log.access()["user_id"], Value::Null, "{log:#?}");
    }
    let forged = other.signed(&valid.header, &valid.claims);
    assert_problem(&service.get("/auth/me").bearer(&forged).id("forged").send().await, 401, "invalid_token");
    let log = service.logs().of_request("forged").await;
    assert!(log.statements().len() <= 1, "expected none of an instance that knows the key: {log:#?}");
    assert_eq!(log.access()["user_id"], Value::Null, "{log:#?}");
}

/// RFC 8725 section 3.5, RFC 7515 section 10.
#[tokio::test]
async fn a_key_in_the_header_is_refused_whoever_signed() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    let attacker = Key::numbered(2);
    let certificate = STANDARD.encode(attacker.public());
    for (member, value) in [
        ("jwk", attacker.jwk()),
        ("jwk", valid.key.jwk()),
        ("jwk", json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode("attacker")})),
        ("jwk", Value::Null),
        ("jku", json!("https://attacker.example.com/keys")),
        ("jku", json!("http://127.0.0.1:3000/.well-known/jwks.json")),
        ("x5u", json!("https://attacker.example.com/certificate")),
        ("x5c", json!([certificate])),
        ("x5t", json!("dGh1bWJwcmludA")),
        ("x5t#S256", json!("dGh1bWJwcmludA")),
        ("epk", attacker.jwk()),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
    ] {
        for header in [&valid.header, &with(&valid.header, "kid", attacker.kid()), &attacker.header()] {
            let header = with(header, member, value.clone());
            for key in [&valid.key, &attacker] {
                assert_refused(&service, member, &key.signed(&header, &valid.claims)).await;
            }
            let secret = signed("attacker", &with(&header, "alg", "HS256"), &valid.claims);
            assert_refused(&service, member, &secret).await;
        }
    }
}

/// RFC 7515 section 4, RFC 7519 section 4: readers disagree about which of two members counts.
#[tokio::test]
async fn a_member_or_a_claim_that_occurs_twice_is_refused() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    let (header, claims) = (valid.header.to_string(), valid.claims.to_string());
    service.me(&signed_text(&valid.key, &header, &claims)).await.expect(200);
    let first = |object: &str, member: &str| object.replacen('{', &format!("{{{member},"), 1);
    let last = |object: &str, member: &str| format!("{},{member}}}", object.trim_end_matches('}'));
    for member in [r#""alg":"EdDSA""#, r#""alg":"none""#, r#""typ":"at+jwt""#, r#""k\u0069d":"x""#] {
        for header in [first(&header, member), last(&header, member)] {
            assert_refused(&service, &header, &signed_text(&valid.key, &header, &claims)).await;
        }
    }
    for member in [
        r#""sub":"1""#,
        r#""s\u0075b":"1""#,
        r#""sid":"1""#,
        r#""exp":4000000000"#,
        r#""iss":"http://127.0.0.1:3000""#,
        r#""aud":"users-api""#,
        r#""client_id":"users""#,
        r#""acr":"2""#,
        r#""scope":"a","scope":"b""#,
    ] {
        for claims in [first(&claims, member), last(&claims, member)] {
            assert_refused(&service, &claims, &signed_text(&valid.key, &header, &claims)).await;
        }
    }
    for text in [format!("{claims} {claims}"), format!("[{claims}]"), format!("{claims}x")] {
        assert_refused(&service, &text, &signed_text(&valid.key, &header, &text)).await;
    }
    // A claim that this release does not know is no fault: a later release may add one.
    service.me(&signed_text(&valid.key, &header, &last(&claims, r#""of_later":"2""#))).await.expect(200);
}

/// The order of the group of Ed25519, little-endian (RFC 8032 section 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Adds little-endian numbers.
fn sum(number: &[u8], more: &[u8; 32]) -> Vec<u8> {
    let mut carry = 0;
    let add = |(one, other): (&u8, &u8)| {
        let sum = u16::from(*one) + u16::from(*other) + carry;
        carry = sum >> 8;
        sum.to_le_bytes()[0]
    };
    number.iter().zip(more).map(add).collect()
}

/// RFC 8032 sections 5.1.7 and 8.4.
#[tokio::test]
async fn a_message_has_one_signature() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    let message = unsigned(&valid.header, &valid.claims);
    let signature = valid.key.signature(&message);
    let (r, s) = signature.split_at(32);
    service.me(&with_signature(&message, &signature)).await.expect(200);
    let neutral = [&[1], [0; 31].as_slice()].concat();
    for (attack, signature) in [
        ("S plus the order", [r, &sum(s, &ORDER)].concat()),
        ("S plus twice the order", [r, &sum(&sum(s, &ORDER), &ORDER)].concat()),
        ("S is the order", [r, &ORDER].concat()),
        ("S is zero", [r, &[0; 32]].concat()),
        ("R and S are zero", vec![0; 64]),
        ("R is the neutral element", [neutral.as_slice(), s].concat()),
        ("R is the neutral element, S is zero", [neutral.as_slice(), &[0; 32]].concat()),
        ("R has another sign", [&r[..31], &[r[31] ^ 0x80], s].concat()),
        ("S before R", [s, r].concat()),
        ("an octet less", signature[..63].to_vec()),
        ("an octet more", [signature.as_slice(), &[0]].concat()),
        ("all ones", vec![0xff; 64]),
    ] {
        assert_refused(&service, attack, &with_signature(&message, &signature)).await;
    }
}

/// With a key of small order, one signature verifies for many messages. Nobody makes such a key, but the database may have been changed.
#[tokio::test]
async fn a_key_of_small_order_or_with_another_encoding_verifies_nothing() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    let with_ends = |first: u8, between: u8, last: u8| {
        let mut octets = [between; 32];
        (octets[0], octets[31]) = (first, last);
        octets
    };
    for public in [
        // The neutral element, the point of order two, two of order four.
        with_ends(1, 0, 0),
        with_ends(0xec, 0xff, 0x7f),
        with_ends(0, 0, 0),
        with_ends(0, 0, 0x80),
        // Other encodings of the first and the third, and of the neutral element with a sign.
        with_ends(0xee, 0xff, 0x7f),
        with_ends(0xed, 0xff, 0x7f),
        with_ends(1, 0, 0x80),
    ] {
        service.knows_public(&public).await;
        let header = with(&valid.header, "kid", token::thumbprint(&public));
        let message = unsigned(&header, &valid.claims);
        let neutral = with_ends(1, 0, 0);
        for r in [neutral, public, with_ends(0xee, 0xff, 0x7f)] {
            let token = with_signature(&message, &[r, [0; 32]].concat());
            assert_refused(&service, "a key of small order", &token).await;
        }
    }
    service.me(&valid.token).await.expect(200);
}

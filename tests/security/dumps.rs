//! Dumps of the database hold no token that works, and no key that signs one.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde_json::json;
use users_tests::token::sha256_hex;
use users_tests::{Authenticator, KEY_SECRET, PASSWORD, Service};

const RESET_PASSWORD: &str = "a horse of stapled batteries";

/// All rows of all tables, as text.
async fn dump(service: &Service) -> String {
    let rows = "SELECT query_to_xml('SELECT * FROM ' || quote_ident(table_name), true, false, '')
                  FROM information_schema.tables
                 WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
    service.sql(&format!("SET xmlbinary = hex; {rows}; SET xmlbinary = base64; {rows}")).await.concat()
}

/// A token as it is sent, and its bits in the other forms in which Postgres may print them.
fn forms(token: &str) -> [String; 4] {
    let bits = URL_SAFE_NO_PAD.decode(token).expect("a token is base64url");
    let hex: String = bits.iter().map(|octet| format!("{octet:02x}")).collect();
    [token.to_owned(), token.replace('-', "+").replace('_', "/"), hex.to_uppercase(), hex]
}

#[tokio::test]
async fn no_dump_taken_at_any_moment_holds_a_token_that_works() {
    let service = Service::start().await;
    let mut dumps = Vec::new();
    let administrator = service.administrator("root@example.com").await;
    let alice = service.account("alice@example.com").await;
    dumps.push(dump(&service).await);
    let invited = json!({"email": "bob@example.com"});
    service.post("/users/").bearer(&administrator.tokens.access).json(&invited).send().await.expect(201);
    service.post("/auth/password/forgot").json(&json!({"email": alice.email})).send().await.expect(202);
    let address = json!({"email": "new@example.com", "password": PASSWORD});
    service.put("/auth/email").bearer(&alice.tokens.access).json(&address).send().await.expect(202);
    dumps.push(dump(&service).await);
    let sent = service.mail().await;
    dumps.push(dump(&service).await);

    // The links work, so these are the tokens that the dumps must not hold.
    let token = |to: &str, page: &str| {
        let mail =
            sent.iter().find(|mail| mail.to == to && mail.link().is_some_and(|link| link.contains(page)));
        mail.unwrap_or_else(|| panic!("expected a link to {to}: {sent:#?}")).token().to_owned()
    };
    let verification = token("alice@example.com", "/verify-email");
    let invitation = token("bob@example.com", "/reset-password");
    let reset = token("alice@example.com", "/reset-password");
    let change = token("new@example.com", "/verify-email");
    service.post("/auth/email/verify").json(&json!({"token": verification})).send().await.expect(204);
    for token in [&invitation, &reset] {
        let body = json!({"token": token, "new_password": RESET_PASSWORD});
        service.post("/auth/password/reset").json(&body).send().await.expect(204);
    }
    dumps.push(dump(&service).await);
    // The reset ended this link.
    service.post("/auth/email/verify").json(&json!({"token": change})).send().await.expect(410);

    let mut tokens = vec![verification, invitation, reset, change];
    for account in [&administrator, &alice] {
        tokens.push(account.tokens.refresh.clone());
    }
    for (moment, dump) in dumps.iter().enumerate() {
        assert!(dump.contains("alice@example.com"), "expected the rows of all tables: {dump}");
        for form in tokens.iter().flat_map(|token| forms(token)) {
            assert!(!dump.contains(&form), "expected no {form} in dump {moment}");
        }
        for account in [&administrator, &alice] {
            assert!(!dump.contains(&account.tokens.access), "expected no access token in dump {moment}");
        }
    }
}

/// All runs of 32 octets in a dump, in hexadecimal, in base64 or in base64url.
fn candidates(dump: &str) -> BTreeSet<[u8; 32]> {
    let mut found = BTreeSet::new();
    let is_hex = |it: char| it.is_ascii_hexdigit();
    for run in dump.split(|it| !is_hex(it)).filter(|run| run.len() >= 64) {
        for digits in run.as_bytes().windows(64) {
            let octet =
                |at: usize| u8::from_str_radix(std::str::from_utf8(&digits[at..at + 2]).ok()?, 16).ok();
            let octets: Option<Vec<u8>> = (0..64).step_by(2).map(octet).collect();
            found.extend(octets.and_then(|octets| <[u8; 32]>::try_from(octets).ok()));
        }
    }
    let is_base64 = |it: char| it.is_ascii_alphanumeric() || "-_+/".contains(it);
    for run in dump.split(|it| !is_base64(it)).filter(|run| run.len() >= 43) {
        for digits in run.as_bytes().windows(43) {
            let text: String = digits.iter().map(|digit| char::from(*digit)).collect();
            let text = text.replace('+', "-").replace('/', "_");
            // The last character of 43 has two bits too many.
            let octets = URL_SAFE_NO_PAD.decode(format!("{text}A")).unwrap_or_default();
            found.extend(octets.first_chunk::<32>());
        }
    }
    found
}

#[test]
fn a_private_key_in_a_dump_would_be_found() {
    let key = [7_u8, 200, 1, 99].repeat(8);
    let hex: String = key.iter().map(|octet| format!("{octet:02x}")).collect();
    let base64 = URL_SAFE_NO_PAD.encode(&key);
    for text in
        [format!("<a>00{hex}ff</a>"), format!("xy {} z", base64.replace('_', "/")), format!("k={base64}")]
    {
        assert!(candidates(&text).iter().any(|it| it[..] == key[..]), "{text}");
    }
}

#[tokio::test]
async fn no_dump_holds_a_private_key_in_the_clear() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    // Keys of auth, of the worker and of an operator: planned, signing, former and revoked.
    let mut dumps = vec![dump(&service).await];
    let keys = |arguments: &[&str]| {
        service.database().usersctl(&[&["keys"], arguments, &["--key-secret", KEY_SECRET]].concat())
    };
    service.sql("UPDATE signing_keys SET signs_from = signs_from - interval '89 days'").await;
    let _ = service.mail_with(&[("KEY_SECRET", KEY_SECRET)]).await;
    dumps.push(dump(&service).await);
    for arguments in [&["rotate", "--now"][..], &["rotate"]] {
        let _ = keys(arguments);
        dumps.push(dump(&service).await);
    }
    service.login(&account.email, PASSWORD).await;
    let signing = service
        .sql("SELECT kid FROM signing_keys WHERE signs_from <= now() ORDER BY signs_from DESC LIMIT 1")
        .await
        .concat();
    let _ = keys(&["revoke", &signing]);
    dumps.push(dump(&service).await);

    let public_keys: BTreeSet<String> =
        service.sql("SELECT encode(public_key, 'hex') FROM signing_keys").await.into_iter().collect();
    assert!(public_keys.len() >= 3, "{public_keys:?}");
    let everything = dumps.concat();
    for key in &public_keys {
        assert!(
            everything.contains(&key.to_uppercase()) || everything.contains(key),
            "expected the public key"
        );
    }
    assert!(!everything.contains(KEY_SECRET), "expected no secret of the keys");
    for candidate in candidates(&everything) {
        let public = SigningKey::from_bytes(&candidate).verifying_key().to_bytes();
        let public: String = public.iter().map(|octet| format!("{octet:02x}")).collect();
        assert!(!public_keys.contains(&public), "expected no private key of {public} in a dump");
    }
}

/// Whoever has a dump and the password of an account can still not complete its login.
#[tokio::test]
async fn no_dump_holds_a_second_factor() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let begun = service.post("/auth/totp").bearer(&alice.tokens.access).send().await.expect(200).json();
    let secret = begun["secret"].as_str().unwrap();
    let waiting = dump(&service).await;
    let authenticator = Authenticator::of(secret);
    let confirmed =
        service.confirm_totp(&alice.tokens.access, &authenticator.code(0)).await.expect(200).json();
    let challenge = service.challenge("alice@example.com").await;
    let dumped = waiting + &dump(&service).await;
    let hex = |octets: &[u8]| -> String { octets.iter().map(|octet| format!("{octet:02x}")).collect() };
    let mut forms: Vec<String> = forms(&challenge).into();
    forms.extend([secret.to_owned(), hex(secret.as_bytes()), hex(authenticator.secret())]);
    for code in confirmed["recovery_codes"].as_array().unwrap() {
        let plain = code.as_str().unwrap().replace('-', "");
        forms.extend([hex(plain.as_bytes()), sha256_hex(&plain), plain]);
    }
    for form in forms {
        assert!(!dumped.contains(&form) && !dumped.contains(&form.to_uppercase()), "the dump holds {form}");
    }
}

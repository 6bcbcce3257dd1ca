//! Access tokens with an invalid signature.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use users_tests::token::{signed, unsigned, with};
use users_tests::{JWT_SECRET, Service};

use crate::tokens::{assert_refused, valid_token};

#[tokio::test]
async fn a_changed_token_is_refused() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    let (message, signature) = valid.token.rsplit_once('.').unwrap();
    let admin = unsigned(&valid.header, &with(&valid.claims, "sub", "1000"));
    assert_refused(&service, "other claims, old signature", &format!("{admin}.{signature}")).await;
    assert_refused(&service, "no signature", message).await;
    assert_refused(&service, "an empty signature", &format!("{message}.")).await;
    assert_refused(&service, "a signature of zeros", &format!("{message}.{}", "A".repeat(43))).await;
    assert_refused(&service, "a cut signature", &valid.token[..valid.token.len() - 4]).await;
    assert_refused(&service, "a padded signature", &format!("{}=", valid.token)).await;
    assert_refused(&service, "a fourth part", &format!("{}.x", valid.token)).await;
    assert_refused(&service, "an encrypted token's shape", &format!("{}..", valid.token)).await;
    // The last of the 43 characters holds two unused bits.
    let last = signature.chars().last().unwrap();
    let twin = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = twin.find(last).unwrap();
    let other = twin.as_bytes()[place ^ 1] as char;
    let changed = format!("{message}.{}{other}", &signature[..signature.len() - 1]);
    assert_refused(&service, "another text of the same signature", &changed).await;
    for place in [0, 5, valid.token.find('.').unwrap() + 3, valid.token.len() - 10] {
        let mut octets = valid.token.clone().into_bytes();
        octets[place] = if octets[place] == b'A' { b'B' } else { b'A' };
        assert_refused(&service, "one octet changed", std::str::from_utf8(&octets).unwrap()).await;
    }
}

#[tokio::test]
async fn a_token_signed_with_another_secret_is_refused() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    let prefix = &JWT_SECRET[..32];
    for secret in
        ["another secret that is just as long as ours", "", prefix, &format!("{JWT_SECRET} "), "users"]
    {
        assert_refused(&service, secret, &signed(secret, &valid.header, &valid.claims)).await;
    }
    // The service must not use a key from the header.
    for (member, value) in [
        ("jwk", json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode("attacker")})),
        ("jku", json!("https://example.com/keys")),
        ("kid", json!("../../dev/null")),
        ("kid", json!("' UNION SELECT 'attacker")),
    ] {
        assert_refused(
            &service,
            member,
            &signed("attacker", &with(&valid.header, member, value), &valid.claims),
        )
        .await;
    }
}

#[tokio::test]
async fn a_service_with_another_secret_refuses_our_tokens() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    let other =
        Service::builder().variable("jwt_secret", "the secret of another service, as long").start().await;
    other.account("alice@example.com").await;
    assert_refused(&other, "our token", &valid.token).await;
}

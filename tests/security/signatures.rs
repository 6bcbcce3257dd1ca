//! Access tokens with an invalid signature.

use users_tests::Service;
use users_tests::token::{Key, unsigned, with};

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
    assert_refused(&service, "a signature of zeros", &format!("{message}.{}", "A".repeat(86))).await;
    assert_refused(&service, "a cut signature", &valid.token[..valid.token.len() - 4]).await;
    assert_refused(&service, "a padded signature", &format!("{}=", valid.token)).await;
    assert_refused(&service, "a fourth part", &format!("{}.x", valid.token)).await;
    assert_refused(&service, "an encrypted token's shape", &format!("{}..", valid.token)).await;
    // The last of the 86 characters holds four unused bits.
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
async fn a_token_signed_with_another_key_is_refused() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    let other = Key::numbered(2);
    assert_refused(&service, "a key that nobody knows", &other.signed(&other.header(), &valid.claims)).await;
    assert_refused(&service, "in the name of a known key", &other.signed(&valid.header, &valid.claims)).await;
    service.knows(&other).await;
    service.me(&other.signed(&other.header(), &valid.claims)).await.expect(200);
    assert_refused(
        &service,
        "with a known key, in the name of another",
        &other.signed(&valid.header, &valid.claims),
    )
    .await;
    service.me(&valid.token).await.expect(200);
}

#[tokio::test]
async fn a_service_with_other_keys_refuses_our_tokens() {
    let service = Service::start().await;
    let (alice, valid) = valid_token(&service).await;
    let other = Service::start().await;
    other.account("alice@example.com").await;
    assert_refused(&other, "our token", &valid.token).await;
    assert_refused(&other, "a token of our login", &alice.tokens.access).await;
}

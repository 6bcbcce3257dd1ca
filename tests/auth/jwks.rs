//! `GET /.well-known/jwks.json`

use serde_json::{Value, json};
use users_tests::{Answer, Service, assert_common_headers, assert_no_store, fields, token};

/// The key of RFC 8037, appendix A, in SQL and as a JWK.
const KID: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
const OCTETS: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

async fn send(service: &Service) -> Answer {
    service.get("/.well-known/jwks.json").send().await.expect(200)
}

async fn keys(service: &Service) -> Vec<Value> {
    let set = send(service).await.json();
    assert_eq!(fields(&set), ["keys"]);
    set["keys"].as_array().expect("a list").clone()
}

fn kids(keys: &[Value]) -> Vec<String> {
    keys.iter().map(|key| key["kid"].as_str().expect("a key has a name").to_owned()).collect()
}

#[tokio::test]
async fn the_set_has_the_key_that_signed_a_token() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let answer = send(&service).await;
    assert_common_headers(&answer);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/jwk-set+json"));
    assert_eq!(answer.header("cache-control").as_deref(), Some("max-age=300"));
    let keys = keys(&service).await;
    assert_eq!(kids(&keys), [token::header(&account.tokens.access)["kid"].as_str().unwrap()]);
    for key in keys {
        // No member but these: above all not `d`, the private key.
        assert_eq!(fields(&key), ["alg", "crv", "kid", "kty", "use", "x"]);
        let (alg, crv) = (&key["alg"], &key["crv"]);
        assert_eq!([alg, crv, &key["kty"], &key["use"]], ["EdDSA", "Ed25519", "OKP", "sig"]);
    }
}

#[tokio::test]
async fn before_the_first_token_the_set_is_empty_and_not_cached() {
    let service = Service::start().await;
    let answer = send(&service).await;
    assert_eq!(answer.json(), json!({"keys": []}));
    assert_no_store(&answer);
    assert_eq!(
        service.sql("SELECT kid FROM signing_keys").await,
        [""; 0],
        "expected that GET changes nothing"
    );
}

#[tokio::test]
async fn the_next_key_is_in_the_set_before_it_signs_and_a_revoked_one_is_not() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let first = token::header(&account.tokens.access)["kid"].as_str().unwrap().to_owned();
    let next = format!(
        "INSERT INTO signing_keys (kid, public_key, signs_from) VALUES ('{KID}', '\\x{OCTETS}', now() + interval '1 day')"
    );
    service.sql(&next).await;
    let both = keys(&service).await;
    assert_eq!(kids(&both), [first.as_str(), KID], "expected the order in which they sign");
    assert_eq!(
        both[1],
        json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": KID, "alg": "EdDSA", "use": "sig"})
    );
    service
        .sql(&format!("UPDATE signing_keys SET revoked_at = now(), sealed_key = NULL WHERE kid = '{first}'"))
        .await;
    assert_eq!(kids(&keys(&service).await), [KID]);
}

#[tokio::test]
async fn a_row_that_holds_no_key_is_left_out() {
    let service = Service::start().await;
    // The first coordinate of no point.
    let row = "INSERT INTO signing_keys (kid, public_key, signs_from)
               VALUES (repeat('x', 43), decode('02' || repeat('00', 31), 'hex'), now() + interval '1 day')";
    service.sql(row).await;
    assert_eq!(keys(&service).await, [Value::Null; 0]);
}

#[tokio::test]
async fn the_set_costs_one_statement_and_ignores_tokens() {
    let service = Service::start().await;
    service.account("alice@example.com").await;
    service.get("/.well-known/jwks.json").bearer("x.y.z").id("keys").send().await.expect(200);
    let log = service.logs().of_request("keys").await;
    assert_eq!(log.statements().len(), 1, "{log:#?}");
}

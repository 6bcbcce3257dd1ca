//! Access tokens with a valid signature and another fault.

use serde_json::{Value, json};
use users_tests::token::{Key, claims, unsigned, with, without};
use users_tests::{Account, Call, Service, assert_problem, operations};

/// Asserts that every operation that needs a token refuses this token.
pub(crate) async fn assert_refused(service: &Service, attack: &str, token: &str) {
    for operation in operations(|it| it.is_guarded) {
        let answer = Call::new(service, operation).bearer(token).request().send().await;
        let title = operation.title();
        assert_eq!(answer.status, 401, "{attack}: expected 401 of {title} for {token}: {answer:#?}");
        assert_problem(&answer, 401, "invalid_token");
        assert!(!answer.body.contains(token) || token.len() < 4, "{attack}: expected no echo: {answer:#?}");
    }
}

/// A valid token, its parts, and the key that signed it.
pub(crate) struct ValidToken {
    pub(crate) key: Key,
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) token: String,
}

pub(crate) async fn valid_token(service: &Service) -> (Account, ValidToken) {
    let account = service.account("alice@example.com").await;
    let key = Key::numbered(1);
    service.knows(&key).await;
    let (header, claims) = (key.header(), claims(&account.tokens.access));
    let token = key.signed(&header, &claims);
    service.me(&token).await.expect(200);
    (account, ValidToken { key, header, claims, token })
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}

#[tokio::test]
async fn another_algorithm_is_refused() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    let none = |alg: &str| unsigned(&json!({"typ": "at+jwt", "alg": alg}), &valid.claims);
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        assert_refused(&service, "unsigned", &format!("{}.", none(alg))).await;
        assert_refused(&service, "unsigned without its last dot", &none(alg)).await;
        let signature = valid.token.rsplit('.').next().unwrap();
        assert_refused(&service, "unsigned with a signature", &format!("{}.{signature}", none(alg))).await;
    }
    for alg in [
        json!("HS384"),
        json!("HS512"),
        json!("RS256"),
        json!("ES256"),
        json!("PS256"),
        json!("HS256"),
        json!("eddsa"),
        json!("Ed25519"),
        Value::Null,
        json!(["EdDSA"]),
        json!(1),
    ] {
        let token = valid.key.signed(&with(&valid.header, "alg", alg.clone()), &valid.claims);
        assert_refused(&service, &format!("alg {alg}"), &token).await;
    }
    assert_refused(&service, "no alg", &valid.key.signed(&without(&valid.header, "alg"), &valid.claims))
        .await;
}

#[tokio::test]
async fn a_token_of_another_type_is_refused() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    for typ in [
        json!("JWT"),
        json!("rt+jwt"),
        json!("id+jwt"),
        json!("at+jwt;x"),
        json!(""),
        Value::Null,
        json!(["at+jwt"]),
    ] {
        let token = valid.key.signed(&with(&valid.header, "typ", typ.clone()), &valid.claims);
        assert_refused(&service, &format!("typ {typ}"), &token).await;
    }
    assert_refused(&service, "no typ", &valid.key.signed(&without(&valid.header, "typ"), &valid.claims))
        .await;
}

#[tokio::test]
async fn a_critical_extension_is_refused() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), json!("exp")] {
        let token = valid.key.signed(&with(&valid.header, "crit", crit.clone()), &valid.claims);
        assert_refused(&service, &format!("crit {crit}"), &token).await;
    }
    let unencoded = with(&with(&valid.header, "b64", false), "crit", json!(["b64"]));
    assert_refused(&service, "b64", &valid.key.signed(&unencoded, &valid.claims)).await;
}

#[tokio::test]
async fn a_missing_or_foreign_issuer_or_audience_is_refused() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    for claim in ["iss", "aud"] {
        assert_refused(&service, claim, &valid.key.signed(&valid.header, &without(&valid.claims, claim)))
            .await;
        for value in [
            json!("another"),
            json!(""),
            Value::Null,
            json!(["another"]),
            json!([]),
            json!({}),
            json!("USERS"),
        ] {
            let token = valid.key.signed(&valid.header, &with(&valid.claims, claim, value.clone()));
            assert_refused(&service, &format!("{claim} {value}"), &token).await;
        }
    }
}

#[tokio::test]
async fn a_token_without_one_of_its_claims_is_refused() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    for claim in ["sub", "sid", "exp"] {
        assert_refused(&service, claim, &valid.key.signed(&valid.header, &without(&valid.claims, claim)))
            .await;
        for value in [Value::Null, json!(""), json!("x"), json!([1]), json!({}), json!(true)] {
            let token = valid.key.signed(&valid.header, &with(&valid.claims, claim, value.clone()));
            assert_refused(&service, &format!("{claim} {value}"), &token).await;
        }
    }
    for not_claims in [json!([]), json!("x"), json!(null), json!({})] {
        assert_refused(&service, "no claims", &valid.key.signed(&valid.header, &not_claims)).await;
    }
}

#[tokio::test]
async fn a_subject_or_session_other_than_a_plain_id_is_refused() {
    let service = Service::start().await;
    let (account, valid) = valid_token(&service).await;
    let id = account.id;
    for claim in ["sub", "sid"] {
        for value in [
            "0",
            "-1",
            "99999999999999999999",
            "9223372036854775808",
            "2147483648",
            "2147483647",
            "1 OR 1=1",
            "1;--",
            "1.0",
            "0x1",
            " 1",
            "+1",
            "01",
        ] {
            let token = valid.key.signed(&valid.header, &with(&valid.claims, claim, value));
            assert_refused(&service, &format!("{claim} {value}"), &token).await;
        }
        let token = valid.key.signed(&valid.header, &with(&valid.claims, claim, id));
        assert_refused(&service, &format!("{claim} as a number"), &token).await;
    }
}

#[tokio::test]
async fn the_session_of_another_user_is_refused() {
    let service = Service::start().await;
    let (alice, valid) = valid_token(&service).await;
    let bob = service.account("bob@example.com").await;
    let sid = claims(&bob.tokens.access)["sid"].clone();
    assert_refused(&service, "bob's sid", &valid.key.signed(&valid.header, &with(&valid.claims, "sid", sid)))
        .await;
    let sub = bob.id.to_string();
    assert_refused(&service, "bob's sub", &valid.key.signed(&valid.header, &with(&valid.claims, "sub", sub)))
        .await;
    service.me(&alice.tokens.access).await.expect(200);
    service.me(&bob.tokens.access).await.expect(200);
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let service = Service::start().await;
    let (_, valid) = valid_token(&service).await;
    for exp in [now() - 1, now() - 3600, 0, -1, i64::MIN] {
        let token = valid.key.signed(&valid.header, &with(&valid.claims, "exp", exp));
        assert_refused(&service, &format!("exp {exp}"), &token).await;
    }
    let later = valid.key.signed(&valid.header, &with(&valid.claims, "exp", now() + 30));
    service.me(&later).await.expect(200);
}

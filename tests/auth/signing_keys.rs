//! The keys that sign access tokens.

use serde_json::{Value, json};
use users_tests::token::{self, Key};
use users_tests::{
    Front, JWT_SECRET, KEY_SECRET, PASSWORD, Service, Tokens, assert_problem, statements_wait,
};

fn kid(access: &str) -> String {
    token::header(access)["kid"].as_str().expect("a token names its key").to_owned()
}

async fn keys(service: &Service) -> Vec<String> {
    service.sql("SELECT kid FROM signing_keys ORDER BY signs_from").await
}

/// The statements of a login.
async fn statements_of_login(service: &Service, id: &str) -> usize {
    let form = [("username", "alice@example.com"), ("password", PASSWORD)];
    service.post("/auth/login").id(id).form(&form).send().await.expect(200);
    service.logs().of_request(id).await.statements().len()
}

#[tokio::test]
async fn the_first_login_makes_the_key_and_later_ones_use_it() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    assert_eq!(keys(&service).await, [""; 0]);
    assert_eq!(statements_of_login(&service, "first").await, 3, "expected one statement more");
    for id in ["second", "third"] {
        assert_eq!(statements_of_login(&service, id).await, 2);
    }
    let tokens = service.login("alice@example.com", PASSWORD).await;
    assert_eq!(keys(&service).await, [kid(&tokens.access)]);
    let refresh = service.post("/auth/refresh").id("refresh").json(&json!({"refresh_token": tokens.refresh}));
    let newer = Tokens::of(&refresh.send().await.expect(200));
    assert_eq!(service.logs().of_request("refresh").await.statements().len(), 1);
    assert_eq!(kid(&newer.access), kid(&tokens.access));
    service.me(&newer.access).await.expect(200);
}

#[tokio::test]
async fn a_private_key_is_stored_encrypted() {
    let service = Service::start().await;
    service.account("alice@example.com").await;
    let row =
        "SELECT octet_length(public_key), octet_length(sealed_key), position(public_key IN sealed_key) = 0,
                      revoked_at IS NULL, signs_from <= now()
                 FROM signing_keys";
    // The nonce, the key and the tag of XChaCha20-Poly1305.
    assert_eq!(service.sql(row).await, [format!("32|{}|t|t|t", 24 + 32 + 16)]);
    assert!(!service.logs().text().contains(KEY_SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_that_make_the_first_key_at_once_sign_with_the_same() {
    let service = Service::start().await;
    let replica = service.replica(&[]);
    let other = Front::new(replica.address(), true);
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let db = service.db().await;
    db.batch_execute("BEGIN; LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE").await.unwrap();
    let release = async {
        let watching = service.db().await;
        statements_wait(&watching, 2).await;
        db.batch_execute("COMMIT").await.unwrap();
    };
    let (one, two, ()) = tokio::join!(
        service.login("alice@example.com", PASSWORD),
        other.login("alice@example.com", PASSWORD),
        release
    );
    assert_eq!(keys(&service).await, [kid(&one.access)], "expected one key");
    assert_eq!(kid(&one.access), kid(&two.access));
    for token in [&one.access, &two.access] {
        service.me(token).await.expect(200);
        other.me(token).await.expect(200);
    }
}

#[tokio::test]
async fn a_key_of_90_days_gets_a_successor_that_signs_a_day_later_and_its_tokens_stay_valid() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE signing_keys SET signs_from = now() - interval '90 days' + interval '1 hour'").await;
    assert_eq!(kid(&service.login("alice@example.com", PASSWORD).await.access), kid(&account.tokens.access));
    service.sql("UPDATE signing_keys SET signs_from = now() - interval '90 days'").await;
    let newer = Tokens::of(&service.refresh(&account.tokens.refresh).await.expect(200));
    assert_eq!(
        kid(&newer.access),
        kid(&account.tokens.access),
        "expected the successor to be published first"
    );
    let lead = "SELECT signs_from - created_at > interval '23 hours 59 minutes' FROM signing_keys WHERE signs_from > now()";
    assert_eq!(service.sql(lead).await, ["t"]);
    assert_eq!(statements_of_login(&service, "published").await, 2);
    service.sql("UPDATE signing_keys SET signs_from = signs_from - interval '1 day 1 second'").await;
    let latest = Tokens::of(&service.refresh(&newer.refresh).await.expect(200));
    assert_eq!(keys(&service).await, [kid(&account.tokens.access), kid(&latest.access)]);
    for token in [&account.tokens.access, &newer.access, &latest.access] {
        service.me(token).await.expect(200);
    }
    assert_eq!(statements_of_login(&service, "later").await, 2);
}

#[tokio::test]
async fn a_published_key_signs_when_its_time_has_come() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE signing_keys SET signs_from = now() - interval '90 days'").await;
    service.login("alice@example.com", PASSWORD).await;
    let next = keys(&service).await.pop().expect("a key was published");
    let publish = |when: &str| {
        format!("UPDATE signing_keys SET signs_from = now() + interval '{when}' WHERE kid = '{next}'")
    };
    service.sql(&publish("1 hour")).await;
    let before = service.login("alice@example.com", PASSWORD).await;
    assert_eq!(kid(&before.access), kid(&account.tokens.access), "expected no third key for one that is due");
    service.sql(&publish("-1 second")).await;
    assert_eq!(kid(&service.login("alice@example.com", PASSWORD).await.access), next);
    assert_eq!(keys(&service).await.len(), 2);
}

#[tokio::test]
async fn tokens_of_a_revoked_key_fail_at_the_next_request_and_another_key_signs() {
    let service = Service::start().await;
    let replica = service.replica(&[]);
    let other = Front::new(replica.address(), true);
    let account = service.account("alice@example.com").await;
    for _ in 0..2 {
        service.me(&account.tokens.access).await.expect(200);
        other.me(&account.tokens.access).await.expect(200);
    }
    service.sql("UPDATE signing_keys SET revoked_at = now(), sealed_key = NULL").await;
    for front in [&*service, &other] {
        assert_problem(&front.me(&account.tokens.access).await, 401, "invalid_token");
    }
    // The session goes on.
    let newer = Tokens::of(&service.refresh(&account.tokens.refresh).await.expect(200));
    assert_ne!(kid(&newer.access), kid(&account.tokens.access));
    for front in [&*service, &other] {
        front.me(&newer.access).await.expect(200);
        assert_problem(&front.me(&account.tokens.access).await, 401, "invalid_token");
    }
    // A key that was deleted verifies nothing, either.
    service.sql("DELETE FROM signing_keys").await;
    for front in [&*service, &other] {
        assert_problem(&front.me(&newer.access).await, 401, "invalid_token");
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_opened_is_500_and_the_log_says_what_to_do() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let key = Key::numbered(1);
    service.knows(&key).await;
    service
        .sql("UPDATE signing_keys SET signs_from = now(), sealed_key = decode(repeat('00', 72), 'hex')")
        .await;
    let form = [("username", "alice@example.com"), ("password", PASSWORD)];
    let answer = service.post("/auth/login").id("login").form(&form).send().await;
    assert_problem(&answer, 500, "internal_error");
    let log = service.logs().of_request("login").await;
    let says = |it: &&str| it.contains("set key_secret to the value") && it.contains("usersctl keys revoke");
    assert!(log.causes().iter().any(says), "{log:#?}");
    service.sql("UPDATE signing_keys SET revoked_at = now(), sealed_key = NULL").await;
    let tokens = service.login("alice@example.com", PASSWORD).await;
    service.me(&tokens.access).await.expect(200);
}

/// The first step of the upgrade from the release before.
#[tokio::test]
async fn a_signing_secret_signs_in_place_of_a_key_and_keys_verify() {
    let service = Service::builder().variable("jwt_secret", JWT_SECRET).start().await;
    let account = service.account("alice@example.com").await;
    let access = &account.tokens.access;
    assert_eq!(token::header(access), json!({"typ": "at+jwt", "alg": "HS256"}));
    let claims = token::claims(access);
    assert_eq!(claims["iss"], "users", "expected what the release before accepts");
    service.me(&token::signed(JWT_SECRET, &token::header(access), &claims)).await.expect(200);
    assert_eq!(keys(&service).await, [""; 0], "expected no key");
    service.me(access).await.expect(200);
    let key = Key::numbered(1);
    service.knows(&key).await;
    for issuer in ["users", "http://127.0.0.1:3000"] {
        service.me(&key.signed(&key.header(), &token::with(&claims, "iss", issuer))).await.expect(200);
    }
}

/// The second step, and the third one.
#[tokio::test]
async fn a_previous_secret_verifies_and_a_key_signs() {
    for (previous, status) in [(JWT_SECRET, 200), ("", 401)] {
        let service = Service::builder().variable("jwt_secret_previous", previous).start().await;
        let account = service.account("alice@example.com").await;
        assert_eq!(token::header(&account.tokens.access)["alg"], "EdDSA");
        service.me(&account.tokens.access).await.expect(200);
        let header = json!({"typ": "at+jwt", "alg": "HS256"});
        let claims = token::with(&token::claims(&account.tokens.access), "iss", "users");
        service.me(&token::signed(JWT_SECRET, &header, &claims)).await.expect(status);
    }
}

#[tokio::test]
async fn the_issuer_is_the_public_url_or_the_one_that_is_set() {
    for (variable, value, issuer, former) in [
        ("public_url", "https://users.example.com/", "https://users.example.com", 200),
        ("jwt_issuer", "acme", "acme", 401),
    ] {
        let service = Service::builder().variable(variable, value).start().await;
        let account = service.account("alice@example.com").await;
        let claims = token::claims(&account.tokens.access);
        assert_eq!(claims["iss"], issuer);
        service.me(&account.tokens.access).await.expect(200);
        let key = Key::numbered(1);
        service.knows(&key).await;
        let with_issuer = |issuer: Value| key.signed(&key.header(), &token::with(&claims, "iss", issuer));
        service.me(&with_issuer(json!("users"))).await.expect(former);
        for other in [json!("https://other.example.com"), json!(""), json!([issuer]), Value::Null] {
            service.me(&with_issuer(other)).await.expect(401);
        }
    }
}

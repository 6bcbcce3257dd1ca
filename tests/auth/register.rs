//! `POST /auth/register`: its effects.

use futures::future::join_all;
use serde_json::json;
use users_tests::{
    PASSWORD, Service, USER_FIELDS, assert_common_headers, assert_problem, assert_user, fields,
};

#[tokio::test]
async fn a_registration_returns_201_with_the_user_and_its_location() {
    let service = Service::start().await;
    let body = json!({"email": "alice@example.com", "password": PASSWORD, "full_name": "Alice Jones"});
    let answer = service.post("/auth/register").json(&body).send().await.expect(201);
    assert_common_headers(&answer);
    let user = answer.json();
    assert_user(&user);
    assert_eq!(user["email"], "alice@example.com");
    assert_eq!(user["full_name"], "Alice Jones");
    assert_eq!(user["is_active"], true);
    assert_eq!(user["is_admin"], false);
    assert_eq!(user["created_at"], user["updated_at"]);
    assert_eq!(answer.header("location"), Some(format!("/users/{}", user["id"])));

    let stored = service.sql("SELECT id, email, full_name, is_active, is_admin FROM users").await;
    assert_eq!(stored, [format!("{}|alice@example.com|Alice Jones|t|f", user["id"])]);
}

#[tokio::test]
async fn timestamps_come_from_postgres_in_utc() {
    let service = Service::start().await;
    let user = service.register("alice@example.com", PASSWORD).await.expect(201).json();
    let stored =
        r#"SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') FROM users"#;
    assert_eq!(service.sql(stored).await, [user["created_at"].as_str().expect("a text")]);
}

#[tokio::test]
async fn a_name_may_be_missing_or_null() {
    let service = Service::start().await;
    let user = service.register("alice@example.com", PASSWORD).await.expect(201).json();
    assert!(user["full_name"].is_null(), "expected null: {user:#}");
    let body = json!({"email": "bob@example.com", "password": PASSWORD, "full_name": null});
    let user = service.post("/auth/register").json(&body).send().await.expect(201).json();
    assert!(user["full_name"].is_null(), "expected null: {user:#}");
}

#[tokio::test]
async fn the_answer_holds_neither_password_nor_hash() {
    let service = Service::start().await;
    let answer = service.register("alice@example.com", PASSWORD).await.expect(201);
    assert_eq!(fields(&answer.json()), USER_FIELDS);
    for secret in [PASSWORD, "$argon2", "password"] {
        assert!(!answer.body.contains(secret), "expected no {secret}: {answer:#?}");
    }
}

#[tokio::test]
async fn an_address_is_trimmed_and_otherwise_kept_as_sent() {
    let service = Service::start().await;
    let user = service.register("  Alice.Jones+x@Example.COM \n", PASSWORD).await.expect(201).json();
    assert_eq!(user["email"], "Alice.Jones+x@Example.COM");
    assert_eq!(service.sql("SELECT email FROM users").await, ["Alice.Jones+x@Example.COM"]);
}

#[tokio::test]
async fn an_address_in_use_is_refused_in_any_case() {
    let service = Service::start().await;
    service.register("Alice@Example.com", PASSWORD).await.expect(201);
    for again in ["Alice@Example.com", "alice@example.com", "ALICE@EXAMPLE.COM", " aLICE@example.com "] {
        assert_problem(&service.register(again, "another good password").await, 409, "email_taken");
    }
    assert_eq!(service.sql("SELECT email FROM users").await, ["Alice@Example.com"]);
    service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_concurrent_registrations_create_one_account() {
    let service = Service::start().await;
    let spellings = ["alice@example.com", "Alice@example.com"];
    let answers = join_all((0..8).map(|number| service.register(spellings[number % 2], PASSWORD))).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 7), "expected one 201 and seven 409: {made:#?} {refused:#?}");
    for answer in &refused {
        assert_problem(answer, 409, "email_taken");
    }
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["1"], "expected one account");
}

#[tokio::test]
async fn nobody_registers_as_an_administrator() {
    let service = Service::start().await;
    let body = json!({
        "email": "mallory@example.com", "password": PASSWORD, "is_admin": true, "is_active": false, "id": 1_000_000,
        "created_at": "1999-01-01T00:00:00Z", "password_hash": "x", "roles": ["admin"], "role_ids": [1],
    });
    let user = service.post("/auth/register").json(&body).send().await.expect(201).json();
    assert_eq!((&user["is_admin"], &user["is_active"]), (&json!(false), &json!(true)), "{user:#}");
    assert_ne!(user["id"], 1_000_000, "{user:#}");
    let stored = "SELECT is_admin, is_active, password_hash LIKE '$argon2id$%', created_at > now() - interval '1 h' FROM users";
    assert_eq!(service.sql(stored).await, ["f|t|t|t"]);
}

#[tokio::test]
async fn each_password_is_stored_as_argon2id_with_its_own_salt() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    service.register("bob@example.com", PASSWORD).await.expect(201);
    let hashes = service.sql("SELECT password_hash FROM users").await;
    for hash in &hashes {
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "expected m=19 MiB, t=2, p=1: {hash}");
        let parts: Vec<usize> = hash.split('$').skip(4).map(str::len).collect();
        assert_eq!(parts, [22, 43], "expected 16 octets of salt and 32 of hash: {hash}");
    }
    assert_ne!(hashes[0], hashes[1], "expected two salts");
}

#[tokio::test]
async fn a_registration_opens_no_session() {
    let service = Service::start().await;
    let body = json!({"email": "alice@example.com", "password": PASSWORD});
    service.post("/auth/register").json(&body).send().await.expect(201);
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"], "expected no session");
}

#[tokio::test]
async fn a_registration_ignores_credentials() {
    let service = Service::start().await;
    let body = json!({"email": "alice@example.com", "password": PASSWORD});
    service.post("/auth/register").bearer("x.y.z").json(&body).send().await.expect(201);
}

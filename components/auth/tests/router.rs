//! The whole router of the component, on this machine, against a real Postgres.

use auth::{App, NAME, routes};
use serde_json::{Value, json};
use users_crypto::PasswordHasher;
use users_testing::{Answer, Client, TestDatabase, assert_every_route_has_its_row};
use users_web::{Component, Settings};

const PASSWORD: &str = "correct horse battery";

fn client(settings: &Settings) -> Client {
    Client(Component::new(NAME, routes(), App::new(settings, PasswordHasher::new()).unwrap()))
}

async fn login(client: &Client, password: &str) -> Answer {
    client.post_form("/auth/login", &format!("username=alice%40example.com&password={password}")).await
}

async fn registered() -> (TestDatabase, Client) {
    let database = TestDatabase::create().await;
    let client = client(&database.component());
    let body = json!({"email": "Alice@example.com", "password": PASSWORD, "full_name": "Alice"});
    let answer = client.post("/auth/register", None, &body).await.expect(201);
    assert_eq!(answer.headers["location"], "/users/1");
    (database, client)
}

#[tokio::test]
async fn an_account_is_opened_used_and_left() {
    let (database, client) = registered().await;
    let pair = login(&client, PASSWORD).await.expect(200);
    let me = client.get("/auth/me/", Some(pair.text("access_token"))).await.expect(200);
    assert_eq!((me.text("email"), &me.json["roles"]), ("Alice@example.com", &json!([])));
    client.post("/auth/test-token", Some(pair.text("access_token")), &Value::Null).await.expect(200);

    let handed_in = json!({"refresh_token": pair.text("refresh_token")});
    let next = client.post("/auth/refresh", None, &handed_in).await.expect(200);
    client.post("/auth/logout", Some(next.text("access_token")), &Value::Null).await.expect(204);
    for token in [&pair, &next] {
        let answer = client.get("/auth/me", Some(token.text("access_token"))).await.expect(401);
        assert_eq!(answer.text("code"), "invalid_token");
    }
    assert_eq!(database.count("SELECT FROM sessions").await, 0);
    assert_eq!(database.count("SELECT FROM refresh_tokens").await, 0);
}

#[tokio::test]
async fn an_address_has_one_account_however_it_is_cased() {
    let (database, client) = registered().await;
    let body = json!({"email": "ALICE@example.com", "password": PASSWORD});
    assert_eq!(client.post("/auth/register", None, &body).await.expect(409).text("code"), "email_taken");
    assert_eq!(database.count("SELECT FROM users").await, 1);
}

#[tokio::test]
async fn a_spent_refresh_token_ends_the_session_after_the_grace() {
    let (database, client) = registered().await;
    let pair = login(&client, PASSWORD).await.expect(200);
    let handed_in = json!({"refresh_token": pair.text("refresh_token")});
    client.post("/auth/refresh", None, &handed_in).await.expect(200);
    client.post("/auth/refresh", None, &handed_in).await.expect(200);
    database.sql("UPDATE refresh_tokens SET spent_at = spent_at - interval '11 seconds'").await;
    client.post("/auth/refresh", None, &handed_in).await.expect(401);
    assert_eq!(database.count("SELECT FROM sessions").await, 0);
}

#[tokio::test]
async fn a_deactivated_account_is_told_so_by_every_token_and_by_the_right_password_only() {
    let (database, client) = registered().await;
    let pair = login(&client, PASSWORD).await.expect(200);
    database.sql("UPDATE users SET is_active = false").await;
    let handed_in = json!({"refresh_token": pair.text("refresh_token")});
    for answer in [
        client.get("/auth/me", Some(pair.text("access_token"))).await,
        client.post("/auth/refresh", None, &handed_in).await,
        login(&client, PASSWORD).await,
    ] {
        assert_eq!(answer.expect(403).text("code"), "inactive_account");
    }
    assert_eq!(login(&client, "wrong").await.expect(401).text("code"), "invalid_credentials");
}

#[tokio::test]
async fn a_damaged_hash_is_like_a_wrong_password() {
    let (database, client) = registered().await;
    database.sql("UPDATE users SET password_hash = 'damaged'").await;
    assert_eq!(login(&client, PASSWORD).await.expect(401).text("code"), "invalid_credentials");
}

#[tokio::test]
async fn without_postgres_the_answer_is_503() {
    let database = TestDatabase::create().await;
    let mut settings = database.component();
    // A port that nothing listens on.
    settings.db.port = 1;
    let answer = login(&client(&settings), PASSWORD).await.expect(503);
    assert_eq!(
        (answer.text("code"), &answer.headers["retry-after"]),
        ("database_unavailable", &"1".parse().unwrap())
    );
}

#[tokio::test]
async fn a_short_secret_is_refused() {
    let database = TestDatabase::create().await;
    let mut settings = database.component();
    settings.jwt_secret.truncate(31);
    let problem = App::new(&settings, PasswordHasher::new()).err().expect("31 bytes are too few");
    assert!(problem.cause().is_some_and(|cause| cause.contains("jwt_secret") && cause.contains("32 bytes")));
}

#[test]
fn every_route_has_its_row_in_the_table_of_rights() {
    assert_every_route_has_its_row(NAME, &routes());
}

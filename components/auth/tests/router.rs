//! The router of the component, run natively against a real Postgres.

use auth::{NAME, routes};
use serde_json::{Value, json};
use users_testing::{Answer, Client, TestDatabase, assert_every_route_has_its_row};

const PASSWORD: &str = "correct horse battery";

async fn client(database: &TestDatabase) -> Client {
    Client(auth::component(&database.component_of(NAME)).await.unwrap())
}

async fn login(client: &Client, password: &str) -> Answer {
    client.post_form("/auth/login", &format!("username=alice%40example.com&password={password}")).await
}

async fn registered() -> (TestDatabase, Client) {
    let database = TestDatabase::create().await;
    let client = client(&database).await;
    let body = json!({"email": "Alice@example.com", "password": PASSWORD, "full_name": "Alice"});
    let answer = client.post("/auth/register", None, &body).await.expect(201);
    assert_eq!(answer.headers["location"], "/users/1");
    (database, client)
}

#[tokio::test]
async fn an_account_registers_logs_in_and_logs_out() {
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
async fn an_address_in_use_is_refused_in_any_case() {
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
    let first = client.post("/auth/refresh", None, &handed_in).await.expect(200);
    let second = client.post("/auth/refresh", None, &handed_in).await.expect(200);
    assert_eq!(first.text("refresh_token"), second.text("refresh_token"), "expected the same successor");
    database.sql("UPDATE refresh_tokens SET spent_at = spent_at - interval '11 seconds'").await;
    client.post("/auth/refresh", None, &handed_in).await.expect(401);
    assert_eq!(database.count("SELECT FROM sessions").await, 0);
}

#[tokio::test]
async fn a_refresh_token_alone_logs_out_and_any_other_text_is_answered_alike() {
    let (database, client) = registered().await;
    let pair = login(&client, PASSWORD).await.expect(200);
    let named = |token: &str| json!({"refresh_token": token});
    client.post("/auth/logout", None, &json!({})).await.expect(401);
    client.post("/auth/logout", None, &named("unknown")).await.expect(204);
    assert_eq!(database.count("SELECT FROM sessions").await, 1);
    client.post("/auth/logout", Some("x.y.z"), &named(pair.text("refresh_token"))).await.expect(204);
    assert_eq!(database.count("SELECT FROM sessions").await, 0);
}

#[tokio::test]
async fn problems_that_an_oauth_client_sees_have_the_error_of_oauth() {
    let (_database, client) = registered().await;
    assert_eq!(login(&client, "wrong").await.expect(401).text("error"), "invalid_grant");
    for (form, error) in [
        ("grant_type=refresh_token&refresh_token=x", "invalid_grant"),
        ("grant_type=refresh_token&refresh_token=", "invalid_request"),
        ("grant_type=password&refresh_token=x", "unsupported_grant_type"),
        ("grant_type=%FF", "invalid_request"),
    ] {
        let answer = client.post_form("/auth/refresh", form).await;
        assert_eq!(answer.text("error"), error, "{form}: {answer:?}");
    }
    let large = client.post_form("/auth/login/", &"x".repeat(64 * 1024 + 1)).await.expect(413);
    assert_eq!(large.text("error"), "invalid_request");
    let other = client.post("/auth/register", None, &json!({})).await.expect(422);
    assert_eq!(other.json.get("error"), None);
}

#[tokio::test]
async fn a_broken_component_also_answers_oauth_clients_in_their_words() {
    let client = Client(auth::broken(users_web::Problem::internal("no secret")));
    assert_eq!(login(&client, PASSWORD).await.expect(500).text("error"), "server_error");
    assert_eq!(client.get("/auth/me", None).await.expect(500).json.get("error"), None);
}

#[tokio::test]
async fn every_token_and_only_the_right_password_reveal_a_deactivated_account() {
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
async fn a_damaged_hash_is_answered_like_a_wrong_password() {
    let (database, client) = registered().await;
    database.sql("UPDATE users SET password_hash = 'damaged'").await;
    assert_eq!(login(&client, PASSWORD).await.expect(401).text("code"), "invalid_credentials");
}

#[tokio::test]
async fn without_postgres_the_answer_is_503() {
    let database = TestDatabase::create().await;
    let mut variables = database.component();
    // Nothing listens on this port.
    let address = "host=127.0.0.1 port=1 dbname=users user=users sslmode=disable password=none";
    variables.insert("db_address".to_owned(), address.to_owned());
    let client = Client(auth::component(&variables).await.unwrap());
    let answer = login(&client, PASSWORD).await.expect(503);
    assert_eq!(
        (answer.text("code"), &answer.headers["retry-after"]),
        ("database_unavailable", &"1".parse().unwrap())
    );
}

#[tokio::test]
async fn a_short_secret_is_refused() {
    let database = TestDatabase::create().await;
    for name in ["key_secret", "key_secret_previous", "jwt_secret", "jwt_secret_previous", "limit_secret"] {
        let mut variables = database.component();
        variables.insert(name.to_owned(), "x".repeat(31));
        let problem = auth::component(&variables).await.expect_err("31 bytes are too few");
        assert!(problem.cause().is_some_and(|cause| cause.contains(name) && cause.contains("32 bytes")));
    }
}

#[tokio::test]
async fn a_person_sees_and_ends_sessions_exports_and_deletes_the_account() {
    let (database, client) = registered().await;
    let pair = login(&client, PASSWORD).await.expect(200);
    let other = login(&client, PASSWORD).await.expect(200);
    let token = Some(pair.text("access_token"));
    let sessions = client.get("/auth/sessions", token).await.expect(200);
    let ids: Vec<_> = sessions.json.as_array().unwrap().iter().map(|it| it["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [2, 1]);
    client.delete("/auth/sessions/2", token).await.expect(204);
    client.delete("/auth/sessions/2", token).await.expect(404);
    client.get("/auth/me", Some(other.text("access_token"))).await.expect(401);
    client.delete("/auth/sessions", token).await.expect(204);
    let export = client.get("/auth/export", token).await.expect(200);
    assert_eq!(export.headers["content-disposition"], "attachment; filename=\"account-1.json\"");
    assert_eq!(export.json["account"]["email"], "Alice@example.com");
    let body = |password: &str| json!({"password": password});
    let wrong = client.delete_with("/auth/me", token, &body("wrong")).await.expect(403);
    assert_eq!(wrong.text("code"), "wrong_password");
    client.delete_with("/auth/me", token, &body(PASSWORD)).await.expect(204);
    assert_eq!(database.count("SELECT FROM users").await, 0);
    assert_eq!(database.count("SELECT FROM outbox WHERE kind = 'account_deleted'").await, 1);
}

#[tokio::test]
async fn a_lifetime_that_cannot_be_used_is_refused() {
    let database = TestDatabase::create().await;
    for name in ["access_token_lifetime", "session_idle_lifetime", "session_lifetime"] {
        let mut variables = database.component();
        variables.insert(name.to_owned(), "0m".to_owned());
        let problem = auth::component(&variables).await.expect_err("a lifetime is positive");
        assert!(problem.cause().is_some_and(|cause| cause.contains(name)), "{problem:?}");
    }
}

#[test]
fn every_route_has_its_row_in_the_table_of_rights() {
    assert_every_route_has_its_row(NAME, &routes());
}

#[tokio::test]
async fn a_variable_with_an_unknown_value_is_refused() {
    let database = TestDatabase::create().await;
    for (name, cause) in [
        ("registration", "the variable registration must be open or closed"),
        ("require_verified_email", "the variable require_verified_email must be true or false"),
    ] {
        let mut variables = database.component();
        variables.insert(name.to_owned(), "yes".to_owned());
        let problem = auth::component(&variables).await.expect_err("the value is unknown");
        assert_eq!(problem.cause(), Some(cause));
    }
    let mut variables = database.component();
    variables.insert("denied_words".to_owned(), "acme,xy".to_owned());
    let problem = auth::component(&variables).await.expect_err("a word is too short");
    assert!(problem.cause().is_some_and(|cause| cause.contains("denied_words")), "{problem:?}");
}

#[tokio::test]
async fn closed_registration_and_unverified_addresses_are_refused_where_the_deployment_says_so() {
    let (database, client) = registered().await;
    login(&client, PASSWORD).await.expect(200);
    let mut variables = database.component();
    variables.insert("registration".to_owned(), "closed".to_owned());
    variables.insert("require_verified_email".to_owned(), "true".to_owned());
    let strict = Client(auth::component(&variables).await.unwrap());
    let body = json!({"email": "bob@example.com", "password": PASSWORD});
    let refused = strict.post("/auth/register", None, &body).await.expect(403);
    assert_eq!(refused.text("code"), "registration_closed");
    assert_eq!(login(&strict, PASSWORD).await.expect(403).text("code"), "email_unverified");
    assert_eq!(login(&strict, "wrong").await.expect(401).text("code"), "invalid_credentials");
    database.sql("UPDATE users SET email_verified = true").await;
    login(&strict, PASSWORD).await.expect(200);
}

/// The end-to-end tests have the details.
#[tokio::test]
async fn a_password_is_changed_and_reset_and_an_address_is_verified() {
    let (database, client) = registered().await;
    let pair = login(&client, PASSWORD).await.expect(200);
    let token = Some(pair.text("access_token"));
    let address = json!({"email": "new@example.com", "password": PASSWORD});
    assert_eq!(client.put("/auth/email", token, &address).await.expect(202).json, json!({}));
    client.post("/auth/email/verification", token, &Value::Null).await.expect(202);
    let forgotten = json!({"email": "alice@example.com"});
    assert_eq!(client.post("/auth/password/forgot", None, &forgotten).await.expect(202).json, json!({}));
    let change = json!({"current_password": PASSWORD, "new_password": "a stapled battery"});
    client.put("/auth/password", token, &change).await.expect(204);
    assert_eq!(client.put("/auth/password", token, &change).await.expect(403).text("code"), "wrong_password");
    for (path, body) in [
        ("/auth/password/reset", json!({"token": "x", "new_password": PASSWORD})),
        ("/auth/email/verify", json!({"token": "x"})),
    ] {
        assert_eq!(client.post(path, None, &body).await.expect(410).text("code"), "link_invalid");
    }
    // The changed password has ended the links that were asked for.
    let links =
        "SELECT FROM outbox WHERE kind IN ('email_verification', 'email_change', 'password_forgotten')";
    assert_eq!(database.count(links).await, 0);
    assert_eq!(database.count("SELECT FROM outbox").await, 2);
}

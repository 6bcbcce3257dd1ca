//! `POST /auth/login`

use serde_json::{Value, json};
use users_tests::{
    Answer, PASSWORD, Service, Tokens, assert_common_headers, assert_no_store, assert_problem, fields,
    pointers, statements_wait, token,
};

async fn send(service: &Service, form: &[(&str, &str)]) -> Answer {
    service.post("/auth/login").form(form).send().await
}

/// The body without its request id.
fn without_id(answer: &Answer) -> Value {
    token::without(&answer.json(), "request_id")
}

#[tokio::test]
async fn a_login_returns_two_tokens_and_their_lifetimes() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let answer = service.try_login("alice@example.com", PASSWORD).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let body = answer.json();
    let expected = ["access_token", "expires_in", "refresh_expires_in", "refresh_token", "token_type"];
    assert_eq!(fields(&body), expected);
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["expires_in"], 15 * 60, "expected 15 minutes");
    assert_eq!(body["refresh_expires_in"], 30 * 24 * 60 * 60, "expected 30 days");
    service.me(&Tokens::of(&answer).access).await.expect(200);
}

#[tokio::test]
async fn an_access_token_carries_the_claims_of_rfc_9068() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let access = &account.tokens.access;
    let kids = service.sql("SELECT kid FROM signing_keys").await;
    assert_eq!(token::header(access), json!({"typ": "at+jwt", "alg": "EdDSA", "kid": kids[0]}));
    let claims = token::claims(access);
    assert_eq!(
        fields(&claims),
        ["acr", "amr", "aud", "auth_time", "client_id", "exp", "iat", "iss", "jti", "sid", "sub"]
    );
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("http://127.0.0.1:3000"), &json!("users-api")));
    assert_eq!(claims["client_id"], "users");
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("1"), &json!(["pwd"])));
    assert_eq!(claims["auth_time"], claims["iat"], "expected the time of the login");
    assert_eq!(claims["sub"], account.id.to_string());
    assert_eq!(service.sql("SELECT id FROM sessions").await, [claims["sid"].as_str().expect("a text")]);
    let (issued, expires) =
        (claims["iat"].as_i64().expect("a number"), claims["exp"].as_i64().expect("a number"));
    assert_eq!(expires - issued, 900, "expected 15 minutes");
    let now: Vec<i64> = service
        .sql("SELECT extract(epoch FROM now())::bigint")
        .await
        .iter()
        .map(|it| it.parse().unwrap())
        .collect();
    assert!((now[0] - 60..=now[0] + 1).contains(&issued), "expected now, {now:?}: {claims:#}");
    let again = service.login("alice@example.com", PASSWORD).await;
    assert_ne!(
        token::claims(&again.access)["jti"],
        claims["jti"],
        "expected a name of its own for each token"
    );
}

#[tokio::test]
async fn a_refresh_token_has_256_bits() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let refresh = &account.tokens.refresh;
    assert!(refresh.len() >= 43, "expected 256 bits in base64: {} characters", refresh.len());
    assert_ne!(*refresh, service.login("alice@example.com", PASSWORD).await.refresh);
}

#[tokio::test]
async fn each_login_opens_a_session() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let second = service.login("alice@example.com", PASSWORD).await;
    assert_ne!(token::claims(&account.tokens.access)["sid"], token::claims(&second.access)["sid"]);
    let sessions =
        "SELECT user_id, expires_at - created_at, created_at > now() - interval '1 min' FROM sessions";
    assert_eq!(service.sql(sessions).await, vec![format!("{}|30 days|t", account.id); 2]);
}

#[tokio::test]
async fn the_username_is_the_address_without_case() {
    let service = Service::start().await;
    service.register("Alice@Example.com", PASSWORD).await.expect(201);
    for username in ["Alice@Example.com", "alice@example.com", "ALICE@EXAMPLE.COM"] {
        service.login(username, PASSWORD).await;
    }
}

#[tokio::test]
async fn an_unknown_address_is_answered_like_a_wrong_password() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let wrong = service.try_login("alice@example.com", "not the password").await;
    assert_problem(&wrong, 401, "invalid_credentials");
    for (username, password) in [
        ("bob@example.com", PASSWORD),
        ("no address at all", PASSWORD),
        ("alice@example.com", "short"),
        ("alice@example.com", "Correct horse battery staple"),
        ("alice@example.com", "correct horse battery staple "),
        ("alice@example.com", &"x".repeat(5_000)),
        (&"x".repeat(5_000), PASSWORD),
    ] {
        let other = service.try_login(username, password).await;
        assert_problem(&other, 401, "invalid_credentials");
        assert_eq!(without_id(&other), without_id(&wrong), "expected the same text");
        let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&other), names(&wrong), "expected the same header fields");
    }
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"], "expected no session");
}

#[tokio::test]
async fn only_the_right_password_reveals_a_deactivated_account() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    service.sql("UPDATE users SET is_active = false").await;
    assert_problem(&service.try_login("alice@example.com", PASSWORD).await, 403, "inactive_account");
    let wrong = service.try_login("alice@example.com", "not the password").await;
    assert_problem(&wrong, 401, "invalid_credentials");
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"], "expected no session");
    service.sql("UPDATE users SET is_active = true").await;
    service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_deleted_account_is_unknown() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    service.sql("DELETE FROM users").await;
    assert_problem(&service.try_login("alice@example.com", PASSWORD).await, 401, "invalid_credentials");
}

#[tokio::test]
async fn every_missing_field_of_the_form_is_listed() {
    let service = Service::start().await;
    assert_eq!(pointers(&send(&service, &[("x", "y")]).await), ["/password", "/username"]);
    assert_eq!(pointers(&send(&service, &[("username", "alice@example.com")]).await), ["/password"]);
    assert_eq!(pointers(&send(&service, &[("password", PASSWORD)]).await), ["/username"]);
    let empty = service.post("/auth/login").body("application/x-www-form-urlencoded", "").send().await;
    assert_eq!(pointers(&empty), ["/password", "/username"]);
}

#[tokio::test]
async fn another_grant_type_than_password_is_refused() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let form = |grant| [("grant_type", grant), ("username", "alice@example.com"), ("password", PASSWORD)];
    send(&service, &form("password")).await.expect(200);
    for other in ["client_credentials", "refresh_token", "Password", "x"] {
        let answer = send(&service, &form(other)).await;
        assert_eq!(pointers(&answer), ["/grant_type"], "{other}");
        assert_eq!(answer.json()["error"], "unsupported_grant_type", "{other}");
    }
}

#[tokio::test]
async fn further_fields_of_the_form_are_ignored() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let form = [
        ("username", "alice@example.com"),
        ("password", PASSWORD),
        ("scope", "everything"),
        ("client_id", "x"),
        ("client_secret", "y"),
        ("is_admin", "true"),
    ];
    send(&service, &form).await.expect(200);
}

/// RFC 6749 section 3.2.
#[tokio::test]
async fn an_unknown_field_of_the_form_may_be_repeated() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let form = [
        ("resource", "a"),
        ("username", "alice@example.com"),
        ("resource", "b"),
        ("password", PASSWORD),
        ("resource", "a"),
        ("scope", "x"),
        ("scope", "y"),
    ];
    send(&service, &form).await.expect(200);
}

#[tokio::test]
async fn a_known_field_of_the_form_may_not_be_repeated() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let form = [("grant_type", "password"), ("username", "alice@example.com"), ("password", PASSWORD)];
    for (field, value) in form {
        let answer = send(&service, &[&form[..], &[(field, value)]].concat()).await;
        assert_eq!(pointers(&answer), [format!("/{field}")]);
        assert_eq!(answer.json()["error"], "invalid_request");
    }
}

/// RFC 6749 section 3.2: a parameter without a value counts as omitted.
#[tokio::test]
async fn an_empty_field_of_the_form_counts_as_omitted() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let with = |username, password| [("grant_type", ""), ("username", username), ("password", password)];
    assert_eq!(pointers(&send(&service, &with("", "")).await), ["/password", "/username"]);
    assert_eq!(pointers(&send(&service, &with("alice@example.com", "")).await), ["/password"]);
    assert_eq!(pointers(&send(&service, &with("", PASSWORD)).await), ["/username"]);
    send(&service, &with("alice@example.com", PASSWORD)).await.expect(200);
    let form = [("username", ""), ("username", "alice@example.com"), ("password", PASSWORD)];
    send(&service, &form).await.expect(200);
}

/// RFC 6749 section 5.2: the member `error`, in addition to the members of every problem.
#[tokio::test]
async fn every_refused_login_has_the_error_of_oauth() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let form = "application/x-www-form-urlencoded";
    let login = || service.post("/auth/login");
    for (answer, status, code, error) in [
        (login().body(form, "a=%FF"), 400, "malformed_body", "invalid_request"),
        (login().body(form, "a=b"), 422, "validation_failed", "invalid_request"),
        (login().json(&json!({})), 415, "unsupported_media_type", "invalid_request"),
        (login().body(form, vec![b'a'; 64 * 1024 + 1]), 413, "body_too_large", "invalid_request"),
        (login().form(&[("username", "x"), ("password", "y")]), 401, "invalid_credentials", "invalid_grant"),
        (service.get("/auth/login"), 405, "method_not_allowed", "invalid_request"),
        (service.post("/auth/login/").body(form, "a=b"), 422, "validation_failed", "invalid_request"),
    ] {
        let answer = answer.send().await;
        assert_problem(&answer, status, code);
        assert_eq!(answer.json()["error"], error);
    }
    service.sql("UPDATE users SET is_active = false").await;
    let inactive = service.try_login("alice@example.com", PASSWORD).await;
    assert_problem(&inactive, 403, "inactive_account");
    assert_eq!(inactive.json()["error"], "invalid_grant");
    // Other routes have no such member.
    let other = service.post("/auth/register").json(&json!({})).send().await;
    assert_eq!(other.json().get("error"), None);
}

#[tokio::test]
async fn a_login_without_postgres_is_temporarily_unavailable_for_oauth_clients() {
    let service = Service::builder().without_postgres().start().await;
    let answer = service.try_login("alice@example.com", PASSWORD).await;
    assert_problem(&answer, 503, "database_unavailable");
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
}

#[tokio::test]
async fn a_nul_character_is_refused_in_every_field_of_the_form() {
    let service = Service::start().await;
    for (field, form) in [
        ("/username", [("username", "alice\0@example.com"), ("password", PASSWORD)]),
        ("/password", [("username", "alice@example.com"), ("password", "correct\0horse")]),
    ] {
        assert_eq!(pointers(&send(&service, &form).await), [field]);
    }
}

#[tokio::test]
async fn credentials_in_the_query_are_ignored() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let query = "/auth/login?username=alice@example.com&password=correct+horse+battery+staple";
    assert_eq!(pointers(&service.post(query).form(&[("x", "y")]).send().await), ["/password", "/username"]);
}

#[tokio::test]
async fn a_login_during_the_deletion_of_its_account_is_401() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let mut db = service.db().await;
    let deletion = db.transaction().await.unwrap();
    deletion.batch_execute("DELETE FROM users").await.unwrap();
    let login = service.try_login("alice@example.com", PASSWORD);
    let commit = async {
        statements_wait(&service.db().await, 1).await;
        deletion.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(login, commit);
    assert_problem(&answer, 401, "invalid_credentials");
    assert!(service.sql("SELECT 1 FROM sessions").await.is_empty());
}

#[tokio::test]
async fn invalid_utf_8_in_the_form_is_400() {
    let service = Service::start().await;
    let form = "application/x-www-form-urlencoded";
    for body in ["username=a%FF%40example.com&password=b", "username=a&password=%C3%28", "username=a&%FF=b"] {
        let answer = service.post("/auth/login").body(form, body).send().await;
        assert_problem(&answer, 400, "malformed_body");
    }
    // U+FFFD is a valid character.
    let answer = service.post("/auth/login").body(form, "username=a&password=%EF%BF%BD").send().await;
    assert_problem(&answer, 401, "invalid_credentials");
}

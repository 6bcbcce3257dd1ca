//! `POST /auth/revoke`

use std::time::Duration;

use serde_json::{Value, json};
use users_tests::{
    Answer, PASSWORD, Service, Tokens, assert_common_headers, assert_no_store, assert_problem, pointers,
    token, within,
};

async fn revoke(service: &Service, token: &str) -> Answer {
    service.post("/auth/revoke").form(&[("token", token)]).send().await
}

async fn sessions(service: &Service) -> usize {
    service.sql("SELECT id FROM sessions WHERE expires_at > now()").await.len()
}

#[tokio::test]
async fn an_access_token_ends_its_session_at_the_next_request() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let other = service.login("alice@example.com", PASSWORD).await;
    let answer = revoke(&service, &account.tokens.access).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    assert_eq!(answer.json(), json!({}));
    assert_problem(&service.me(&account.tokens.access).await, 401, "invalid_token");
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    service.me(&other.access).await.expect(200);
    assert_eq!(sessions(&service).await, 1, "expected the other session only");
}

#[tokio::test]
async fn a_refresh_token_ends_its_session_even_if_it_is_spent() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    revoke(&service, &account.tokens.refresh).await.expect(200);
    assert_problem(&service.me(&account.tokens.access).await, 401, "invalid_token");
    let login = service.login("alice@example.com", PASSWORD).await;
    let newer = Tokens::of(&service.refresh(&login.refresh).await.expect(200));
    revoke(&service, &login.refresh).await.expect(200);
    assert_problem(&service.me(&newer.access).await, 401, "invalid_token");
    assert_problem(&service.refresh(&newer.refresh).await, 401, "invalid_token");
    assert_eq!(sessions(&service).await, 0);
}

#[tokio::test]
async fn the_answer_is_the_same_for_any_text_and_nothing_ends() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let other = service.account("other@example.com").await;
    let access = &account.tokens.access;
    let (header, claims) = (token::header(access), token::claims(access));
    let signature = access.rsplit('.').next().unwrap();
    let sid = token::claims(&other.tokens.access)["sid"].clone();
    let forged = format!("{}.{signature}", token::unsigned(&header, &token::with(&claims, "sid", sid)));
    let unsigned = format!("{}.", token::unsigned(&token::with(&header, "alg", "none"), &claims));
    let secret =
        token::signed("a guessed secret of 32 characters", &token::with(&header, "alg", "HS256"), &claims);
    let hash = token::sha256_hex(&account.tokens.refresh);
    let bare = |answer: &Answer| (answer.status, answer.body.clone());
    let expected = (200, "{}".to_owned());
    for text in [
        "x",
        "x.y.z",
        "..",
        "é",
        &"A".repeat(43),
        &"x".repeat(5_000),
        &hash,
        &access[1..],
        &forged,
        &unsigned,
        &secret,
        &format!("Bearer {access}"),
    ] {
        assert_eq!(bare(&revoke(&service, text).await), expected, "{text}");
    }
    for account in [&account, &other] {
        service.me(&account.tokens.access).await.expect(200);
    }
    assert_eq!(sessions(&service).await, 2);
    // Twice is the same as once.
    for _ in 0..2 {
        assert_eq!(bare(&revoke(&service, access).await), expected);
    }
}

#[tokio::test]
async fn an_expired_access_token_ends_nothing_and_the_refresh_token_does() {
    let service = Service::builder().variable("access_token_lifetime", "2s").start().await;
    let account = service.account("alice@example.com").await;
    within(Duration::from_secs(20), "the token expires", async || {
        service.me(&account.tokens.access).await.status == 401
    })
    .await;
    revoke(&service, &account.tokens.access).await.expect(200);
    assert_eq!(sessions(&service).await, 1);
    revoke(&service, &account.tokens.refresh).await.expect(200);
    assert_eq!(sessions(&service).await, 0);
}

#[tokio::test]
async fn a_revocation_needs_no_other_credentials_and_ignores_them() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let other = service.account("other@example.com").await;
    for credentials in
        [format!("Bearer {}", other.tokens.access), "Bearer x.y.z".to_owned(), "Basic eDp5".to_owned()]
    {
        let login = service.login(&account.email, PASSWORD).await;
        let request = service.post("/auth/revoke").header("authorization", &credentials);
        request.form(&[("token", &login.access)]).send().await.expect(200);
        assert_problem(&service.me(&login.access).await, 401, "invalid_token");
    }
    service.me(&other.tokens.access).await.expect(200);
    service.me(&account.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_token_of_a_deactivated_account_is_answered_alike() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE users SET is_active = false").await;
    revoke(&service, &account.tokens.access).await.expect(200);
    revoke(&service, &account.tokens.refresh).await.expect(200);
    assert_eq!(service.sql("SELECT id FROM sessions").await, [""; 0]);
}

#[tokio::test]
async fn the_form_needs_one_token_and_its_problems_are_those_of_oauth() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let access = account.tokens.access.as_str();
    let send = async |form: &[(&str, &str)]| service.post("/auth/revoke").form(form).send().await;
    for form in [&[][..], &[("token", "")], &[("x", "y")], &[("token", access), ("token", access)]] {
        let answer = send(form).await;
        assert_eq!(pointers(&answer), ["/token"], "{form:?}");
        assert_eq!(answer.json()["error"], "invalid_request");
    }
    let wrong_type = service.post("/auth/revoke").json(&json!({"token": access})).send().await;
    assert_problem(&wrong_type, 415, "unsupported_media_type");
    assert_eq!(wrong_type.json()["error"], "invalid_request");
    service.me(access).await.expect(200);
    for hint in ["refresh_token", "", "anything"] {
        let login = service.login(&account.email, PASSWORD).await;
        send(&[("token", &login.access), ("token_type_hint", hint)]).await.expect(200);
        assert_problem(&service.me(&login.access).await, 401, "invalid_token");
    }
}

#[tokio::test]
async fn a_revocation_runs_at_most_two_statements_and_its_log_has_no_token() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let other = service.login("alice@example.com", PASSWORD).await;
    for (name, text) in
        [("access", &account.tokens.access), ("refresh", &other.refresh), ("unknown", &"x.y".to_owned())]
    {
        service.post("/auth/revoke").id(name).form(&[("token", text)]).send().await.expect(200);
        let log = service.logs().of_request(name).await;
        assert!(log.statements().len() <= 2, "{name}: expected at most two statements: {log:#?}");
        let user = if name == "unknown" { Value::Null } else { account.id.into() };
        assert_eq!(log.access()["user_id"], user, "{name}");
    }
    let log = service.logs().text();
    assert!(!log.contains(&account.tokens.access) && !log.contains(&other.refresh));
}

#[tokio::test]
async fn without_postgres_a_revocation_is_503() {
    let service = Service::builder().without_postgres().start().await;
    let answer = revoke(&service, &"A".repeat(43)).await;
    assert_problem(&answer, 503, "database_unavailable");
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
}

#[tokio::test]
async fn an_api_key_ends_and_nothing_else_does() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let make = async |name: &str| {
        let request = service.post("/auth/api-keys").bearer(&account.tokens.access);
        let made = request.json(&json!({"name": name})).send().await.expect(201).json();
        made["key"].as_str().expect("the key is shown once").to_owned()
    };
    let (first, second) = (make("first").await, make("second").await);
    let mistyped = format!("{}{}", &first[..first.len() - 1], if first.ends_with('A') { "E" } else { "A" });
    for text in [&mistyped, "uk_", &first[3..]] {
        revoke(&service, text).await.expect(200);
    }
    for key in [&first, &second] {
        service.me(key).await.expect(200);
    }
    for _ in 0..2 {
        let answer = revoke(&service, &first).await.expect(200);
        assert_eq!(answer.json(), json!({}));
    }
    assert_problem(&service.me(&first).await, 401, "invalid_token");
    service.me(&second).await.expect(200);
    service.me(&account.tokens.access).await.expect(200);
    assert_eq!(service.sql("SELECT name FROM api_keys").await, ["second"]);
}

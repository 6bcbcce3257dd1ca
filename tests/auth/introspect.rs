//! `POST /auth/introspect`

use std::time::Duration;

use serde_json::{Value, json};
use users_tests::{
    Account, Answer, PASSWORD, Service, Tokens, assert_common_headers, assert_no_store, assert_problem,
    fields, pointers, token, within,
};

/// A service, the account of another service that may look up tokens, and the account of a person.
struct Fixture {
    service: Service,
    asking: Account,
    ada: Account,
}

impl Fixture {
    async fn start() -> Self {
        Self::of(Service::start().await).await
    }

    async fn of(service: Service) -> Self {
        let asking = service.account("asking@example.com").await;
        let ada = service.account("ada@example.com").await;
        grant(&service, &asking, "token", "introspect").await;
        Self { service, asking, ada }
    }

    async fn send(&self, form: &[(&str, &str)]) -> Answer {
        let request = self.service.post("/auth/introspect").bearer(&self.asking.tokens.access);
        request.form(form).send().await
    }

    /// The state of a token, which the service tells in any case.
    async fn state(&self, token: &str) -> Value {
        self.send(&[("token", token)]).await.expect(200).json()
    }
}

/// Gives an account a role of its own with this permission.
async fn grant(service: &Service, account: &Account, resource: &str, action: &str) {
    service
        .sql(&format!(
            "WITH permission AS (
                 INSERT INTO permissions (name, resource, action)
                 VALUES ('{resource}:{action} of {id}', '{resource}', '{action}') RETURNING id
             ), role AS (
                 INSERT INTO roles (name) VALUES ('{resource} {action} {id}') RETURNING id
             ), filled AS (
                 INSERT INTO role_permissions (role_id, permission_id)
                 SELECT role.id, permission.id FROM role, permission
             )
             INSERT INTO user_roles (user_id, role_id) SELECT {id}, id FROM role",
            id = account.id
        ))
        .await;
}

fn inactive() -> Value {
    json!({"active": false})
}

#[tokio::test]
async fn a_live_access_token_is_active_and_says_whose_it_is() {
    let fixture = Fixture::start().await;
    grant(&fixture.service, &fixture.ada, "article", "publish").await;
    grant(&fixture.service, &fixture.ada, "article", "edit").await;
    let answer = fixture.send(&[("token", &fixture.ada.tokens.access)]).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let claims = token::claims(&fixture.ada.tokens.access);
    let expected = json!({
        "active": true, "scope": "article:edit article:publish", "client_id": "users", "token_type": "bearer",
        "exp": claims["exp"], "iat": claims["iat"], "sub": fixture.ada.id.to_string(), "aud": claims["aud"],
        "iss": claims["iss"], "auth_time": claims["auth_time"], "acr": "1", "amr": ["pwd"],
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn the_scope_is_what_the_account_may_do_now() {
    let fixture = Fixture::start().await;
    let access = &fixture.ada.tokens.access;
    assert_eq!(fixture.state(access).await["scope"], "");
    grant(&fixture.service, &fixture.ada, "article", "publish").await;
    assert_eq!(fixture.state(access).await["scope"], "article:publish");
    fixture.service.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", fixture.ada.id)).await;
    assert_eq!(fixture.state(access).await["scope"], "admin:all article:publish");
    fixture.service.sql(&format!("DELETE FROM user_roles WHERE user_id = {}", fixture.ada.id)).await;
    assert_eq!(fixture.state(access).await["scope"], "admin:all");
}

#[tokio::test]
async fn of_anything_else_only_that_it_is_inactive_is_told() {
    let fixture = Fixture::start().await;
    let Tokens { access, refresh } = &fixture.ada.tokens;
    let (header, claims) = (token::header(access), token::claims(access));
    let signature = access.rsplit('.').next().unwrap();
    let of_another = token::with(&claims, "sub", fixture.asking.id.to_string());
    let forged = format!("{}.{signature}", token::unsigned(&header, &of_another));
    let unsigned = format!("{}.", token::unsigned(&token::with(&header, "alg", "none"), &claims));
    let long = "x".repeat(5_000);
    for other in [
        refresh,
        "x",
        "x.y.z",
        "..",
        "é",
        &access[1..],
        &forged,
        &unsigned,
        &format!("Bearer {access}"),
        &long,
    ] {
        let answer = fixture.send(&[("token", other)]).await.expect(200);
        assert_eq!(answer.json(), inactive(), "{other}");
        assert_no_store(&answer);
    }
    assert_eq!(fixture.state(access).await["active"], true);
}

#[tokio::test]
async fn a_token_is_inactive_from_the_end_of_its_session_on() {
    let fixture = Fixture::start().await;
    let Fixture { service, ada, .. } = &fixture;
    service.post("/auth/logout").bearer(&ada.tokens.access).send().await.expect(204);
    assert_eq!(fixture.state(&ada.tokens.access).await, inactive());
    let other = service.account("other@example.com").await;
    assert_eq!(fixture.state(&other.tokens.access).await["active"], true);
    service.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", other.id)).await;
    assert_eq!(fixture.state(&other.tokens.access).await, inactive());
    let deleted = service.account("deleted@example.com").await;
    service.sql(&format!("DELETE FROM users WHERE id = {}", deleted.id)).await;
    assert_eq!(fixture.state(&deleted.tokens.access).await, inactive());
}

#[tokio::test]
async fn a_token_is_inactive_when_it_has_expired() {
    let service = Service::builder().variable("access_token_lifetime", "3s").start().await;
    let mut fixture = Fixture::of(service).await;
    within(Duration::from_secs(20), "the token expires", async || {
        fixture.service.me(&fixture.ada.tokens.access).await.status == 401
    })
    .await;
    fixture.asking.tokens = fixture.service.login(&fixture.asking.email, PASSWORD).await;
    assert_eq!(fixture.state(&fixture.ada.tokens.access).await, inactive());
    fixture.service.refresh(&fixture.ada.tokens.refresh).await.expect(200);
}

#[tokio::test]
async fn looking_up_tokens_needs_the_permission() {
    let fixture = Fixture::start().await;
    let Fixture { service, ada, asking } = &fixture;
    let ask = || service.post("/auth/introspect").form(&[("token", &ada.tokens.access)]);
    assert_problem(&ask().send().await, 401, "not_authenticated");
    assert_problem(&ask().bearer("x.y.z").send().await, 401, "invalid_token");
    // Nobody may look up even the own token without it.
    assert_problem(&ask().bearer(&ada.tokens.access).send().await, 403, "permission_denied");
    grant(service, ada, "token", "all").await;
    ask().bearer(&ada.tokens.access).send().await.expect(200);
    service.sql(&format!("DELETE FROM user_roles WHERE user_id = {}", asking.id)).await;
    assert_problem(&ask().bearer(&asking.tokens.access).send().await, 403, "permission_denied");
    service.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", asking.id)).await;
    ask().bearer(&asking.tokens.access).send().await.expect(200);
}

#[tokio::test]
async fn the_form_needs_one_token_and_the_hint_changes_nothing() {
    let fixture = Fixture::start().await;
    let access = fixture.ada.tokens.access.as_str();
    for form in [&[][..], &[("token", "")], &[("x", "y")], &[("token", access), ("token", access)]] {
        assert_eq!(pointers(&fixture.send(form).await), ["/token"], "{form:?}");
    }
    for hint in ["access_token", "refresh_token", "", "anything"] {
        let answer = fixture.send(&[("token", access), ("token_type_hint", hint)]).await.expect(200);
        assert_eq!(answer.json()["active"], true, "{hint}");
    }
    let twice = [("token", access), ("token_type_hint", "a"), ("token_type_hint", "b")];
    assert_eq!(pointers(&fixture.send(&twice).await), ["/token_type_hint"]);
    let json = fixture.service.post("/auth/introspect").bearer(&fixture.asking.tokens.access);
    assert_problem(&json.json(&json!({"token": access})).send().await, 415, "unsupported_media_type");
}

#[tokio::test]
async fn an_introspection_runs_at_most_two_statements_and_uses_no_token_up() {
    let fixture = Fixture::start().await;
    let Fixture { service, ada, asking } = &fixture;
    for (name, text) in
        [("access", &ada.tokens.access), ("refresh", &ada.tokens.refresh), ("own", &asking.tokens.access)]
    {
        let request = service.post("/auth/introspect").bearer(&asking.tokens.access).id(name);
        request.form(&[("token", text)]).send().await.expect(200);
        let log = service.logs().of_request(name).await;
        assert!((1..=2).contains(&log.statements().len()), "{name}: expected one statement or two: {log:#?}");
    }
    service.refresh(&ada.tokens.refresh).await.expect(200);
}

#[tokio::test]
async fn an_inactive_token_has_no_other_member() {
    let fixture = Fixture::start().await;
    assert_eq!(fields(&fixture.state("unknown").await), ["active"]);
}

/// Makes an API key of an account, with these fields besides its name.
async fn api_key(service: &Service, account: &Account, fields: Value) -> String {
    let body = token::with(&fields, "name", "a key");
    let request = service.post("/auth/api-keys").bearer(&account.tokens.access).json(&body);
    request.send().await.expect(201).json()["key"].as_str().expect("the key is shown once").to_owned()
}

#[tokio::test]
async fn an_api_key_is_active_and_says_what_it_may_do_now() {
    let fixture = Fixture::start().await;
    let Fixture { service, ada, .. } = &fixture;
    grant(service, ada, "article", "publish").await;
    grant(service, ada, "article", "edit").await;
    let whole = api_key(service, ada, json!({})).await;
    let answer = fixture.send(&[("token", &whole)]).await.expect(200);
    assert_no_store(&answer);
    let told = answer.json();
    let issued = service.sql("SELECT floor(extract(epoch FROM created_at))::bigint FROM api_keys").await;
    let claims = token::claims(&ada.tokens.access);
    let expected = json!({
        "active": true, "scope": "article:edit article:publish", "client_id": "users", "token_type": "bearer",
        "iat": issued[0].parse::<i64>().unwrap(), "sub": ada.id.to_string(), "aud": claims["aud"], "iss": claims["iss"],
    });
    assert_eq!(told, expected, "expected no `exp` of a key that does not expire");
    let fields = json!({"permissions": ["article:edit"], "expires_at": "2100-01-01T00:00:00Z"});
    let limited = api_key(service, ada, fields).await;
    let told = fixture.state(&limited).await;
    assert_eq!((&told["scope"], &told["exp"]), (&json!("article:edit"), &json!(4_102_444_800_i64)));
    service.sql(&format!("DELETE FROM user_roles WHERE user_id = {}", ada.id)).await;
    for key in [&whole, &limited] {
        assert_eq!(fixture.state(key).await["scope"], "");
    }
    service.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", ada.id)).await;
    assert_eq!(fixture.state(&whole).await["scope"], "admin:all");
    assert_eq!(fixture.state(&limited).await["scope"], "article:edit", "expected no more than the list");
}

#[tokio::test]
async fn an_api_key_that_does_not_count_is_inactive() {
    let fixture = Fixture::start().await;
    let Fixture { service, ada, .. } = &fixture;
    let bound = api_key(service, ada, json!({"addresses": ["127.0.0.0/8"]})).await;
    service.get("/auth/me").bearer(&bound).send().await.expect(200);
    assert_eq!(
        fixture.state(&bound).await,
        inactive(),
        "the service does not see from where the key was sent"
    );
    let key = api_key(service, ada, json!({})).await;
    let mistyped = format!("{}{}", &key[..key.len() - 1], if key.ends_with('A') { "E" } else { "A" });
    for other in [&mistyped, "uk_", &format!("uk_{}", "A".repeat(43)), &key[3..], &format!(" {key}")] {
        assert_eq!(fixture.state(other).await, inactive(), "{other}");
    }
    assert_eq!(fixture.state(&key).await["active"], true);
    let set = async |change: &str| service.sql(change).await;
    set("UPDATE api_keys SET expires_at = now()").await;
    assert_eq!(fixture.state(&key).await, inactive());
    set("UPDATE api_keys SET expires_at = NULL").await;
    set(&format!("UPDATE users SET is_active = false WHERE id = {}", ada.id)).await;
    assert_eq!(fixture.state(&key).await, inactive());
    set(&format!("UPDATE users SET is_active = true WHERE id = {}", ada.id)).await;
    assert_eq!(fixture.state(&key).await["active"], true);
    set("DELETE FROM api_keys").await;
    assert_eq!(fixture.state(&key).await, inactive());
}

#[tokio::test]
async fn a_program_looks_up_tokens_by_its_api_key() {
    let fixture = Fixture::start().await;
    let Fixture { service, ada, asking } = &fixture;
    let key = api_key(service, asking, json!({"permissions": ["token:introspect"]})).await;
    let other = api_key(service, ada, json!({})).await;
    let ask = |key: &str| service.post("/auth/introspect").bearer(key).form(&[("token", &ada.tokens.access)]);
    let answer = ask(&key).id("by-key").send().await.expect(200);
    assert_eq!(answer.json()["active"], true);
    let log = service.logs().of_request("by-key").await;
    assert!((1..=2).contains(&log.statements().len()), "expected one statement or two: {log:#?}");
    assert_problem(&ask(&other).send().await, 403, "permission_denied");
    let asked = service.post("/auth/introspect").bearer(&key).id("about-key").form(&[("token", &other)]);
    assert_eq!(asked.send().await.expect(200).json()["active"], true);
    let log = service.logs().of_request("about-key").await;
    assert!((1..=2).contains(&log.statements().len()), "expected one statement or two: {log:#?}");
}

//! `POST /users/` with `kind: service`, and the accounts of programs under `/users`.

use serde_json::{Value, json};
use users_tests::{
    PASSWORD, Service, assert_common_headers, assert_no_store, assert_problem, assert_user, pointers,
};

use crate::support::{Fixture, administrators, ids, remove_administrators};

impl Fixture {
    /// Makes a service account. Returns its id.
    pub(crate) async fn add_service(&self, full_name: &str) -> i64 {
        let body = json!({"kind": "service", "full_name": full_name});
        self.post("/users/", &body).await.expect(201).json()["id"].as_i64().unwrap()
    }

    /// Makes a key of a service account.
    pub(crate) async fn key_of(&self, id: i64, body: &Value) -> String {
        let made = self.post(&format!("/users/{id}/api-keys"), body).await.expect(201).json();
        made["key"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_service_account_has_no_address_and_no_password_and_is_sent_nothing() {
    let fixture = Fixture::start().await;
    fixture.sql("DELETE FROM outbox; INSERT INTO roles (name, is_default) VALUES ('user', true), ('other', false)").await;
    let body = json!({"kind": "service", "full_name": "Nightly Report", "role_ids": [2], "is_admin": true});
    let answer = fixture.post("/users/", &body).await.expect(201);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let user = answer.json();
    assert_user(&user);
    let id = user["id"].as_i64().unwrap();
    assert_eq!(answer.header("location"), Some(format!("/users/{id}")));
    assert_eq!((&user["kind"], &user["email"]), (&json!("service"), &Value::Null));
    assert_eq!((&user["full_name"], &user["is_active"]), (&json!("Nightly Report"), &json!(true)));
    assert_eq!((&user["is_admin"], &user["email_verified"]), (&json!(false), &json!(false)));
    assert_eq!(fixture.get(&format!("/users/{id}")).await.expect(200).json(), user);
    let row = format!("SELECT email, password_hash, email_key, search_text FROM users WHERE id = {id}");
    assert_eq!(fixture.sql(&row).await, [format!("service:{id}||service:{id}|\nnightly report")]);
    let roles = format!("SELECT role_id FROM user_roles WHERE user_id = {id} ORDER BY 1");
    assert_eq!(fixture.sql(&roles).await, ["1", "2"]);
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty());
    fixture.post("/users/", &json!({"kind": "service"})).await.expect(201);
}

#[tokio::test]
async fn a_service_account_with_an_address_or_a_password_is_422() {
    let fixture = Fixture::start().await;
    let before = fixture.sql("SELECT count(*) FROM users").await;
    for (body, expected) in [
        (json!({"kind": "service", "email": "a@example.com"}), &["/email"][..]),
        (json!({"kind": "service", "password": PASSWORD}), &["/password"]),
        (json!({"kind": "service", "email": "x", "password": "short"}), &["/email", "/password"]),
        (json!({"kind": "robot", "email": "a@example.com"}), &["/kind"]),
        (json!({"kind": null, "email": "a@example.com"}), &["/kind"]),
        (json!({"kind": "person"}), &["/email"]),
        (json!({"email": "service:7"}), &["/email"]),
        (json!({"kind": "service", "role_ids": [99]}), &["/role_ids/0"]),
    ] {
        assert_eq!(pointers(&fixture.post("/users/", &body).await), expected, "{body}");
    }
    assert_eq!(fixture.sql("SELECT count(*) FROM users").await, before);
    let body = json!({"kind": "person", "email": "a@example.com"});
    let user = fixture.post("/users/", &body).await.expect(201).json();
    assert_eq!((&user["kind"], &user["email"]), (&json!("person"), &json!("a@example.com")));
}

#[tokio::test]
async fn nobody_logs_in_to_a_service_account_or_resets_its_password() {
    let fixture = Fixture::start().await;
    let id = fixture.add_service("robot").await;
    fixture.sql("DELETE FROM outbox").await;
    let service = &fixture.service;
    for name in [format!("service:{id}"), format!("SERVICE:{id}"), "robot".to_owned()] {
        for password in [PASSWORD, "!"] {
            assert_problem(&service.try_login(&name, password).await, 401, "invalid_credentials");
        }
        let forgotten = service.post("/auth/password/forgot").json(&json!({"email": name})).send().await;
        assert_eq!(pointers(&forgotten), ["/email"]);
        assert_eq!(pointers(&service.register(&name, PASSWORD).await), ["/email"]);
    }
    let answer = fixture.service.post(&format!("/users/{id}/password-reset"));
    let answer = answer.bearer(&fixture.root.tokens.access).send().await;
    assert_problem(&answer, 409, "service_account");
    // Being sent an invitation is what happens to a person without a password.
    fixture.put(&format!("/users/{id}/deactivate")).await.expect(200);
    fixture.put(&format!("/users/{id}/activate")).await.expect(200);
    fixture.bulk("activate", &json!({"user_ids": [id]})).await.expect(200);
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty());
    fixture.delete(&format!("/users/{id}")).await.expect(204);
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty());
}

#[tokio::test]
async fn only_the_name_of_a_service_account_changes() {
    let fixture = Fixture::start().await;
    let id = fixture.add_service("robot").await;
    let path = format!("/users/{id}");
    let before = fixture.get(&path).await.json();
    for body in [
        json!({"email": "a@example.com"}),
        json!({"email_verified": true}),
        json!({"email": "a@example.com", "full_name": "x"}),
    ] {
        assert_problem(&fixture.put_json(&path, &body).await, 409, "service_account");
    }
    assert_eq!(fixture.get(&path).await.json(), before);
    let user = fixture.put_json(&path, &json!({"full_name": "Another Robot"})).await.expect(200).json();
    assert_eq!((&user["full_name"], &user["email"]), (&json!("Another Robot"), &Value::Null));
    assert_ne!(user["updated_at"], before["updated_at"]);
    assert_eq!(ids(&fixture.get("/users/?search=another%20robot").await), [id]);
    assert!(fixture.sql("SELECT FROM outbox WHERE kind <> 'email_verification'").await.is_empty());
}

/// A replica of the previous release knows no service accounts, and an operator may mistake one.
#[tokio::test]
async fn the_database_keeps_a_service_account_without_address_and_password() {
    let fixture = Fixture::start().await;
    let id = fixture.add_service("robot").await;
    let db = fixture.service.db().await;
    for change in ["email = 'a@example.com'", "password_hash = 'x'", "kind = 'robot'"] {
        let refused = db.batch_execute(&format!("UPDATE users SET {change} WHERE id = {id}")).await;
        let error = refused.unwrap_err();
        assert_eq!(error.as_db_error().and_then(|it| it.constraint()), Some("users_kind"), "{change}");
    }
}

#[tokio::test]
async fn accounts_are_listed_by_their_kind() {
    let fixture = Fixture::start().await;
    let people = fixture.add(2).await;
    let (one, two) = (fixture.add_service("User Robot").await, fixture.add_service("Idle Robot").await);
    fixture.put(&format!("/users/{two}/deactivate")).await.expect(200);
    for (query, expected) in [
        ("kind=service", vec![one, two]),
        ("kind=person", vec![fixture.root.id, people[0], people[1]]),
        ("kind=service&active_only=true", vec![one]),
        ("kind=service&search=robot", vec![one, two]),
        ("kind=person&search=user", people.clone()),
        ("kind=service&search=user", vec![one]),
        ("kind=service&search=robot&active_only=true", vec![one]),
        ("search=user", vec![people[0], people[1], one]),
        ("kind=service&after=1&limit=1", vec![one]),
    ] {
        let answer = fixture.get(&format!("/users/?{query}&total=true")).await.expect(200);
        assert_eq!(ids(&answer), expected, "{query}");
        if !query.contains("limit") {
            assert_eq!(answer.header("x-total-count"), Some(expected.len().to_string()), "{query}");
        }
    }
    let page = fixture.get("/users/?kind=service&limit=1").await.expect(200);
    let link = page.header("link").unwrap();
    assert!(link.contains("kind=service"), "expected the next page to have the filter: {link}");
    assert_eq!(pointers(&fixture.get("/users/?kind=robot").await), ["/kind"]);
    assert_eq!(pointers(&fixture.get("/users/?kind=").await), ["/kind"]);
}

#[tokio::test]
async fn a_search_for_an_address_finds_no_service_account() {
    let fixture = Fixture::start().await;
    let id = fixture.add_service("robot").await;
    for text in ["service", "service:", &format!("service:{id}")] {
        assert_eq!(ids(&fixture.get(&format!("/users/?search={text}")).await), [0; 0], "{text}");
    }
    assert_eq!(ids(&fixture.get("/users/?search=robot").await), [id]);
}

#[tokio::test]
async fn everything_else_shows_no_address_of_a_service_account() {
    let fixture = Fixture::start().await;
    let id = fixture.add_service("robot").await;
    let key = fixture.key_of(id, &json!({"name": "x"})).await;
    let service = &fixture.service;
    let me = service.me(&key).await.expect(200);
    let tested = service.post("/auth/test-token").bearer(&key).send().await.expect(200);
    let profile = service.get("/profile/").bearer(&key).send().await.expect(200);
    let other = service.get(&format!("/profile/{id}")).bearer(&fixture.root.tokens.access).send().await;
    for answer in [&me, &tested, &profile, &other.expect(200)] {
        assert_eq!(answer.json()["email"], Value::Null, "{answer:#?}");
        assert!(!answer.body.contains("service:"), "{answer:#?}");
    }
    assert_eq!(me.json()["kind"], "service");
    service.post("/profile/").bearer(&key).json(&json!({"bio": "beep"})).send().await.expect(201);
    for path in ["/users/", "/rbac/users", "/users/?kind=service"] {
        let answer = fixture.get(path).await.expect(200);
        assert!(!answer.body.contains("service:"), "{answer:#?}");
    }
}

#[tokio::test]
async fn a_service_account_may_administrate_by_its_key() {
    let fixture = Fixture::start().await;
    let id = fixture.add_service("robot").await;
    let key = fixture.key_of(id, &json!({"name": "x"})).await;
    let list = || fixture.service.get("/users/").bearer(&key).send();
    assert_problem(&list().await, 403, "admin_required");
    fixture.put(&format!("/users/{id}/make-admin")).await.expect(200);
    list().await.expect(200);
    // As for anybody else, not on itself.
    let own = fixture.service.delete(&format!("/users/{id}")).bearer(&key).send().await;
    assert_problem(&own, 409, "cannot_target_self");
    let sessions =
        fixture.service.get(&format!("/users/{}/sessions", fixture.root.id)).bearer(&key).send().await;
    assert_eq!(sessions.expect(200).json()[0]["is_current"], false);
    fixture.put(&format!("/users/{id}/remove-admin")).await.expect(200);
    assert_problem(&list().await, 403, "admin_required");
}

#[tokio::test]
async fn a_service_account_is_no_administrator_that_remains() {
    let fixture = Fixture::start().await;
    let id = fixture.add_service("robot").await;
    fixture.put(&format!("/users/{id}/make-admin")).await.expect(200);
    let key = fixture.key_of(id, &json!({"name": "x"})).await;
    let service: &Service = &fixture.service;
    for (method, path) in [("PUT", "/deactivate"), ("PUT", "/remove-admin"), ("DELETE", "")] {
        let path = format!("/users/{}{path}", fixture.root.id);
        assert_problem(&service.request(method, &path).bearer(&key).send().await, 409, "last_admin");
    }
    let body = json!({"user_ids": [fixture.root.id]});
    let bulk = service.put("/users/bulk/delete").bearer(&key).json(&body).send().await;
    assert_problem(&bulk, 409, "last_admin");
    assert_eq!(administrators(service).await, 2);
    // A program may go.
    let answer = remove_administrators(service, &fixture.root, "delete", vec![id]).await;
    answer.expect(204);
}

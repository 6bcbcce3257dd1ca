//! `POST /users/`

use serde_json::json;
use users_tests::{
    Barrier, PASSWORD, Service, assert_common_headers, assert_no_store, assert_problem, assert_user, pointers,
};

use crate::support::Fixture;

#[tokio::test]
async fn an_invited_account_has_no_password_and_is_sent_an_invitation() {
    let fixture = Fixture::start().await;
    fixture.sql("DELETE FROM outbox; INSERT INTO roles (name, is_default) VALUES ('user', true)").await;
    let body = json!({"email": " Ada@Example.com ", "full_name": "Ada", "is_admin": true});
    let answer = fixture.post("/users/", &body).await.expect(201);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let user = answer.json();
    assert_user(&user);
    let id = user["id"].as_i64().unwrap();
    assert_eq!(answer.header("location"), Some(format!("/users/{id}")));
    assert_eq!((&user["email"], &user["full_name"]), (&json!("Ada@Example.com"), &json!("Ada")));
    assert_eq!((&user["is_admin"], &user["is_active"]), (&json!(false), &json!(true)));
    assert_eq!(user["email_verified"], false);
    assert_eq!(fixture.get(&format!("/users/{id}")).await.json(), user);
    let row = format!("SELECT password_hash, email_key, search_text FROM users WHERE id = {id}");
    assert_eq!(fixture.sql(&row).await, ["|ada@example.com|ada@example.com\nada"]);
    let told = "SELECT kind, user_id, carries FROM outbox";
    assert_eq!(fixture.sql(told).await, [format!("invitation|{id}|{{}}")]);
    let roles = format!("SELECT role_id FROM user_roles WHERE user_id = {id}");
    assert_eq!(fixture.sql(&roles).await, ["1"]);
    for password in ["", PASSWORD] {
        let login = fixture.service.try_login("ada@example.com", password).await;
        assert!([401, 422].contains(&login.status), "expected nobody to log in: {login:#?}");
    }
}

#[tokio::test]
async fn an_account_with_a_password_can_log_in_and_is_sent_a_verification() {
    let fixture = Fixture::start().await;
    fixture.sql("DELETE FROM outbox").await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let id = fixture.post("/users/", &body).await.expect(201).json()["id"].as_i64().unwrap();
    fixture.service.login("ada@example.com", PASSWORD).await;
    assert_eq!(fixture.sql("SELECT kind, user_id FROM outbox").await, [format!("email_verification|{id}")]);
}

#[tokio::test]
async fn an_account_that_is_created_inactive_is_invited_once_it_is_activated() {
    let fixture = Fixture::start().await;
    fixture.sql("DELETE FROM outbox").await;
    let mut ids = Vec::new();
    for (email, password) in [("ada@example.com", None), ("bob@example.com", Some(PASSWORD))] {
        let body = json!({"email": email, "password": password, "is_active": false});
        let user = fixture.post("/users", &body).await.expect(201).json();
        assert_eq!(user["is_active"], false);
        ids.push(user["id"].as_i64().unwrap());
    }
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty(), "expected nothing to be sent");
    for _ in 0..2 {
        for id in &ids {
            fixture.put(&format!("/users/{id}/activate")).await.expect(200);
        }
        let told = fixture.sql("SELECT kind, user_id FROM outbox").await;
        assert_eq!(told, [format!("invitation|{}", ids[0])], "expected one invitation");
    }
    fixture.put(&format!("/users/{}/deactivate", ids[0])).await.expect(200);
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty(), "expected the deactivation to end it");
    fixture.bulk("activate", &json!({"user_ids": ids})).await.expect(200);
    assert_eq!(fixture.sql("SELECT kind FROM outbox").await, ["invitation"]);
}

#[tokio::test]
async fn an_invitation_follows_its_account_to_a_new_address() {
    let fixture = Fixture::start().await;
    let body = json!({"email": "ada@example.com"});
    let id = fixture.post("/users", &body).await.expect(201).json()["id"].as_i64().unwrap();
    fixture.sql("DELETE FROM outbox").await;
    let token = fixture.service.link("invitation", id, "ada@example.com").await;
    let moved = json!({"email": "ada@example.net"});
    fixture.put_json(&format!("/users/{id}"), &moved).await.expect(200);
    let told = fixture.sql("SELECT kind FROM outbox ORDER BY kind").await;
    assert_eq!(told, ["email_changed_from", "email_changed_to", "invitation"]);
    let body = json!({"token": token, "new_password": PASSWORD});
    let answer = fixture.service.post("/auth/password/reset").json(&body).send().await;
    assert_problem(&answer, 410, "link_invalid");
}

#[tokio::test]
async fn an_address_in_use_is_409_in_any_spelling_and_changes_nothing() {
    let fixture = Fixture::start().await;
    fixture.service.register("jürgen@bücher.example", PASSWORD).await.expect(201);
    // An account that the previous release wrote has no key.
    fixture.add_named("old@example.com", "Old").await;
    let before = fixture.sql("SELECT id FROM users UNION ALL SELECT id FROM outbox").await;
    for email in ["JÜRGEN@xn--bcher-kva.example", "ROOT@example.com", "Old@example.com"] {
        let answer = fixture.post("/users/", &json!({"email": email})).await;
        assert_problem(&answer, 409, "email_taken");
    }
    assert_eq!(fixture.sql("SELECT id FROM users UNION ALL SELECT id FROM outbox").await, before);
}

#[tokio::test]
async fn roles_are_granted_and_an_unknown_one_is_422_and_nothing_is_created() {
    let fixture = Fixture::start().await;
    fixture
        .sql(
            "INSERT INTO roles (name, is_default) VALUES ('user', true), ('boss', false);
             INSERT INTO permissions (name, resource, action) VALUES ('all', 'admin', 'all');
             INSERT INTO role_permissions VALUES (2, 1); DELETE FROM outbox",
        )
        .await;
    let before = fixture.sql("SELECT count(*) FROM users").await;
    let body = json!({"email": "ada@example.com", "role_ids": [2, 99, 1, 98]});
    let answer = fixture.post("/users/", &body).await;
    assert_eq!(pointers(&answer), ["/role_ids/1", "/role_ids/3"]);
    assert_eq!(fixture.sql("SELECT count(*) FROM users").await, before);
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty());
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "role_ids": [2, 2, 1]});
    let user = fixture.post("/users/", &body).await.expect(201).json();
    let granted = format!("SELECT role_id FROM user_roles WHERE user_id = {} ORDER BY 1", user["id"]);
    assert_eq!(fixture.sql(&granted).await, ["1", "2"]);
    let ada = fixture.service.login("ada@example.com", PASSWORD).await;
    fixture.service.get("/users/").bearer(&ada.access).send().await.expect(200);
}

#[tokio::test]
async fn every_broken_field_is_told() {
    let fixture = Fixture::start().await;
    let body =
        json!({"email": "x", "full_name": 7, "password": "short", "is_active": "yes", "role_ids": [0]});
    let answer = fixture.post("/users/", &body).await;
    assert_eq!(pointers(&answer), ["/email", "/full_name", "/is_active", "/password", "/role_ids/0"]);
    assert_eq!(pointers(&fixture.post("/users/", &json!({})).await), ["/email"]);
    let same = json!({"email": "alice@example.com", "password": "Alice@Example.com"});
    assert_eq!(pointers(&fixture.post("/users/", &same).await), ["/password"]);
}

#[tokio::test]
async fn a_password_of_an_administrators_choice_keeps_the_rules_of_a_registration() {
    let service = Service::builder().variable("denied_words", "acme").start().await;
    let fixture = Fixture::of(service).await;
    let before = fixture.sql("SELECT count(*) FROM users").await;
    for bad in ["password123", "Beautiful12", "i love 4CME", "sevench", "Ada@Example.com"] {
        let body = json!({"email": "ada@example.com", "full_name": "Ada", "password": bad});
        assert_eq!(pointers(&fixture.post("/users/", &body).await), ["/password"], "{bad}");
    }
    assert_eq!(fixture.sql("SELECT count(*) FROM users").await, before);
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    fixture.post("/users/", &body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_accounts_with_one_address_at_once_one_is_created() {
    let fixture = Fixture::with_many_instances().await;
    let barrier = Barrier::before(&fixture.service, "INSERT ON users").await;
    let (one, other) = (json!({"email": "ada@example.com"}), json!({"email": "ADA@example.com"}));
    let (one, other) = barrier.overlap(fixture.post("/users/", &one), fixture.post("/users/", &other)).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn an_invitation_runs_two_statements_and_a_creation_with_a_password_three() {
    let fixture = Fixture::start().await;
    for (id, body, statements) in [
        ("invite", json!({"email": "bob@example.com"}), 2),
        // One leases the slot for the hash.
        ("create", json!({"email": "ada@example.com", "password": PASSWORD}), 3),
    ] {
        let request = fixture.service.post("/users").bearer(&fixture.root.tokens.access).id(id);
        request.json(&body).send().await.expect(201);
        let log = fixture.service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), statements, "{id}: {log:#?}");
    }
}

//! The router of the component, run natively against a real Postgres.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use users::{NAME, routes};
use users_guard::{Guard, Permitted};
use users_testing::{Answer, Client, Service, TestDatabase, assert_every_route_has_its_row};
use users_web::{About, Component, NoContent, get};

/// A service with an administrator, whose id is 1.
async fn service() -> Service {
    Service::of(
        async |variables: &BTreeMap<String, String>| users::component(variables).await,
        "root@example.com",
        true,
    )
    .await
}

/// A description of a route. No document shows it.
fn about() -> About {
    About::new("x", "", "")
}

/// Adds `count` accounts.
async fn add(service: &Service, count: usize) {
    service
        .database
        .sql(&format!(
            "INSERT INTO users (email, full_name, password_hash)
             SELECT 'u' || n || '@example.com', 'User ' || n, '!' FROM generate_series(1, {count}) n"
        ))
        .await;
}

fn ids(answer: &Answer) -> Vec<i64> {
    answer.json.as_array().unwrap().iter().map(|user| user["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn accounts_are_listed_page_by_page() {
    let service = service().await;
    add(&service, 5).await;
    let first = service.get("/users/?limit=4&total=true").await.expect(200);
    assert_eq!(ids(&first), [1, 2, 3, 4]);
    assert_eq!(first.headers["x-total-count"], "6");
    assert_eq!(first.headers["link"], "</users/?after=4&limit=4&total=true>; rel=\"next\"");
    let last = service.get("/users/?after=4&limit=4").await.expect(200);
    assert_eq!(ids(&last), [5, 6]);
    assert!(!last.headers.contains_key("link") && !last.headers.contains_key("x-total-count"));
    let beyond = service.get("/users/?skip=6&total=true").await.expect(200);
    assert_eq!((ids(&beyond), beyond.headers["x-total-count"].to_str().unwrap()), (vec![], "6"));
}

#[tokio::test]
async fn accounts_are_searched_by_address_and_name_without_case() {
    let service = service().await;
    add(&service, 3).await;
    service.database.sql("UPDATE users SET full_name = 'Ünal 50%' WHERE id = 2").await;
    service.database.sql("UPDATE users SET is_active = false WHERE id = 3").await;
    for (query, expected) in [
        ("search=U3@EXAMPLE", vec![4]),
        ("search=%C3%9CNAL", vec![2]),
        ("search=50%25", vec![2]),
        ("search=%25", vec![2]),
        ("search=_", vec![]),
        ("search=%5C", vec![]),
        ("search=", vec![1, 2, 3, 4]),
        ("search=user&active_only=true", vec![4]),
        ("active_only=true&limit=2", vec![1, 2]),
        ("search=example.com%0A%C3%BCnal", vec![]),
        ("search=example.com&skip=1&limit=2&total=true", vec![2, 3]),
    ] {
        assert_eq!(ids(&service.get(&format!("/users?{query}")).await.expect(200)), expected, "{query}");
    }
}

#[tokio::test]
async fn a_search_finds_accounts_far_from_the_first_ones() {
    let service = service().await;
    add(&service, 10_100).await;
    for (query, expected) in [
        ("search=u10099@", vec![10_100]),
        ("search=u10099@&total=true", vec![10_100]),
        ("search=%2010099&after=10099", vec![10_100]),
        ("search=u9@&limit=1", vec![10]),
        ("search=u1010", vec![1011, 10_101]),
    ] {
        assert_eq!(ids(&service.get(&format!("/users?{query}")).await.expect(200)), expected, "{query}");
    }
}

#[tokio::test]
async fn a_change_can_be_reverted() {
    let service = service().await;
    add(&service, 1).await;
    assert_eq!(service.get("/users/2").await.expect(200).text("email"), "u1@example.com");
    for (path, field, value) in [
        ("deactivate", "is_active", false),
        ("activate", "is_active", true),
        ("make-admin", "is_admin", true),
        ("remove-admin", "is_admin", false),
    ] {
        let once = service.put(&format!("/users/2/{path}"), &Value::Null).await.expect(200);
        assert_eq!(once.json[field], value, "{path}");
        let twice = service.put(&format!("/users/2/{path}/"), &Value::Null).await.expect(200);
        assert_eq!(twice.json, once.json, "{path} twice changes nothing");
        service.put(&format!("/users/3/{path}"), &Value::Null).await.expect(404);
    }
    service.delete("/users/2").await.expect(204);
    service.delete("/users/2").await.expect(404);
    service.get("/users/2").await.expect(404);
}

#[tokio::test]
async fn administrators_cannot_lock_themselves_out() {
    let service = service().await;
    for path in ["deactivate", "remove-admin"] {
        let answer = service.put(&format!("/users/1/{path}"), &Value::Null).await.expect(409);
        assert_eq!(answer.text("code"), "cannot_target_self");
    }
    assert_eq!(service.delete("/users/1").await.expect(409).text("code"), "cannot_target_self");
    for path in ["deactivate", "delete"] {
        let body = json!({"user_ids": [2, 1]});
        let answer = service.put(&format!("/users/bulk/{path}"), &body).await.expect(409);
        assert_eq!(answer.text("code"), "cannot_target_self");
    }
    service.put("/users/1/make-admin", &Value::Null).await.expect(200);
    service.put("/users/1/activate", &Value::Null).await.expect(200);
}

#[tokio::test]
async fn bulk_routes_change_every_account_in_the_list() {
    let service = service().await;
    add(&service, 3).await;
    let body = json!({"user_ids": [4, 9, 2, 4]});
    let expected = json!({"count": 2, "user_ids": [4, 2], "not_found": [9]});
    for (path, left) in [
        ("deactivate", "SELECT FROM users WHERE NOT is_active"),
        ("activate", "SELECT FROM users WHERE is_active AND id IN (2, 4)"),
        ("delete", "SELECT FROM users"),
    ] {
        let answer = service.put(&format!("/users/bulk/{path}"), &body).await.expect(200);
        assert_eq!(answer.json, expected, "{path}");
        assert_eq!(service.database.count(left).await, 2, "{path}");
    }
}

#[tokio::test]
async fn a_route_may_require_a_permission() {
    let database = TestDatabase::create().await;
    let guard = Guard::read(&database.component()).await.unwrap();
    let route = get("/x", Permitted("user", "read"), async || NoContent, about);
    assert_eq!(route.required, "user:read");
    let client = Client(Component::new("x", vec![route], guard));
    let (_, reader) = database.sign_in("reader@example.com", false).await;
    let (_, other) = database.sign_in("other@example.com", false).await;
    let (_, administrator) = database.sign_in("root@example.com", true).await;
    let give = "INSERT INTO permissions (name, resource, action) VALUES ('read', 'user', 'read'), ('list', 'user', 'list');
                INSERT INTO roles (name) VALUES ('reader'), ('other');
                INSERT INTO role_permissions VALUES (1, 1), (2, 2);
                INSERT INTO user_roles VALUES (1, 1), (2, 2);";
    database.sql(give).await;
    client.get("/x", Some(&reader)).await.expect(204);
    client.get("/x", Some(&administrator)).await.expect(204);
    assert_eq!(client.get("/x", Some(&other)).await.expect(403).text("code"), "permission_denied");
    client.get("/x", None).await.expect(401);
    database.sql("DELETE FROM role_permissions").await;
    client.get("/x", Some(&reader)).await.expect(403);
}

#[tokio::test]
async fn only_administrators_are_admitted() {
    let service = service().await;
    let (_, token) = service.database.sign_in("plain@example.com", false).await;
    let refused = service.client.get("/users", Some(&token)).await.expect(403);
    assert_eq!(refused.text("code"), "admin_required");
    service.client.get("/users", None).await.expect(401);
    service
        .database
        .sql(
            "INSERT INTO permissions (name, resource, action) VALUES ('everything', 'admin', 'all');
             INSERT INTO roles (name) VALUES ('boss');
             INSERT INTO role_permissions VALUES (1, 1);
             INSERT INTO user_roles VALUES (2, 1);",
        )
        .await;
    service.client.get("/users", Some(&token)).await.expect(200);
    // The first administrator may be demoted while another one remains.
    service.client.put("/users/1/remove-admin", Some(&token), &Value::Null).await.expect(200);
    service.get("/users").await.expect(403);
}

#[test]
fn every_route_has_its_row_in_the_table_of_rights() {
    assert_every_route_has_its_row(NAME, &routes());
}

#[tokio::test]
async fn an_administrator_creates_changes_and_invites_an_account() {
    let service = service().await;
    let created = service.post("/users/", &json!({"email": "Ada@example.com", "full_name": "Ada"})).await;
    let created = created.expect(201);
    assert_eq!(created.headers["location"], "/users/2");
    assert_eq!(created.json["email_verified"], false);
    assert_eq!(
        service.post("/users", &json!({"email": "ADA@example.com"})).await.expect(409).text("code"),
        "email_taken"
    );
    let unknown =
        service.post("/users", &json!({"email": "b@example.com", "role_ids": [9]})).await.expect(422);
    assert_eq!(unknown.json["errors"][0]["pointer"], "/role_ids/0");
    let body = json!({"email": "ada.l@example.com", "email_verified": true});
    let changed = service.put("/users/2", &body).await.expect(200);
    assert_eq!((changed.text("email"), &changed.json["email_verified"]), ("ada.l@example.com", &json!(true)));
    service.put("/users/9", &body).await.expect(404);
    assert_eq!(service.put("/users/1", &body).await.expect(409).text("code"), "cannot_target_self");
    service.post("/users/2/password-reset", &Value::Null).await.expect(202);
    service.post("/users/9/password-reset", &Value::Null).await.expect(404);
    let kinds = "SELECT FROM outbox WHERE user_id = 2 AND kind = 'invitation'";
    assert_eq!(
        service.database.count(kinds).await,
        2,
        "expected the one that followed the account to its new address, and the one that was asked for"
    );
}

#[tokio::test]
async fn an_administrator_lists_and_ends_sessions() {
    let service = service().await;
    let own = service.get("/users/1/sessions").await.expect(200);
    assert_eq!((own.json.as_array().unwrap().len(), &own.json[0]["is_current"]), (1, &json!(true)));
    add(&service, 1).await;
    assert_eq!(service.get("/users/2/sessions").await.expect(200).json, json!([]));
    for answer in [service.get("/users/9/sessions").await, service.delete("/users/9/sessions").await] {
        answer.expect(404);
    }
    service.delete("/users/2/sessions").await.expect(204);
    service.delete("/users/1/sessions").await.expect(204);
    service.get("/users/1/sessions").await.expect(401);
}

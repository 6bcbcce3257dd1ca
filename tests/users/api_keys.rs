//! `POST`, `GET /users/{id}/api-keys` and `DELETE /users/{id}/api-keys/{key_id}`

use serde_json::{Value, json};
use users_tests::{assert_common_headers, assert_no_store, assert_problem, fields, pointers};

use crate::support::{Fixture, assert_nothing, grant};

#[tokio::test]
async fn an_administrator_makes_a_key_of_a_service_account() {
    let fixture = Fixture::start().await;
    let id = fixture.add_service("robot").await;
    fixture.sql("DELETE FROM outbox").await;
    let path = format!("/users/{id}/api-keys");
    let body = json!({"name": "x", "permissions": ["report:read"], "addresses": ["127.0.0.1"]});
    let answer = fixture.post(&path, &body).await.expect(201);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let mut made = answer.json();
    assert_eq!(answer.header("location"), Some(format!("{path}/{}", made["id"])));
    let key = made.as_object_mut().unwrap().remove("key").unwrap();
    assert_eq!(made["permissions"], json!(["report:read"]), "the account may get the right later");
    let listed = fixture.get(&path).await.expect(200);
    assert_no_store(&listed);
    assert_eq!(listed.json(), json!([made]));
    let me = fixture.service.me(key.as_str().unwrap()).await.expect(200).json();
    assert_eq!((&me["id"], &me["kind"]), (&json!(id), &json!("service")));
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty(), "nobody reads e-mails of a program");
}

#[tokio::test]
async fn a_key_has_the_rights_of_its_service_account() {
    let fixture = Fixture::start().await;
    let id = fixture.add_service("robot").await;
    let key = fixture.key_of(id, &json!({"name": "x", "permissions": ["report:read"]})).await;
    let allowed = async |action: &str| {
        let question = json!({"resource": "report", "action": action});
        let request = fixture.service.post("/rbac/check-permission").bearer(&key).json(&question);
        request.send().await.expect(200).json()["allowed"].clone()
    };
    assert_eq!(allowed("read").await, false);
    grant(&fixture.service, id, "report:all").await;
    assert_eq!((allowed("read").await, allowed("write").await), (json!(true), json!(false)));
}

#[tokio::test]
async fn a_person_makes_keys_alone_and_an_administrator_lists_and_ends_them() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let path = format!("/users/{}/api-keys", alice.id);
    assert_problem(&fixture.post(&path, &json!({"name": "x"})).await, 409, "not_a_service_account");
    let own = format!("/users/{}/api-keys", fixture.root.id);
    assert_problem(&fixture.post(&own, &json!({"name": "x"})).await, 409, "not_a_service_account");
    let key = fixture.service.api_key(&alice.tokens.access, &json!({"name": "mine"})).await;
    let listed = fixture.get(&path).await.expect(200).json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["name"]), (1, &json!("mine")));
    assert!(!fields(&listed[0]).contains(&"key".to_owned()));
    assert_nothing(&fixture.delete(&format!("{path}/{}", listed[0]["id"])).await);
    assert_problem(&fixture.service.me(&key).await, 401, "invalid_token");
    assert_eq!(fixture.get(&path).await.expect(200).json(), json!([]));
}

#[tokio::test]
async fn an_unknown_account_or_key_is_404() {
    let fixture = Fixture::start().await;
    let (one, two) = (fixture.add_service("one").await, fixture.add_service("two").await);
    let key = fixture.key_of(one, &json!({"name": "x"})).await;
    let id = fixture.get(&format!("/users/{one}/api-keys")).await.json()[0]["id"].clone();
    for path in [
        format!("/users/{two}/api-keys/{id}"),
        format!("/users/999999/api-keys/{id}"),
        format!("/users/{one}/api-keys/999999"),
        format!("/users/{one}/api-keys/{}", i64::MAX),
    ] {
        assert_problem(&fixture.delete(&path).await, 404, "not_found");
    }
    assert_problem(&fixture.get("/users/999999/api-keys").await, 404, "not_found");
    let answer = fixture.post("/users/999999/api-keys", &json!({"name": "x"})).await;
    assert_problem(&answer, 404, "not_found");
    fixture.service.me(&key).await.expect(200);
    for (path, pointer) in [("/users/0/api-keys/1", "/user_id"), ("/users/1/api-keys/x", "/key_id")] {
        assert_eq!(pointers(&fixture.delete(path).await), [pointer]);
    }
}

#[tokio::test]
async fn every_broken_field_is_told_and_nothing_is_made() {
    let fixture = Fixture::start().await;
    let id = fixture.add_service("robot").await;
    let body = json!({"expires_at": "2020-01-01T00:00:00Z", "permissions": [1], "addresses": ["x"]});
    let answer = fixture.post(&format!("/users/{id}/api-keys"), &body).await;
    assert_eq!(pointers(&answer), ["/addresses/0", "/expires_at", "/name", "/permissions/0"]);
    assert!(fixture.sql("SELECT FROM api_keys").await.is_empty());
}

#[tokio::test]
async fn a_service_account_has_at_most_a_hundred_keys() {
    let fixture = Fixture::start().await;
    let id = fixture.add_service("robot").await;
    fixture
        .sql(&format!(
            "INSERT INTO api_keys (user_id, name, key_hash)
             SELECT {id}, n::text, sha256(n::text::bytea) FROM generate_series(1, 100) n"
        ))
        .await;
    let answer = fixture.post(&format!("/users/{id}/api-keys"), &json!({"name": "x"})).await;
    assert_problem(&answer, 409, "too_many_api_keys");
    assert_eq!(fixture.sql("SELECT count(*) FROM api_keys").await, ["100"]);
}

/// A right counts for a part of the administration if the key has it and its owner, too.
#[tokio::test]
async fn a_limited_key_of_an_administrator_administrates_no_more_than_its_part() {
    let fixture = Fixture::start().await;
    let target = fixture.add(1).await[0];
    let service = &fixture.service;
    let key = async |permissions: Value| {
        service.api_key(&fixture.root.tokens.access, &json!({"name": "x", "permissions": permissions})).await
    };
    let reader = key(json!(["accounts:read"])).await;
    service.get("/users/").bearer(&reader).send().await.expect(200);
    let path = format!("/users/{target}");
    let deletion = service.delete(&path).bearer(&reader).send().await;
    assert_problem(&deletion, 403, "admin_required");
    assert_problem(&service.get("/rbac/roles").bearer(&reader).send().await, 403, "admin_required");

    let writer = key(json!(["accounts:write"])).await;
    let other = service.administrator("other@example.com").await;
    let demotion = service.delete(&format!("/users/{}", other.id)).bearer(&writer).send().await;
    assert_problem(&demotion, 403, "admin_required");
    let promotion = service.put(&format!("{path}/make-admin")).bearer(&writer).send().await;
    assert_problem(&promotion, 403, "admin_required");
    grant(service, other.id, "report:read").await;
    let role: i64 = fixture.sql("SELECT id FROM roles").await[0].parse().unwrap();
    let body = json!({"kind": "service", "role_ids": [role]});
    let created = service.post("/users/").bearer(&writer).json(&body).send().await;
    assert_problem(&created, 403, "exceeds_own_rights");
    service.delete(&path).bearer(&writer).send().await.expect(204);
    let both = key(json!(["accounts:write", "report:all"])).await;
    let created = service.post("/users/").bearer(&both).json(&body).send().await.expect(201).json();
    let made = service.post(&format!("/users/{}/api-keys", created["id"])).bearer(&both);
    made.json(&json!({"name": "x"})).send().await.expect(201);
}

/// Otherwise a key that expires, has a list of permissions or is bound to addresses would get itself one that is not.
#[tokio::test]
async fn a_key_makes_no_key_of_its_own_account() {
    let fixture = Fixture::start().await;
    let (robot, other) = (fixture.add_service("robot").await, fixture.add_service("other").await);
    grant(&fixture.service, robot, "accounts:write").await;
    let body = json!({"name": "x", "permissions": ["accounts:write"], "expires_at": "2099-01-01T00:00:00Z"});
    let limited = fixture.key_of(robot, &body).await;
    let whole = fixture.key_of(robot, &json!({"name": "x"})).await;
    for (number, key) in [&limited, &whole].into_iter().enumerate() {
        let make = async |account: i64| {
            let request = fixture.service.post(&format!("/users/{account}/api-keys")).bearer(key);
            request.json(&json!({"name": "made by a key"})).send().await
        };
        assert_problem(&make(robot).await, 403, "api_key_not_allowed");
        make(other).await.expect(201);
        let made = fixture.sql("SELECT user_id FROM api_keys WHERE name = 'made by a key'").await;
        assert_eq!(made, vec![other.to_string(); number + 1]);
    }
}

//! The router of the component, run natively against a real Postgres.

use rbac::{NAME, routes};
use serde_json::{Value, json};
use users_testing::{Answer, Service, assert_every_route_has_its_row};

/// A service with an administrator. The administrator's id is 1.
async fn service() -> Service {
    Service::start(NAME, routes(), "root@example.com", true).await
}

/// A service with the permissions 1 (`user:read`), 2 (`user:write`) and 3 (`admin:all`). Role 1 has the permissions 1 and 2, and
/// role 2 has permission 3. Returns a token of account 2, which has role 1.
async fn filled() -> (Service, String) {
    let service = service().await;
    let (_, alice) = service.database.sign_in("alice@example.com", false).await;
    service
        .database
        .sql(
            "INSERT INTO permissions (name, resource, action)
             VALUES ('read', 'user', 'read'), ('write', 'user', 'write'), ('everything', 'admin', 'all');
             INSERT INTO roles (name) VALUES ('editor'), ('boss');
             INSERT INTO role_permissions VALUES (1, 1), (1, 2), (2, 3);
             INSERT INTO user_roles VALUES (2, 1);",
        )
        .await;
    (service, alice)
}

fn ids(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

fn pointers(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 422, "{answer:?}");
    answer.json["errors"].as_array().unwrap().iter().map(|it| it["pointer"].as_str().unwrap()).collect()
}

#[test]
fn every_route_has_its_row_in_the_table_of_rights() {
    assert_every_route_has_its_row(NAME, &routes());
}

#[tokio::test]
async fn a_permission_is_created_changed_and_deleted() {
    let service = service().await;
    let body = json!({"name": " Read ", "resource": "user", "action": "read"});
    let made = service.post("/rbac/permissions", &body).await.expect(201);
    assert_eq!(made.headers["location"], "/rbac/permissions/1");
    let expected =
        json!({"id": 1, "name": "Read", "description": null, "resource": "user", "action": "read"});
    assert_eq!(made.json, expected);
    assert_eq!(service.get("/rbac/permissions/1").await.expect(200).json, expected);

    let body = json!({"description": "d", "action": "write"});
    let changed = service.put("/rbac/permissions/1", &body).await.expect(200);
    let expected =
        json!({"id": 1, "name": "Read", "description": "d", "resource": "user", "action": "write"});
    assert_eq!(changed.json, expected);
    let body = json!({"name": "READ", "description": null, "resource": "role"});
    let changed = service.put("/rbac/permissions/1", &body).await.expect(200);
    let expected =
        json!({"id": 1, "name": "READ", "description": null, "resource": "role", "action": "write"});
    assert_eq!(changed.json, expected);

    service.delete("/rbac/permissions/1").await.expect(204);
    service.delete("/rbac/permissions/1").await.expect(404);
    service.get("/rbac/permissions/1").await.expect(404);
    service.put("/rbac/permissions/1", &json!({"action": "x"})).await.expect(404);
    service.put("/rbac/permissions/1", &json!({})).await.expect(404);
}

#[tokio::test]
async fn a_role_is_created_changed_and_deleted() {
    let (service, _) = filled().await;
    let body = json!({"name": "new", "description": "d", "is_default": true, "permission_ids": [2, 1, 2]});
    let made = service.post("/rbac/roles", &body).await.expect(201);
    assert_eq!(made.headers["location"], "/rbac/roles/3");
    assert_eq!(made.json, service.get("/rbac/roles/3").await.expect(200).json);
    assert_eq!(ids(&made.json["permissions"]), [1, 2]);
    assert_eq!((&made.json["description"], &made.json["is_default"]), (&json!("d"), &json!(true)));

    let body = json!({"name": "NEW", "description": null, "is_default": false});
    let changed = service.put("/rbac/roles/3", &body).await.expect(200);
    assert_eq!(changed.text("name"), "NEW");
    assert_eq!((&changed.json["description"], &changed.json["is_default"]), (&Value::Null, &json!(false)));
    assert_eq!(ids(&changed.json["permissions"]), [1, 2], "not sent, so kept");
    for set in [vec![2, 3], vec![], vec![1]] {
        let changed = service.put("/rbac/roles/3", &json!({"permission_ids": set})).await.expect(200);
        assert_eq!(ids(&changed.json["permissions"]), set);
        assert_eq!(changed.json, service.get("/rbac/roles/3").await.expect(200).json);
    }

    service.delete("/rbac/roles/3").await.expect(204);
    service.delete("/rbac/roles/3").await.expect(404);
    service.get("/rbac/roles/3").await.expect(404);
    service.put("/rbac/roles/3", &json!({"permission_ids": [1]})).await.expect(404);
    assert_eq!(
        service.database.count("SELECT FROM role_permissions").await,
        3,
        "expected other roles to keep their permissions"
    );
}

#[tokio::test]
async fn a_name_in_use_is_refused() {
    let (service, _) = filled().await;
    let permission = json!({"name": "READ", "resource": "a", "action": "b"});
    let role = json!({"name": "EDITOR"});
    for answer in [
        service.post("/rbac/permissions", &permission).await,
        service.put("/rbac/permissions/2", &permission).await,
        service.post("/rbac/roles", &role).await,
        service.put("/rbac/roles/2", &role).await,
    ] {
        assert_eq!(answer.expect(409).text("code"), "name_taken");
    }
}

#[tokio::test]
async fn invalid_fields_and_unknown_ids_are_listed() {
    let (service, _) = filled().await;
    let broken = json!({
        "name": "", "description": 1, "resource": "A", "action": "", "permission_ids": [0], "is_default": 1,
    });
    let permission = ["/name", "/description", "/resource", "/action"];
    let role = ["/name", "/description", "/is_default", "/permission_ids/0"];
    assert_eq!(pointers(&service.post("/rbac/permissions", &broken).await), permission);
    assert_eq!(pointers(&service.put("/rbac/permissions/1", &broken).await), permission);
    assert_eq!(pointers(&service.post("/rbac/roles", &broken).await), role);
    assert_eq!(pointers(&service.put("/rbac/roles/1", &broken).await), role);
    let unknown = json!({"name": "x", "permission_ids": [1, 9, 8, 9]});
    let expected = ["/permission_ids/1", "/permission_ids/2", "/permission_ids/3"];
    assert_eq!(pointers(&service.post("/rbac/roles", &unknown).await), expected);
    assert_eq!(pointers(&service.put("/rbac/roles/1", &unknown).await), expected);
    let many = json!({"name": "x", "permission_ids": vec![1; 1001], "role_ids": vec![1; 1001]});
    assert_eq!(pointers(&service.post("/rbac/roles", &many).await), ["/permission_ids"]);
    assert_eq!(pointers(&service.post("/rbac/users/2/roles", &many).await), ["/role_ids"]);
    assert_eq!(pointers(&service.get("/rbac/permissions/0").await), ["/permission_id"]);
    assert_eq!(pointers(&service.get("/rbac/roles/x").await), ["/role_id"]);
    assert_eq!(pointers(&service.delete("/rbac/users/x/roles/0").await), ["/user_id", "/role_id"]);
    assert_eq!(service.get("/rbac/roles/1").await.text("name"), "editor", "nothing changed");
    assert_eq!(service.database.count("SELECT FROM roles").await, 2, "nothing was made");
}

#[tokio::test]
async fn lists_come_page_by_page() {
    let (service, _) = filled().await;
    for (list, all) in
        [("/rbac/permissions", vec![1, 2, 3]), ("/rbac/roles", vec![1, 2]), ("/rbac/users", vec![1, 2])]
    {
        assert_eq!(ids(&service.get(list).await.expect(200).json), all, "{list}");
        let first = service.get(&format!("{list}?limit=1&total=true")).await.expect(200);
        assert_eq!(ids(&first.json), [1], "{list}");
        assert_eq!(first.headers["x-total-count"].to_str().unwrap(), all.len().to_string(), "{list}");
        let link = format!("<{list}?after=1&limit=1&total=true>; rel=\"next\"");
        assert_eq!(first.headers["link"].to_str().unwrap(), link);
        let beyond = service.get(&format!("{list}?skip=9")).await.expect(200);
        assert_eq!(beyond.json, json!([]), "{list}");
    }
    let roles = service.get("/rbac/roles").await.expect(200).json;
    assert_eq!(ids(&roles[0]["permissions"]), [1, 2]);
    let users = service.get("/rbac/users").await.expect(200).json;
    assert_eq!((&users[0]["roles"], &users[1]["roles"]), (&json!([]), &json!([{"id": 1, "name": "editor"}])));
}

#[tokio::test]
async fn roles_are_assigned_and_removed() {
    let (service, _) = filled().await;
    let answer =
        service.post("/rbac/users/2/roles", &json!({"role_ids": [2, 1], "user_id": 2})).await.expect(200);
    assert_eq!((&answer.json["user_id"], ids(&answer.json["roles"])), (&json!(2), vec![1, 2]));
    assert_eq!(service.get("/rbac/users/2/roles").await.expect(200).json, answer.json["roles"]);
    service.delete("/rbac/users/2/roles/1").await.expect(204);
    service.delete("/rbac/users/2/roles/1").await.expect(404);
    assert_eq!(ids(&service.get("/rbac/users/2/roles").await.expect(200).json), [2]);

    let unknown = json!({"role_ids": [1, 9]});
    assert_eq!(pointers(&service.post("/rbac/users/2/roles", &unknown).await), ["/role_ids/1"]);
    let other = json!({"role_ids": [1], "user_id": 1});
    assert_eq!(pointers(&service.post("/rbac/users/2/roles", &other).await), ["/user_id"]);
    service.post("/rbac/users/9/roles", &unknown).await.expect(404);
    service.get("/rbac/users/9/roles").await.expect(404);
    assert_eq!(service.database.count("SELECT FROM user_roles").await, 1, "nothing changed");
}

#[tokio::test]
async fn a_user_sees_the_permissions_of_its_roles() {
    let (service, alice) = filled().await;
    let mine = service.client.get("/rbac/my-permissions", Some(&alice)).await.expect(200).json;
    assert_eq!((&mine["user_id"], &mine["is_admin"]), (&json!(2), &json!(false)));
    assert_eq!((&mine["roles"], ids(&mine["permissions"])), (&json!(["editor"]), vec![1, 2]));
    for (token, user, action, allowed) in [
        (&alice, json!(null), "read", true),
        (&alice, json!(2), "delete", false),
        (&service.token, json!(null), "delete", true),
        (&service.token, json!(2), "write", true),
        (&service.token, json!(2), "delete", false),
    ] {
        let question = json!({"resource": "user", "action": action, "user_id": user});
        let answer = service.client.post("/rbac/check-permission", Some(token), &question).await.expect(200);
        assert_eq!(answer.json["allowed"], allowed, "{question}");
    }
    let question = |user: i32| json!({"resource": "user", "action": "read", "user_id": user});
    let refused = service.client.post("/rbac/check-permission", Some(&alice), &question(1)).await.expect(403);
    assert_eq!(refused.text("code"), "admin_required");
    service.post("/rbac/check-permission", &question(9)).await.expect(404);
    service.database.sql("UPDATE users SET is_active = false WHERE id = 2").await;
    let answer = service.post("/rbac/check-permission", &question(2)).await.expect(200);
    assert_eq!(answer.json["allowed"], false, "a deactivated user may nothing");
}

#[tokio::test]
async fn only_administrators_are_admitted() {
    let (service, alice) = filled().await;
    for path in ["/rbac/permissions", "/rbac/roles", "/rbac/users", "/rbac/users/2/roles"] {
        service.client.get(path, None).await.expect(401);
        let refused = service.client.get(path, Some(&alice)).await.expect(403);
        assert_eq!(refused.text("code"), "admin_required");
    }
    service.post("/rbac/users/2/roles", &json!({"role_ids": [2]})).await.expect(200);
    service.client.get("/rbac/roles", Some(&alice)).await.expect(200);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let (service, _) = filled().await;
    service.database.sql("UPDATE users SET is_admin = false; INSERT INTO user_roles VALUES (1, 2)").await;
    for answer in [
        service.delete("/rbac/users/1/roles/2").await,
        service.delete("/rbac/roles/2").await,
        service.put("/rbac/roles/2", &json!({"permission_ids": [1]})).await,
        service.delete("/rbac/permissions/3").await,
        service.put("/rbac/permissions/3", &json!({"action": "read"})).await,
    ] {
        assert_eq!(answer.expect(409).text("code"), "last_admin");
    }
    service.put("/rbac/roles/2", &json!({"permission_ids": [1, 3]})).await.expect(200);
    service.put("/rbac/permissions/3", &json!({"resource": "admin", "action": "all"})).await.expect(200);
    service.database.sql("UPDATE users SET is_admin = true WHERE id = 2").await;
    service.delete("/rbac/users/1/roles/2").await.expect(204);
    service.get("/rbac/roles").await.expect(403);
}

#[tokio::test]
async fn a_default_role_never_grants_admin_all() {
    let (service, _) = filled().await;
    service.database.sql("UPDATE roles SET is_default = true WHERE id = 1").await;
    let state =
        "SELECT to_json(r)::text FROM roles r UNION ALL SELECT to_json(rp)::text FROM role_permissions rp
                 UNION ALL SELECT to_json(p)::text FROM permissions p ORDER BY 1";
    let before = service.database.sql(state).await;
    for answer in [
        service
            .post("/rbac/roles", &json!({"name": "new", "is_default": true, "permission_ids": [1, 3]}))
            .await,
        service.put("/rbac/roles/1", &json!({"permission_ids": [2, 3], "description": "new"})).await,
        service.put("/rbac/roles/2", &json!({"is_default": true, "name": "new"})).await,
        service.put("/rbac/roles/2", &json!({"is_default": true, "permission_ids": [1, 3]})).await,
        service.put("/rbac/permissions/2", &json!({"resource": "admin", "action": "all"})).await,
    ] {
        assert_eq!(answer.expect(409).text("code"), "default_role_administrates");
    }
    assert_eq!(service.database.sql(state).await, before, "expected nothing to change");

    service.put("/rbac/permissions/2", &json!({"resource": "admin", "action": "read"})).await.expect(200);
    service.put("/rbac/roles/1", &json!({"name": "member", "is_default": true})).await.expect(200);
    let swapped = service.put("/rbac/roles/2", &json!({"is_default": true, "permission_ids": [1]})).await;
    assert_eq!(ids(&swapped.expect(200).json["permissions"]), [1], "what a role loses does not count");
    let unmarked = service.put("/rbac/roles/1", &json!({"is_default": false, "permission_ids": [3]})).await;
    assert_eq!(ids(&unmarked.expect(200).json["permissions"]), [3], "a role that is no default any more");
}

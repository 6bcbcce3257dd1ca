//! `/rbac/roles` and `/rbac/roles/{id}`: the effects of requests.

use serde_json::{Value, json};
use users_tests::{assert_common_headers, assert_no_store, assert_problem};

use crate::{Rbac, id, ids};

#[tokio::test]
async fn a_new_role_is_returned_with_its_permissions_and_its_location() {
    let rbac = Rbac::start().await;
    let read = rbac.permission("user:read").await;
    let write = rbac.permission("user:write").await;
    rbac.permission("user:delete").await;
    let body = json!({
        "name": "Editor", "description": "Edits.", "is_default": true, "permission_ids": [write, read],
    });
    let answer = rbac.post("/rbac/roles", &body).await.expect(201);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let expected = json!({
        "id": id(&answer), "name": "Editor", "description": "Edits.", "is_default": true,
        "requires_second_factor": false,
        "permissions": [
            {"id": read, "name": "user:read", "description": null, "resource": "user", "action": "read"},
            {"id": write, "name": "user:write", "description": null, "resource": "user", "action": "write"},
        ],
    });
    assert_eq!(answer.json(), expected);
    let location = format!("/rbac/roles/{}", id(&answer));
    assert_eq!(answer.header("location"), Some(location.clone()));
    let found = rbac.get(&location).await.expect(200);
    assert_common_headers(&found);
    assert_no_store(&found);
    assert_eq!(found.json(), expected);
    assert_eq!(
        rbac.sql("SELECT id, name, description, is_default FROM roles").await,
        [format!("{}|Editor|Edits.|t", id(&answer))]
    );
    assert_eq!(
        rbac.sql("SELECT * FROM role_permissions ORDER BY permission_id").await,
        [format!("{}|{read}", id(&answer)), format!("{}|{write}", id(&answer))]
    );
}

#[tokio::test]
async fn a_role_needs_only_a_name() {
    let rbac = Rbac::start().await;
    for (name, more) in [
        ("a", json!({})),
        ("b", json!({"description": null, "is_default": null, "permission_ids": null, "requires_second_factor": null})),
        ("c", json!({"is_default": false, "permission_ids": []})),
    ] {
        let mut body = json!({"name": name});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = rbac.post("/rbac/roles", &body).await.expect(201);
        let expected = json!({
            "id": id(&answer), "name": name, "description": null, "is_default": false,
            "requires_second_factor": false, "permissions": [],
        });
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let rbac = Rbac::start().await;
    let permission = rbac.permission("user:read").await;
    let body = json!({"id": 1_000_000, "name": "a", "permissions": [{"id": permission}], "user_ids": [rbac.root.id]});
    let created = rbac.post("/rbac/roles", &body).await.expect(201);
    assert_ne!(id(&created), 1_000_000);
    assert_eq!(created.json()["permissions"], json!([]));
    let change = json!({"id": 1_000_000, "permissions": [{"id": permission}], "x": 1});
    let updated = rbac.put(&format!("/rbac/roles/{}", id(&created)), &change).await.expect(200);
    assert_eq!(updated.json(), created.json());
    assert_eq!(rbac.sql("SELECT * FROM user_roles").await, [""; 0]);
}

#[tokio::test]
async fn only_the_fields_that_are_sent_change() {
    let rbac = Rbac::start().await;
    let permission = rbac.permission("user:read").await;
    let body = json!({"name": "a", "description": "d", "permission_ids": [permission]});
    let created = rbac.post("/rbac/roles", &body).await.expect(201);
    let (path, mut expected) = (format!("/rbac/roles/{}", id(&created)), created.json());
    for change in [
        json!({}),
        json!({"name": "b"}),
        json!({"description": "other"}),
        json!({"is_default": true}),
        json!({"requires_second_factor": true}),
        json!({"description": null}),
        json!({"name": "c", "description": "", "is_default": false, "requires_second_factor": false}),
    ] {
        expected.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = rbac.put(&path, &change).await.expect(200);
        assert_common_headers(&answer);
        assert_eq!(answer.json(), expected, "after {change}");
        assert_eq!(rbac.get(&path).await.expect(200).json(), expected, "after {change}");
    }
}

#[tokio::test]
async fn permission_ids_replace_all_permissions() {
    let rbac = Rbac::start().await;
    let mut permissions = Vec::new();
    for right in ["a:a", "b:b", "c:c", "d:d"] {
        permissions.push(rbac.permission(right).await);
    }
    let [a, b, c, d] = permissions[..] else { unreachable!("four were made") };
    let role = rbac.role("a role", &[a, b]).await;
    let other = rbac.role("another role", &[a, d]).await;
    let path = format!("/rbac/roles/{role}");
    let sets: [(Value, &[i64]); 6] = [
        (json!({"permission_ids": [b, c]}), &[b, c]),
        (json!({"name": "renamed"}), &[b, c]),
        (json!({"permission_ids": [c, b, c, c]}), &[b, c]),
        (json!({"permission_ids": [d, a, c, b]}), &[a, b, c, d]),
        (json!({"permission_ids": []}), &[]),
        (json!({"permission_ids": [d]}), &[d]),
    ];
    for (change, expected) in sets {
        let answer = rbac.put(&path, &change).await.expect(200).json();
        assert_eq!(ids(&answer["permissions"]), expected, "after {change}");
        assert_eq!(rbac.get(&path).await.expect(200).json(), answer, "after {change}");
        let stored = format!("SELECT permission_id FROM role_permissions WHERE role_id = {role} ORDER BY 1");
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        assert_eq!(rbac.sql(&stored).await, expected, "after {change}");
    }
    let untouched = rbac.get(&format!("/rbac/roles/{other}")).await.expect(200).json();
    assert_eq!(ids(&untouched["permissions"]), [a, d], "expected the other role to stay unchanged");
}

#[tokio::test]
async fn a_repeated_permission_id_counts_once() {
    let rbac = Rbac::start().await;
    let permission = rbac.permission("user:read").await;
    let body = json!({"name": "a", "permission_ids": [permission, permission, permission]});
    let answer = rbac.post("/rbac/roles", &body).await.expect(201).json();
    assert_eq!(ids(&answer["permissions"]), [permission]);
    assert_eq!(rbac.sql("SELECT count(*) FROM role_permissions").await, ["1"]);
}

#[tokio::test]
async fn a_deleted_role_is_removed_from_all_users() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let permission = rbac.permission("user:read").await;
    let (gone, kept) = (rbac.role("gone", &[permission]).await, rbac.role("kept", &[permission]).await);
    rbac.assign(alice.id, &[gone, kept]).await;
    let path = format!("/rbac/roles/{gone}");
    assert_common_headers(&rbac.delete(&path).await.expect(204));
    assert_problem(&rbac.get(&path).await, 404, "not_found");
    let left = rbac.get(&format!("/rbac/users/{}/roles", alice.id)).await.expect(200).json();
    assert_eq!(ids(&left), [kept]);
    assert_eq!(rbac.sql("SELECT * FROM user_roles").await, [format!("{}|{kept}", alice.id)]);
    assert_eq!(rbac.sql("SELECT * FROM role_permissions").await, [format!("{kept}|{permission}")]);
    rbac.get(&format!("/rbac/permissions/{permission}")).await.expect(200);
}

#[tokio::test]
async fn an_unknown_role_is_404() {
    let rbac = Rbac::start().await;
    let permission = rbac.permission("user:read").await;
    let gone = rbac.role("gone", &[]).await;
    rbac.delete(&format!("/rbac/roles/{gone}")).await.expect(204);
    for number in [gone, 2_147_483_647] {
        let path = format!("/rbac/roles/{number}");
        assert_problem(&rbac.get(&path).await, 404, "not_found");
        for change in [json!({}), json!({"name": "x"}), json!({"permission_ids": [permission]})] {
            assert_problem(&rbac.put(&path, &change).await, 404, "not_found");
        }
        assert_problem(&rbac.delete(&path).await, 404, "not_found");
    }
}

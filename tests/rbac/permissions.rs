//! `/rbac/permissions` and `/rbac/permissions/{id}`: the effects of requests.

use serde_json::json;
use users_tests::{assert_common_headers, assert_no_store, assert_problem};

use crate::{Rbac, id};

#[tokio::test]
async fn a_new_permission_is_returned_with_its_location() {
    let rbac = Rbac::start().await;
    let body = json!({
        "name": "Read users", "description": "May look at accounts.", "resource": "user", "action": "read",
    });
    let answer = rbac.post("/rbac/permissions", &body).await.expect(201);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let mut expected = body.clone();
    expected["id"] = id(&answer).into();
    assert_eq!(answer.json(), expected);
    let location = format!("/rbac/permissions/{}", id(&answer));
    assert_eq!(answer.header("location"), Some(location.clone()));
    let found = rbac.get(&location).await.expect(200);
    assert_common_headers(&found);
    assert_no_store(&found);
    assert_eq!(found.json(), expected);
    assert_eq!(
        rbac.sql("SELECT id, name, description, resource, action FROM permissions").await,
        [format!("{}|Read users|May look at accounts.|user|read", id(&answer))]
    );
}

#[tokio::test]
async fn a_description_may_be_missing_or_null() {
    let rbac = Rbac::start().await;
    for (name, description) in [("a", json!({})), ("b", json!({"description": null}))] {
        let mut body = json!({"name": name, "resource": "user", "action": "read"});
        body.as_object_mut().unwrap().extend(description.as_object().unwrap().clone());
        let answer = rbac.post("/rbac/permissions", &body).await.expect(201);
        let expected = json!({
            "id": id(&answer), "name": name, "description": null, "resource": "user", "action": "read",
        });
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn two_permissions_may_grant_the_same_right() {
    let rbac = Rbac::start().await;
    let first = rbac.permission_named("one", "user:read").await;
    let second = rbac.permission_named("two", "user:read").await;
    assert_ne!(first, second);
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let rbac = Rbac::start().await;
    let body = json!({
        "id": 1_000_000, "name": "a", "resource": "user", "action": "read",
        "roles": [1], "is_default": 7, "x": {"y": []},
    });
    let created = rbac.post("/rbac/permissions", &body).await.expect(201);
    assert_ne!(id(&created), 1_000_000);
    let path = format!("/rbac/permissions/{}", id(&created));
    let updated = rbac.put(&path, &json!({"id": 1_000_000, "x": 1})).await.expect(200);
    assert_eq!(updated.json(), created.json());
}

#[tokio::test]
async fn only_the_fields_that_are_sent_change() {
    let rbac = Rbac::start().await;
    let body = json!({"name": "a", "description": "d", "resource": "user", "action": "read"});
    let created = rbac.post("/rbac/permissions", &body).await.expect(201);
    let (path, mut expected) = (format!("/rbac/permissions/{}", id(&created)), created.json());
    for change in [
        json!({}),
        json!({"name": "b"}),
        json!({"description": "other"}),
        json!({"resource": "role"}),
        json!({"action": "write"}),
        json!({"description": null}),
        json!({"name": "c", "description": "", "resource": "x", "action": "y"}),
    ] {
        expected.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = rbac.put(&path, &change).await.expect(200);
        assert_common_headers(&answer);
        assert_eq!(answer.json(), expected, "after {change}");
        assert_eq!(rbac.get(&path).await.expect(200).json(), expected, "after {change}");
    }
}

#[tokio::test]
async fn a_change_keeps_other_permissions() {
    let rbac = Rbac::start().await;
    let (one, two) = (rbac.permission("user:read").await, rbac.permission("user:write").await);
    let change = json!({"name": "x", "description": "x", "resource": "x", "action": "x"});
    rbac.put(&format!("/rbac/permissions/{one}"), &change).await.expect(200);
    assert_eq!(
        rbac.sql(&format!(
            "SELECT id, name, description, resource, action FROM permissions WHERE id = {two}"
        ))
        .await,
        [format!("{two}|user:write||user|write")]
    );
}

#[tokio::test]
async fn the_roles_of_a_deleted_permission_remain_without_it() {
    let rbac = Rbac::start().await;
    let (one, two) = (rbac.permission("user:read").await, rbac.permission("user:write").await);
    let both = rbac.role("both", &[one, two]).await;
    let single = rbac.role("single", &[one]).await;
    let path = format!("/rbac/permissions/{one}");
    assert_common_headers(&rbac.delete(&path).await.expect(204));
    assert_problem(&rbac.get(&path).await, 404, "not_found");
    for (role, left) in [(both, vec![two]), (single, vec![])] {
        let answer = rbac.get(&format!("/rbac/roles/{role}")).await.expect(200).json();
        assert_eq!(crate::ids(&answer["permissions"]), left, "{answer:#}");
    }
    assert_eq!(rbac.sql("SELECT * FROM role_permissions").await, [format!("{both}|{two}")]);
    assert_eq!(rbac.sql("SELECT id FROM permissions").await, [two.to_string()]);
}

#[tokio::test]
async fn an_unknown_permission_is_404() {
    let rbac = Rbac::start().await;
    let gone = rbac.permission("user:read").await;
    rbac.delete(&format!("/rbac/permissions/{gone}")).await.expect(204);
    for number in [gone, 2_147_483_647] {
        let path = format!("/rbac/permissions/{number}");
        assert_problem(&rbac.get(&path).await, 404, "not_found");
        assert_problem(&rbac.put(&path, &json!({"name": "x"})).await, 404, "not_found");
        assert_problem(&rbac.put(&path, &json!({"action": "x"})).await, 404, "not_found");
        assert_problem(&rbac.put(&path, &json!({})).await, 404, "not_found");
        assert_problem(&rbac.delete(&path).await, 404, "not_found");
    }
}

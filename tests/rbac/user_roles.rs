//! `/rbac/users/{id}/roles` and `/rbac/users/{id}/roles/{role_id}`: assignment and removal.

use serde_json::json;
use users_tests::{assert_common_headers, assert_no_store, assert_problem, pointers};

use crate::{Rbac, ids};

#[tokio::test]
async fn an_assignment_returns_all_roles_of_the_user() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let permission = rbac.permission("user:read").await;
    let (reader, empty) = (rbac.role("reader", &[permission]).await, rbac.role("empty", &[]).await);
    let path = format!("/rbac/users/{}/roles", alice.id);
    let answer = rbac.post(&path, &json!({"role_ids": [reader]})).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let reader_role = json!({
        "id": reader, "name": "reader", "description": null, "is_default": false, "requires_second_factor": false,
        "permissions": [
            {"id": permission, "name": "user:read", "description": null, "resource": "user", "action": "read"},
        ],
    });
    assert_eq!(answer.json(), json!({"user_id": alice.id, "roles": [reader_role]}));

    let empty_role =
        json!({"id": empty, "name": "empty", "description": null, "is_default": false, "requires_second_factor": false, "permissions": []});
    let answer = rbac.post(&path, &json!({"role_ids": [empty]})).await.expect(200);
    let both = json!([reader_role, empty_role]);
    assert_eq!(answer.json(), json!({"user_id": alice.id, "roles": both}), "expected the first one kept");

    let listed = rbac.get(&path).await.expect(200);
    assert_common_headers(&listed);
    assert_no_store(&listed);
    assert_eq!(listed.json(), both);
    assert_eq!(
        rbac.sql("SELECT * FROM user_roles ORDER BY role_id").await,
        [format!("{}|{reader}", alice.id), format!("{}|{empty}", alice.id)]
    );
}

#[tokio::test]
async fn a_role_may_be_assigned_twice() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let (one, two) = (rbac.role("one", &[]).await, rbac.role("two", &[]).await);
    let path = format!("/rbac/users/{}/roles", alice.id);
    for (assigned, expected) in [
        (vec![one], vec![one]),
        (vec![one], vec![one]),
        (vec![two, one, two, two], vec![one, two]),
        (vec![], vec![one, two]),
    ] {
        let answer = rbac.post(&path, &json!({"role_ids": assigned})).await.expect(200).json();
        assert_eq!(ids(&answer["roles"]), expected, "after {assigned:?}");
    }
    assert_eq!(rbac.sql("SELECT count(*) FROM user_roles").await, ["2"]);
}

#[tokio::test]
async fn an_unknown_role_is_listed_and_nothing_changes() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let role = rbac.role("a role", &[]).await;
    let path = format!("/rbac/users/{}/roles", alice.id);
    for (role_ids, expected) in [
        (json!([role, 999_999]), vec!["/role_ids/1"]),
        (json!([999_999, role, 999_998]), vec!["/role_ids/0", "/role_ids/2"]),
        (json!([2_147_483_647]), vec!["/role_ids/0"]),
    ] {
        let answer = rbac.post(&path, &json!({"role_ids": role_ids})).await;
        assert_eq!(pointers(&answer), expected, "{role_ids}");
    }
    assert_eq!(rbac.sql("SELECT * FROM user_roles").await, [""; 0]);
}

#[tokio::test]
async fn every_invalid_field_is_listed() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let role = rbac.role("a role", &[]).await;
    let path = format!("/rbac/users/{}/roles", alice.id);
    for (body, expected) in [
        (json!({}), vec!["/role_ids"]),
        (json!({"role_ids": null}), vec!["/role_ids"]),
        (json!({"role_ids": role}), vec!["/role_ids"]),
        (json!({"role_ids": vec![role; 1001]}), vec!["/role_ids"]),
        (
            json!({"role_ids": [role, 0, "x", 2_147_483_648_u64]}),
            vec!["/role_ids/1", "/role_ids/2", "/role_ids/3"],
        ),
        (json!({"role_ids": [-1], "user_id": "x"}), vec!["/role_ids/0", "/user_id"]),
        (json!({"role_ids": [role], "user_id": 0}), vec!["/user_id"]),
        (json!({"role_ids": [role], "note": "a\0b"}), vec!["/note"]),
    ] {
        assert_eq!(pointers(&rbac.post(&path, &body).await), expected, "{body}");
    }
    assert_eq!(rbac.sql("SELECT * FROM user_roles").await, [""; 0]);
    rbac.post(&path, &json!({"role_ids": vec![role; 1000]})).await.expect(200);
}

#[tokio::test]
async fn the_body_may_name_only_the_user_in_the_path() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let role = rbac.role("a role", &[]).await;
    let path = format!("/rbac/users/{}/roles", alice.id);
    for other in [rbac.root.id, 999_999] {
        let body = json!({"role_ids": [role], "user_id": other});
        assert_eq!(pointers(&rbac.post(&path, &body).await), ["/user_id"]);
    }
    assert_eq!(rbac.sql("SELECT * FROM user_roles").await, [""; 0]);
    for same in [json!(alice.id), json!(null)] {
        rbac.post(&path, &json!({"role_ids": [role], "user_id": same})).await.expect(200);
    }
    assert_eq!(rbac.sql("SELECT * FROM user_roles").await, [format!("{}|{role}", alice.id)]);
}

#[tokio::test]
async fn an_unknown_user_is_404() {
    let rbac = Rbac::start().await;
    let role = rbac.role("a role", &[]).await;
    let path = "/rbac/users/999999/roles";
    for role_ids in [json!([role]), json!([]), json!([999_999])] {
        assert_problem(&rbac.post(path, &json!({"role_ids": role_ids})).await, 404, "not_found");
    }
    assert_problem(&rbac.get(path).await, 404, "not_found");
    assert_problem(&rbac.delete(&format!("{path}/{role}")).await, 404, "not_found");
    assert_eq!(rbac.sql("SELECT * FROM user_roles").await, [""; 0]);
}

#[tokio::test]
async fn a_user_without_roles_has_an_empty_list() {
    let rbac = Rbac::start().await;
    let answer = rbac.get(&format!("/rbac/users/{}/roles", rbac.root.id)).await.expect(200);
    assert_eq!(answer.json(), json!([]));
}

#[tokio::test]
async fn a_role_is_removed_once_from_one_user() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let (one, two) = (rbac.role("one", &[]).await, rbac.role("two", &[]).await);
    rbac.assign(alice.id, &[one, two]).await;
    rbac.assign(rbac.root.id, &[one]).await;
    let path = format!("/rbac/users/{}/roles/{one}", alice.id);
    assert_common_headers(&rbac.delete(&path).await.expect(204));
    assert_problem(&rbac.delete(&path).await, 404, "not_found");
    assert_eq!(
        rbac.sql("SELECT * FROM user_roles ORDER BY user_id").await,
        [format!("{}|{one}", rbac.root.id), format!("{}|{two}", alice.id)]
    );
    rbac.get(&format!("/rbac/roles/{one}")).await.expect(200);
}

#[tokio::test]
async fn removing_a_role_that_the_user_does_not_have_is_404() {
    let rbac = Rbac::start().await;
    let role = rbac.role("a role", &[]).await;
    for role in [role, 999_999] {
        let answer = rbac.delete(&format!("/rbac/users/{}/roles/{role}", rbac.root.id)).await;
        assert_problem(&answer, 404, "not_found");
    }
}

#[tokio::test]
async fn the_role_assignments_of_a_deleted_account_are_deleted() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let role = rbac.role("a role", &[]).await;
    rbac.assign(alice.id, &[role]).await;
    rbac.delete(&format!("/users/{}", alice.id)).await.expect(204);
    assert_eq!(rbac.sql("SELECT * FROM user_roles").await, [""; 0]);
    rbac.get(&format!("/rbac/roles/{role}")).await.expect(200);
}

//! Changes to roles and permissions never remove the last active administrator.

use serde_json::{Value, json};
use users_tests::{Account, Answer, assert_problem, pointers};

use crate::{Rbac, ids};

/// The ids of the permissions and roles of [`one_administrator`].
const EVERYTHING: i64 = 1;
const READING: i64 = 2;
const EVERYTHING_TOO: i64 = 3;
const BOSS: i64 = 1;
const READER: i64 = 2;

/// Deletes all roles and permissions. Makes the account the only administrator through the role `BOSS`, which grants `EVERYTHING`.
pub(crate) async fn one_administrator(rbac: &Rbac, account: &Account) {
    rbac.sql(&format!(
        "TRUNCATE permissions, roles, role_permissions, user_roles;
         INSERT INTO permissions (id, name, resource, action) VALUES
             ({EVERYTHING}, 'everything', 'admin', 'all'), ({READING}, 'reading', 'user', 'read'),
             ({EVERYTHING_TOO}, 'everything too', 'admin', 'all');
         INSERT INTO roles (id, name) VALUES ({BOSS}, 'boss'), ({READER}, 'reader');
         INSERT INTO role_permissions VALUES ({BOSS}, {EVERYTHING}), ({BOSS}, {READING}), ({READER}, {READING});
         INSERT INTO user_roles VALUES ({}, {BOSS});
         UPDATE users SET is_admin = false",
        account.id
    ))
    .await;
    assert_eq!(rbac.administrators().await, 1);
}

/// A change that removes `admin:all` from the holders of `BOSS`.
#[derive(Debug)]
struct Loss {
    method: &'static str,
    path: String,
    body: Value,
}

fn losses(user: i64) -> Vec<Loss> {
    let (role, permission) = (format!("/rbac/roles/{BOSS}"), format!("/rbac/permissions/{EVERYTHING}"));
    let loss = |method, path: &str, body| Loss { method, path: path.to_owned(), body };
    vec![
        loss("DELETE", &format!("/rbac/users/{user}/roles/{BOSS}"), json!(null)),
        loss("DELETE", &role, json!(null)),
        loss("PUT", &role, json!({"permission_ids": []})),
        loss("PUT", &role, json!({"permission_ids": [READING]})),
        loss(
            "PUT",
            &role,
            json!({"permission_ids": [READING], "name": "new", "description": "new", "is_default": true}),
        ),
        loss("DELETE", &permission, json!(null)),
        loss("PUT", &permission, json!({"action": "read"})),
        loss("PUT", &permission, json!({"resource": "user"})),
        loss(
            "PUT",
            &permission,
            json!({"resource": "user", "action": "read", "name": "new", "description": "new"}),
        ),
    ]
}

async fn send(rbac: &Rbac, account: &Account, loss: &Loss) -> Answer {
    let request = rbac.service.request(loss.method, &loss.path).bearer(&account.tokens.access);
    if loss.body.is_null() { request.send().await } else { request.json(&loss.body).send().await }
}

async fn assert_all_refused(rbac: &Rbac, caller: &Account) {
    let before = rbac.state().await;
    for loss in losses(caller.id) {
        let answer = send(rbac, caller, &loss).await;
        assert_eq!(answer.status, 409, "{loss:?}: {answer:#?}");
        assert_problem(&answer, 409, "last_admin");
        assert_eq!(rbac.state().await, before, "{loss:?}: expected nothing to change");
    }
    rbac.service.get("/users/").bearer(&caller.tokens.access).send().await.expect(200);
}

#[tokio::test]
async fn the_last_administrator_by_role_cannot_be_removed() {
    let rbac = Rbac::start().await;
    one_administrator(&rbac, &rbac.root).await;
    assert_all_refused(&rbac, &rbac.root).await;
}

#[tokio::test]
async fn a_deactivated_administrator_does_not_count() {
    let rbac = Rbac::start().await;
    let marked = rbac.service.account("marked@example.com").await;
    let by_role = rbac.service.account("by-role@example.com").await;
    one_administrator(&rbac, &rbac.root).await;
    rbac.sql(&format!(
        "UPDATE users SET is_admin = true, is_active = false WHERE id = {};
         UPDATE users SET is_active = false WHERE id = {};
         INSERT INTO roles (id, name) VALUES (9, 'another boss');
         INSERT INTO role_permissions VALUES (9, {EVERYTHING_TOO});
         INSERT INTO user_roles VALUES ({}, 9)",
        marked.id, by_role.id, by_role.id
    ))
    .await;
    assert_all_refused(&rbac, &rbac.root).await;
}

#[tokio::test]
async fn rights_similar_to_admin_all_do_not_count() {
    let rbac = Rbac::start().await;
    let other = rbac.service.account("other@example.com").await;
    one_administrator(&rbac, &rbac.root).await;
    rbac.sql(&format!(
        "INSERT INTO permissions (id, name, resource, action)
         VALUES (11, 'a', 'admin', 'read'), (12, 'b', 'all', 'all'), (13, 'c', 'admins', 'all');
         INSERT INTO roles (id, name) VALUES (9, 'deputy');
         INSERT INTO role_permissions VALUES (9, 11), (9, 12), (9, 13);
         INSERT INTO user_roles VALUES ({}, 9)",
        other.id
    ))
    .await;
    assert_all_refused(&rbac, &rbac.root).await;
}

#[tokio::test]
async fn an_administrator_may_be_removed_while_another_remains() {
    let rbac = Rbac::start().await;
    let other = rbac.service.account("other@example.com").await;
    let marked = format!("UPDATE users SET is_admin = true WHERE id = {}", other.id);
    let by_another_role = format!(
        "INSERT INTO roles (id, name) VALUES (9, 'another boss');
         INSERT INTO role_permissions VALUES (9, {EVERYTHING_TOO});
         INSERT INTO user_roles VALUES ({}, 9)",
        other.id
    );
    for another in [marked, by_another_role] {
        for loss in losses(rbac.root.id) {
            one_administrator(&rbac, &rbac.root).await;
            rbac.sql(&another).await;
            let answer = send(&rbac, &rbac.root, &loss).await;
            let expected = if loss.method == "DELETE" { 204 } else { 200 };
            assert_eq!(answer.status, expected, "{loss:?}: {answer:#?}");
            let refused = rbac.service.get("/users/").bearer(&rbac.root.tokens.access).send().await;
            assert_problem(&refused, 403, "admin_required");
            rbac.service.get("/users/").bearer(&other.tokens.access).send().await.expect(200);
        }
    }
}

#[tokio::test]
async fn another_holder_of_the_role_counts_while_the_role_exists() {
    let rbac = Rbac::start().await;
    let other = rbac.service.account("other@example.com").await;
    one_administrator(&rbac, &rbac.root).await;
    rbac.sql(&format!("INSERT INTO user_roles VALUES ({}, {BOSS})", other.id)).await;
    for loss in losses(rbac.root.id).into_iter().skip(1) {
        assert_problem(&send(&rbac, &rbac.root, &loss).await, 409, "last_admin");
    }
    rbac.delete(&format!("/rbac/users/{}/roles/{BOSS}", rbac.root.id)).await.expect(204);
    assert_all_refused(&rbac, &other).await;
}

#[tokio::test]
async fn an_administrator_by_two_roles_may_lose_one_of_them() {
    let rbac = Rbac::start().await;
    one_administrator(&rbac, &rbac.root).await;
    rbac.sql(&format!(
        "INSERT INTO role_permissions VALUES ({READER}, {EVERYTHING});
         INSERT INTO user_roles VALUES ({}, {READER})",
        rbac.root.id
    ))
    .await;
    let permission = rbac.delete(&format!("/rbac/permissions/{EVERYTHING}")).await;
    assert_problem(&permission, 409, "last_admin");
    rbac.delete(&format!("/rbac/roles/{READER}")).await.expect(204);
    assert_all_refused(&rbac, &rbac.root).await;
}

#[tokio::test]
async fn a_role_with_two_permissions_for_admin_all_may_lose_one() {
    let rbac = Rbac::start().await;
    one_administrator(&rbac, &rbac.root).await;
    rbac.sql(&format!("INSERT INTO role_permissions VALUES ({BOSS}, {EVERYTHING_TOO})")).await;
    rbac.put(&format!("/rbac/permissions/{EVERYTHING_TOO}"), &json!({"action": "read"})).await.expect(200);
    rbac.put(&format!("/rbac/permissions/{EVERYTHING_TOO}"), &json!({"action": "all"})).await.expect(200);
    rbac.delete(&format!("/rbac/permissions/{EVERYTHING_TOO}")).await.expect(204);
    assert_all_refused(&rbac, &rbac.root).await;
}

#[tokio::test]
async fn the_permissions_may_change_while_they_include_admin_all() {
    let rbac = Rbac::start().await;
    one_administrator(&rbac, &rbac.root).await;
    for set in [
        vec![EVERYTHING],
        vec![EVERYTHING_TOO],
        vec![READING, EVERYTHING_TOO],
        vec![EVERYTHING, EVERYTHING_TOO],
    ] {
        let answer = rbac.put(&format!("/rbac/roles/{BOSS}"), &json!({"permission_ids": set})).await;
        assert_eq!(ids(&answer.expect(200).json()["permissions"]), set);
    }
    rbac.get("/users/").await.expect(200);
}

#[tokio::test]
async fn unknown_ids_beside_admin_all_change_nothing() {
    let rbac = Rbac::start().await;
    one_administrator(&rbac, &rbac.root).await;
    let before = rbac.state().await;
    for set in [vec![EVERYTHING, 999_999], vec![EVERYTHING_TOO, 999_999]] {
        let answer = rbac.put(&format!("/rbac/roles/{BOSS}"), &json!({"permission_ids": set})).await;
        assert_eq!(pointers(&answer), ["/permission_ids/1"]);
        assert_eq!(rbac.state().await, before);
    }
}

#[tokio::test]
async fn changes_that_lose_no_administrator_are_allowed() {
    let rbac = Rbac::start().await;
    let other = rbac.service.account("other@example.com").await;
    one_administrator(&rbac, &rbac.root).await;
    rbac.assign(other.id, &[READER]).await;
    rbac.assign(rbac.root.id, &[READER]).await;
    let (role, permission) = (format!("/rbac/roles/{BOSS}"), format!("/rbac/permissions/{EVERYTHING}"));
    for change in [
        json!({}),
        json!({"name": "chief", "description": "d", "is_default": false}),
        json!({"permission_ids": [EVERYTHING]}),
    ] {
        rbac.put(&role, &change).await.expect(200);
    }
    for change in [
        json!({}),
        json!({"name": "all", "description": "d"}),
        json!({"resource": "admin"}),
        json!({"action": "all"}),
        json!({"resource": "admin", "action": "all"}),
    ] {
        rbac.put(&permission, &change).await.expect(200);
    }
    rbac.delete(&format!("/rbac/users/{}/roles/{READER}", rbac.root.id)).await.expect(204);
    rbac.put(&format!("/rbac/roles/{READER}"), &json!({"permission_ids": []})).await.expect(200);
    rbac.put(&format!("/rbac/permissions/{READING}"), &json!({"action": "write"})).await.expect(200);
    rbac.delete(&format!("/rbac/permissions/{READING}")).await.expect(204);
    rbac.delete(&format!("/rbac/roles/{READER}")).await.expect(204);
    rbac.delete(&format!("/rbac/permissions/{EVERYTHING_TOO}")).await.expect(204);
    assert_eq!(rbac.administrators().await, 1);
}

#[tokio::test]
async fn unknown_objects_are_404_for_the_only_administrator() {
    let rbac = Rbac::start().await;
    one_administrator(&rbac, &rbac.root).await;
    for path in [
        "/rbac/roles/999".to_owned(),
        "/rbac/permissions/999".to_owned(),
        format!("/rbac/users/{}/roles/{READER}", rbac.root.id),
    ] {
        assert_problem(&rbac.delete(&path).await, 404, "not_found");
    }
    let answer = rbac.put("/rbac/roles/999", &json!({"permission_ids": []})).await;
    assert_problem(&answer, 404, "not_found");
    let answer = rbac.put("/rbac/permissions/999", &json!({"action": "read"})).await;
    assert_problem(&answer, 404, "not_found");
}

#[tokio::test]
async fn is_admin_may_be_removed_once_a_role_makes_another_administrator() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let remove = format!("/users/{}/remove-admin", rbac.root.id);
    one_administrator(&rbac, &alice).await;
    rbac.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", rbac.root.id)).await;
    rbac.service.put(&remove).bearer(&alice.tokens.access).send().await.expect(200);
    assert_all_refused(&rbac, &alice).await;
}

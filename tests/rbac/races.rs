//! Concurrent changes.

use futures::future::{join, join_all};
use serde_json::{Value, json};
use users_tests::{Account, assert_problem};

use crate::administrators::one_administrator;
use crate::{Rbac, id, ids};

const ROUNDS: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn eight_concurrent_creations_create_one() {
    let rbac = Rbac::start().await;
    for (path, table) in [("/rbac/permissions", "permissions"), ("/rbac/roles", "roles")] {
        let names = ["Same", "sAME"];
        let bodies = (0..8).map(|number| json!({"name": names[number % 2], "resource": "a", "action": "b"}));
        let answers = join_all(bodies.map(|body| rbac.request("POST", path).json(&body).send())).await;
        let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|it| it.status == 201);
        assert_eq!((made.len(), refused.len()), (1, 7), "{path}: {made:#?} {refused:#?}");
        for answer in &refused {
            assert_problem(answer, 409, "name_taken");
        }
        assert_eq!(rbac.sql(&format!("SELECT count(*) FROM {table}")).await, ["1"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_two_concurrent_changes_to_a_name_succeeds() {
    let rbac = Rbac::start().await;
    for list in ["/rbac/permissions", "/rbac/roles"] {
        let make = async |name: &str| {
            let body = json!({"name": name, "resource": "a", "action": "b"});
            id(&rbac.post(list, &body).await.expect(201))
        };
        let (one, two) = (make("one").await, make("two").await);
        for round in 0..ROUNDS {
            let wanted = json!({"name": format!("wanted {round}")});
            let answers = join_all(
                [one, two].map(|id| rbac.request("PUT", &format!("{list}/{id}")).json(&wanted).send()),
            )
            .await;
            let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409], "{list} {round}: {answers:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_assigned_concurrently_is_assigned_once() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let role = rbac.role("a role", &[]).await;
    let path = format!("/rbac/users/{}/roles", alice.id);
    for _ in 0..10 {
        let body = json!({"role_ids": [role]});
        for answer in join_all((0..8).map(|_| rbac.request("POST", &path).json(&body).send())).await {
            assert_eq!(ids(&answer.expect(200).json()["roles"]), [role]);
        }
        let taking = (0..8).map(|_| rbac.request("DELETE", &format!("{path}/{role}")).send());
        let mut statuses: Vec<u16> = join_all(taking).await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404, 404, 404, 404, 404, 404, 404]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_role_does_not_get_a_concurrently_deleted_permission() {
    let rbac = Rbac::start().await;
    for round in 0..ROUNDS {
        let permission = rbac.permission("user:read").await;
        let body = json!({"name": format!("role {round}"), "permission_ids": [permission]});
        let (created, deleted) = join(
            rbac.request("POST", "/rbac/roles").json(&body).send(),
            rbac.request("DELETE", &format!("/rbac/permissions/{permission}")).send(),
        )
        .await;
        deleted.expect(204);
        assert!([201, 422].contains(&created.status), "round {round}: {created:#?}");
        let made = rbac.sql(&format!("SELECT count(*) FROM roles WHERE name = 'role {round}'")).await;
        assert_eq!(made, [if created.status == 201 { "1" } else { "0" }], "round {round}: {created:#?}");
        assert_eq!(rbac.sql("SELECT * FROM role_permissions").await, [""; 0], "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concurrently_deleted_role_is_not_assigned() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let path = format!("/rbac/users/{}/roles", alice.id);
    for round in 0..ROUNDS {
        let (kept, gone) = (rbac.role("kept", &[]).await, rbac.role("gone", &[]).await);
        let (assigned, deleted) = join(
            rbac.request("POST", &path).json(&json!({"role_ids": [kept, gone]})).send(),
            rbac.request("DELETE", &format!("/rbac/roles/{gone}")).send(),
        )
        .await;
        deleted.expect(204);
        assert!([200, 422].contains(&assigned.status), "round {round}: {assigned:#?}");
        let expected = if assigned.status == 200 { vec![kept.to_string()] } else { vec![] };
        assert_eq!(rbac.sql("SELECT role_id FROM user_roles").await, expected, "round {round}");
        rbac.delete(&format!("/rbac/roles/{kept}")).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concurrently_deleted_account_gets_no_role() {
    let rbac = Rbac::start().await;
    let role = rbac.role("a role", &[]).await;
    for round in 0..ROUNDS {
        let insert = "INSERT INTO users (email, password_hash) VALUES ('gone@example.com', '!') RETURNING id";
        let user = rbac.sql(insert).await.concat();
        let (assigned, deleted) = join(
            rbac.request("POST", &format!("/rbac/users/{user}/roles"))
                .json(&json!({"role_ids": [role]}))
                .send(),
            rbac.request("DELETE", &format!("/users/{user}")).send(),
        )
        .await;
        deleted.expect(204);
        assert!([200, 404].contains(&assigned.status), "round {round}: {assigned:#?}");
        assert_eq!(rbac.sql("SELECT * FROM user_roles").await, [""; 0], "round {round}");
    }
}

/// The permissions of a role in the database.
async fn stored_permissions(rbac: &Rbac, role: i64) -> Vec<i64> {
    let rows = format!("SELECT permission_id FROM role_permissions WHERE role_id = {role} ORDER BY 1");
    rbac.sql(&rows).await.iter().map(|id| id.parse().expect("a number")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_two_concurrent_permission_lists_remains() {
    let rbac = Rbac::start().await;
    let (old, one, two) =
        (rbac.permission("a:a").await, rbac.permission("b:b").await, rbac.permission("c:c").await);
    let role = rbac.role("a role", &[]).await;
    let put = |set: Value| {
        rbac.request("PUT", &format!("/rbac/roles/{role}")).json(&json!({"permission_ids": set})).send()
    };
    for round in 0..ROUNDS {
        put(json!([old])).await.expect(200);
        let (first, second) = join(put(json!([one])), put(json!([two]))).await;
        assert_eq!((ids(&first.expect(200).json()["permissions"])), [one]);
        assert_eq!((ids(&second.expect(200).json()["permissions"])), [two]);
        let left = stored_permissions(&rbac, role).await;
        assert!(left == [one] || left == [two], "round {round}: expected {one} or {two}, got {left:?}");
    }
}

/// The second statement starts before the first transaction ends. This happens between replicas.
#[tokio::test]
async fn a_waiting_permission_list_replaces_a_newer_one() {
    let rbac = Rbac::start().await;
    let (one, two) = (rbac.permission("a:a").await, rbac.permission("b:b").await);
    let role = rbac.role("a role", &[]).await;
    for expected in [vec![two], vec![]] {
        rbac.sql("DELETE FROM role_permissions").await;
        let set = json!({"permission_ids": expected});
        let answer = rbac
            .send_while_locked(
                &format!(
                    "UPDATE roles SET name = name WHERE id = {role};
                     INSERT INTO role_permissions VALUES ({role}, {one})"
                ),
                rbac.request("PUT", &format!("/rbac/roles/{role}")).json(&set),
            )
            .await;
        assert_eq!(ids(&answer.expect(200).json()["permissions"]), expected);
        assert_eq!(stored_permissions(&rbac, role).await, expected, "expected the permissions in the answer");
    }
}

/// Makes `alice` an administrator through role 1, and `bob` through role 9. Each role grants its own permission.
async fn two_administrators(rbac: &Rbac, alice: &Account, bob: &Account) {
    one_administrator(rbac, alice).await;
    rbac.sql(&format!(
        "INSERT INTO roles (id, name) VALUES (9, 'another boss');
         INSERT INTO role_permissions VALUES (9, 3);
         INSERT INTO user_roles VALUES ({}, 9)",
        bob.id
    ))
    .await;
    assert_eq!(rbac.administrators().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_who_remove_each_others_role_leave_one() {
    let rbac = Rbac::start().await;
    let (alice, bob) =
        (rbac.service.account("alice@example.com").await, rbac.service.account("bob@example.com").await);
    let (alices, bobs) = (alice.id, bob.id);
    // In each pair, each administrator removes the rights of the other: through the assignment, the role, its permissions, or the
    // permission.
    let ways: [[(&str, String, Value); 2]; 5] = [
        [
            ("DELETE", format!("/rbac/users/{bobs}/roles/9"), Value::Null),
            ("DELETE", format!("/rbac/users/{alices}/roles/1"), Value::Null),
        ],
        [("DELETE", "/rbac/roles/9".into(), Value::Null), ("DELETE", "/rbac/roles/1".into(), Value::Null)],
        [
            ("PUT", "/rbac/roles/9".into(), json!({"permission_ids": []})),
            ("PUT", "/rbac/roles/1".into(), json!({"permission_ids": [2]})),
        ],
        [
            ("DELETE", "/rbac/permissions/3".into(), Value::Null),
            ("DELETE", "/rbac/permissions/1".into(), Value::Null),
        ],
        [
            ("PUT", "/rbac/permissions/3".into(), json!({"action": "read"})),
            ("DELETE", format!("/rbac/users/{alices}/roles/1"), Value::Null),
        ],
    ];
    for [by_alice, by_bob] in &ways {
        for round in 0..ROUNDS {
            two_administrators(&rbac, &alice, &bob).await;
            let send = |account: &Account, (method, path, body): &(&str, String, Value)| {
                let request = rbac.service.request(method, path).bearer(&account.tokens.access);
                if body.is_null() { request.send() } else { request.json(body).send() }
            };
            let (first, second) = join(send(&alice, by_alice), send(&bob, by_bob)).await;
            let done = [&first, &second].iter().filter(|answer| answer.status < 300).count();
            assert_eq!(done, 1, "round {round} {by_alice:?}: {first:#?} {second:#?}");
            for answer in [&first, &second] {
                // The second change is refused: it would remove the last administrator, or its caller is no administrator any more.
                assert!(
                    [200, 204, 409, 403].contains(&answer.status),
                    "round {round} {by_alice:?}: {answer:#?}"
                );
            }
            assert_eq!(rbac.administrators().await, 1, "round {round} {by_alice:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_by_role_and_by_is_admin_are_not_both_removed() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let unmark = ["remove-admin", "deactivate"];
    for round in 0..ROUNDS {
        one_administrator(&rbac, &alice).await;
        rbac.sql(&format!("UPDATE users SET is_admin = (id = {}), is_active = true", rbac.root.id)).await;
        // A deactivation ends all sessions of the account.
        let root = rbac.service.login(&rbac.root.email, users_tests::PASSWORD).await.access;
        let path = format!("/users/{}/{}", rbac.root.id, unmark[round % 2]);
        let (deleted, unmarked) = join(
            rbac.service.delete("/rbac/roles/1").bearer(&root).send(),
            rbac.service.put(&path).bearer(&alice.tokens.access).send(),
        )
        .await;
        let done = [&deleted, &unmarked].iter().filter(|answer| answer.status < 300).count();
        assert_eq!(done, 1, "round {round}: {deleted:#?} {unmarked:#?}");
        assert!([204, 401, 403, 409].contains(&deleted.status), "round {round}: {deleted:#?}");
        assert!([200, 403, 409].contains(&unmarked.status), "round {round}: {unmarked:#?}");
        assert_eq!(rbac.administrators().await, 1, "round {round}");
    }
}

/// A request replaces the permissions of a role by `admin:all`. Before its statement gets the lock, that permission is changed or
/// deleted.
#[tokio::test]
async fn a_waiting_permission_list_sees_a_changed_permission() {
    let rbac = Rbac::start().await;
    for change in
        ["UPDATE permissions SET action = 'read' WHERE id = 3", "DELETE FROM permissions WHERE id = 3"]
    {
        one_administrator(&rbac, &rbac.root).await;
        let set = rbac.request("PUT", "/rbac/roles/1").json(&json!({"permission_ids": [3]}));
        let answer = rbac.send_while_locked(change, set).await;
        assert!([409, 422].contains(&answer.status), "{change}: expected a refusal: {answer:#?}");
        assert_eq!(rbac.administrators().await, 1, "{change}: {answer:#?}");
    }
}

/// Each of the two changes alone is allowed. The second change starts before the first transaction ends.
#[tokio::test]
async fn an_administrator_remains_after_every_pair_of_overlapping_changes() {
    let rbac = Rbac::start().await;
    let (alice, bob) =
        (rbac.service.account("alice@example.com").await, rbac.service.account("bob@example.com").await);
    let of_alice = [
        "DELETE FROM user_roles WHERE role_id = 1".to_owned(),
        "DELETE FROM roles WHERE id = 1".to_owned(),
        "DELETE FROM role_permissions WHERE role_id = 1 AND permission_id = 1".to_owned(),
        "DELETE FROM permissions WHERE id = 1".to_owned(),
        "UPDATE permissions SET resource = 'user' WHERE id = 1".to_owned(),
        format!("UPDATE users SET is_active = false WHERE id = {}", alice.id),
        format!("DELETE FROM users WHERE id = {}", alice.id),
    ];
    // The changes that remove the rights of the other administrator.
    let of_bob = [
        ("DELETE", format!("/rbac/users/{}/roles/9", bob.id), Value::Null),
        ("DELETE", "/rbac/roles/9".to_owned(), Value::Null),
        ("PUT", "/rbac/roles/9".to_owned(), json!({"permission_ids": []})),
        ("DELETE", "/rbac/permissions/3".to_owned(), Value::Null),
        ("PUT", "/rbac/permissions/3".to_owned(), json!({"action": "read"})),
    ];
    for change in &of_alice {
        for (method, path, body) in &of_bob {
            // The previous change may have deleted the account, which the next change needs.
            if rbac.sql(&format!("SELECT FROM users WHERE id = {}", alice.id)).await.is_empty() {
                let insert = "INSERT INTO users (id, email, password_hash) VALUES";
                rbac.sql(&format!("{insert} ({}, 'alice@example.com', '!')", alice.id)).await;
            }
            rbac.sql("UPDATE users SET is_active = true").await;
            two_administrators(&rbac, &alice, &bob).await;
            let request = rbac.service.request(method, path).bearer(&bob.tokens.access);
            let request = if body.is_null() { request } else { request.json(body) };
            let answer = rbac.send_while_locked(change, request).await;
            assert_eq!(answer.status, 409, "{change}; {method} {path}: {answer:#?}");
            assert_problem(&answer, 409, "last_admin");
            assert_eq!(rbac.administrators().await, 1, "{change}; {method} {path}");
        }
    }
}

/// One transaction adds a permission to a role. The statement that empties the role starts before that transaction ends.
#[tokio::test]
async fn an_emptied_role_does_not_keep_a_concurrently_added_permission() {
    let rbac = Rbac::start().await;
    let mallory = rbac.service.account("mallory@example.com").await;
    let everything = rbac.permission("admin:all").await;
    let role = rbac.role("a role", &[]).await;
    rbac.assign(mallory.id, &[role]).await;
    let emptying = rbac.request("PUT", &format!("/rbac/roles/{role}")).json(&json!({"permission_ids": []}));
    let addition = format!(
        "UPDATE roles SET name = name WHERE id = {role};
         INSERT INTO role_permissions VALUES ({role}, {everything})"
    );
    let emptied = rbac.send_while_locked(&addition, emptying).await;
    assert_eq!(emptied.expect(200).json()["permissions"], json!([]));
    let answer = rbac.service.get("/users/").bearer(&mallory.tokens.access).send().await;
    assert_problem(&answer, 403, "admin_required");
}

/// Before the deletion gets its lock, another transaction removes the permission from the role, or the role from the user.
#[tokio::test]
async fn a_waiting_deletion_of_a_deleted_object_is_404() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let role = rbac.role("a role", &[]).await;
    let permission = rbac.permission("user:read").await;
    rbac.assign(alice.id, &[role]).await;
    for (change, method, path) in [
        ("DELETE FROM user_roles".to_owned(), "DELETE", format!("/rbac/users/{}/roles/{role}", alice.id)),
        (format!("DELETE FROM roles WHERE id = {role}"), "DELETE", format!("/rbac/roles/{role}")),
        (
            format!("DELETE FROM permissions WHERE id = {permission}"),
            "PUT",
            format!("/rbac/permissions/{permission}"),
        ),
    ] {
        let request = rbac.request(method, &path);
        let request = if method == "PUT" { request.json(&json!({"action": "write"})) } else { request };
        assert_problem(&rbac.send_while_locked(&change, request).await, 404, "not_found");
    }
}

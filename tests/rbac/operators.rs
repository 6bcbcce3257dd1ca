//! Callers with `rbac:read` or `rbac:write` who are not administrators.

use futures::future::join;
use serde_json::{Value, json};
use users_tests::{Account, Answer, assert_problem};

use crate::{Rbac, id, ids};

const ROUNDS: usize = 20;

/// A service with a caller who has `rbac:write` and these rights. The caller's role has the name `operator`.
async fn operator(rights: &[&str]) -> (Rbac, Account) {
    let rbac = Rbac::start().await;
    let account = rbac.account_with("operator", &[&["rbac:write"], rights].concat()).await;
    (rbac, account)
}

async fn send(rbac: &Rbac, caller: &Account, method: &str, path: &str, body: &Value) -> Answer {
    let request = rbac.service.request(method, path).bearer(&caller.tokens.access);
    if body.is_null() { request.send().await } else { request.json(body).send().await }
}

/// Asserts that a change is refused with this code, and changes nothing.
async fn assert_refused(
    rbac: &Rbac,
    caller: &Account,
    code: &str,
    (method, path, body): (&str, &str, Value),
) {
    let before = rbac.state().await;
    let answer = send(rbac, caller, method, path, &body).await;
    assert_eq!(answer.status, 403, "{method} {path} {body}: {answer:#?}");
    assert_problem(&answer, 403, code);
    assert_eq!(rbac.state().await, before, "{method} {path} {body}: expected nothing to change");
}

#[tokio::test]
async fn a_reader_reads_roles_and_grants_and_changes_nothing() {
    let rbac = Rbac::start().await;
    let reader = rbac.account_with("reader", &["rbac:read"]).await;
    for path in [
        "/rbac/permissions",
        "/rbac/permissions/1",
        "/rbac/roles",
        "/rbac/roles/1",
        "/rbac/users",
        "/rbac/users/1/roles",
    ] {
        send(&rbac, &reader, "GET", path, &Value::Null).await.expect(200);
    }
    for change in [
        ("POST", "/rbac/permissions", json!({"name": "n", "resource": "a", "action": "b"})),
        ("PUT", "/rbac/permissions/1", json!({"name": "n"})),
        ("DELETE", "/rbac/permissions/1", Value::Null),
        ("POST", "/rbac/roles", json!({"name": "n"})),
        ("PUT", "/rbac/roles/1", json!({"name": "n"})),
        ("DELETE", "/rbac/roles/1", Value::Null),
        ("POST", "/rbac/users/1/roles", json!({"role_ids": []})),
        ("DELETE", "/rbac/users/2/roles/1", Value::Null),
    ] {
        assert_refused(&rbac, &reader, "admin_required", change).await;
    }
    let answer = send(&rbac, &reader, "GET", "/users/", &Value::Null).await;
    assert_problem(&answer, 403, "admin_required");
}

#[tokio::test]
async fn a_reader_may_ask_about_the_rights_of_anybody() {
    let rbac = Rbac::start().await;
    let reader = rbac.account_with("reader", &["rbac:read"]).await;
    let other = rbac.account_with("other", &["report:read"]).await;
    let question = json!({"resource": "report", "action": "read", "user_id": other.id});
    let answer = send(&rbac, &reader, "POST", "/rbac/check-permission", &question).await.expect(200);
    assert_eq!(answer.json()["allowed"], true);
    let answer = send(
        &rbac,
        &other,
        "POST",
        "/rbac/check-permission",
        &json!({
            "resource": "report", "action": "read", "user_id": reader.id,
        }),
    )
    .await;
    assert_problem(&answer, 403, "admin_required");
}

#[tokio::test]
async fn who_may_write_does_not_read() {
    let (rbac, operator) = operator(&[]).await;
    for path in ["/rbac/permissions", "/rbac/roles/1", "/rbac/users", "/rbac/users/1/roles"] {
        assert_refused(&rbac, &operator, "admin_required", ("GET", path, Value::Null)).await;
    }
}

#[tokio::test]
async fn only_roles_whose_permissions_the_caller_has_are_given() {
    let (rbac, operator) = operator(&["report:all", "bill:read"]).await;
    let alice = rbac.service.account("alice@example.com").await;
    let (read, all, bill) = (
        rbac.permission("report:read").await,
        rbac.permission("report:all").await,
        rbac.permission("bill:read").await,
    );
    let held = rbac.role("held", &[read, all, bill]).await;
    let empty = rbac.role("empty", &[]).await;
    let path = format!("/rbac/users/{}/roles", alice.id);
    let given = send(&rbac, &operator, "POST", &path, &json!({"role_ids": [held, empty]})).await.expect(200);
    assert_eq!(ids(&given.json()["roles"]), [held, empty]);

    for lacked in ["bill:write", "bill:all", "accounts:read", "rbac:read", "rbac:all", "admin:all", "all:all"]
    {
        let role = rbac.role(&format!("role {lacked}"), &[bill, rbac.permission(lacked).await]).await;
        for roles in [json!([role]), json!([held, role])] {
            for user in [alice.id, operator.id] {
                let path = format!("/rbac/users/{user}/roles");
                let change = ("POST", path.as_str(), json!({"role_ids": roles}));
                assert_refused(&rbac, &operator, "exceeds_own_rights", change).await;
            }
        }
    }
    // A role that the user has already is not given.
    let writing = rbac.role("writing", &[rbac.permission_named("another", "bill:write").await]).await;
    rbac.assign(alice.id, &[writing]).await;
    send(&rbac, &operator, "POST", &path, &json!({"role_ids": [writing, held]})).await.expect(200);
}

/// The owner of the key is an administrator, and the key is not.
#[tokio::test]
async fn a_key_gives_only_what_it_was_limited_to() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let body = json!({"name": "a key", "permissions": ["rbac:write", "report:read"]});
    let key = rbac.service.api_key(&rbac.root.tokens.access, &body).await;
    let (held, lacked) = (
        rbac.role("held", &[rbac.permission("report:read").await]).await,
        rbac.role("lacked", &[rbac.permission("bill:read").await]).await,
    );
    let path = format!("/rbac/users/{}/roles", alice.id);
    let assign = async |role: i64| {
        rbac.service.post(&path).bearer(&key).json(&json!({"role_ids": [role]})).send().await
    };
    assign(held).await.expect(200);
    assert_problem(&assign(lacked).await, 403, "exceeds_own_rights");
    let given = rbac.sql(&format!("SELECT role_id FROM user_roles WHERE user_id = {}", alice.id)).await;
    assert_eq!(given, [held.to_string()]);
    let answer =
        rbac.service.delete(&format!("/rbac/users/{}/roles/{held}", rbac.root.id)).bearer(&key).send();
    assert_problem(&answer.await, 403, "admin_required");
}

#[tokio::test]
async fn unknown_objects_are_told_before_rights() {
    let (rbac, operator) = operator(&[]).await;
    let lacked = rbac.role("lacked", &[rbac.permission("bill:write").await]).await;
    let body = json!({"role_ids": [lacked]});
    let answer = send(&rbac, &operator, "POST", "/rbac/users/999/roles", &body).await;
    assert_problem(&answer, 404, "not_found");
    let path = format!("/rbac/users/{}/roles", operator.id);
    let answer = send(&rbac, &operator, "POST", &path, &json!({"role_ids": [lacked, 999]})).await;
    assert_eq!(answer.status, 422, "{answer:#?}");
    for (method, path, body) in [
        ("PUT", "/rbac/roles/999", json!({"name": "n"})),
        ("DELETE", "/rbac/roles/999", Value::Null),
        ("PUT", "/rbac/permissions/999", json!({"action": "read"})),
        ("DELETE", "/rbac/permissions/999", Value::Null),
        ("DELETE", "/rbac/users/999/roles/1", Value::Null),
    ] {
        assert_problem(&send(&rbac, &operator, method, path, &body).await, 404, "not_found");
    }
}

#[tokio::test]
async fn taking_away_is_allowed_also_what_the_caller_lacks() {
    let (rbac, operator) = operator(&[]).await;
    let other = rbac.account_with("other", &["bill:write", "bill:read"]).await;
    let role = rbac.sql("SELECT id FROM roles WHERE name = 'other'").await.concat();
    let permissions = rbac.sql("SELECT id FROM permissions WHERE resource = 'bill' ORDER BY id").await;
    let kept: i64 = permissions[0].parse().expect("a number");
    let path = format!("/rbac/roles/{role}");
    let body = json!({"permission_ids": [kept], "name": "fewer"});
    let fewer = send(&rbac, &operator, "PUT", &path, &body).await.expect(200);
    assert_eq!(ids(&fewer.json()["permissions"]), [kept]);
    let right = "SELECT resource || ':' || action FROM permissions WHERE id = ";
    assert_eq!(
        rbac.sql(&format!("{right}{kept}")).await,
        ["bill:write"],
        "expected one that the caller lacks"
    );
    let of_other = format!("/rbac/users/{}/roles/{role}", other.id);
    send(&rbac, &operator, "DELETE", &of_other, &Value::Null).await.expect(204);
    send(&rbac, &operator, "DELETE", &format!("/rbac/permissions/{kept}"), &Value::Null).await.expect(204);
    send(&rbac, &operator, "DELETE", &path, &Value::Null).await.expect(204);
}

#[tokio::test]
async fn administrators_and_what_makes_them_are_left_to_administrators() {
    let (rbac, operator) = operator(&["rbac:read", "bill:read"]).await;
    let boss = rbac.account_with("boss", &["admin:all", "bill:read"]).await;
    let role: i64 =
        rbac.sql("SELECT id FROM roles WHERE name = 'boss'").await.concat().parse().expect("a number");
    let everything: i64 = rbac
        .sql("SELECT id FROM permissions WHERE name = 'boss admin:all'")
        .await
        .concat()
        .parse()
        .expect("a number");
    let plain = rbac.role("plain", &[]).await;
    rbac.assign(boss.id, &[plain]).await;
    rbac.assign(rbac.root.id, &[plain]).await;
    let (of_role, of_permission) = (format!("/rbac/roles/{role}"), format!("/rbac/permissions/{everything}"));
    for user in [boss.id, rbac.root.id] {
        let path = format!("/rbac/users/{user}/roles");
        let new = rbac.role(&format!("new for {user}"), &[]).await;
        assert_refused(&rbac, &operator, "admin_required", ("POST", &path, json!({"role_ids": [new]}))).await;
        let path = format!("{path}/{plain}");
        assert_refused(&rbac, &operator, "admin_required", ("DELETE", &path, Value::Null)).await;
    }
    let taken = format!("/rbac/users/{}/roles/{role}", boss.id);
    for change in [
        ("DELETE", taken.as_str(), Value::Null),
        ("DELETE", &of_role, Value::Null),
        ("PUT", &of_role, json!({"permission_ids": []})),
        ("PUT", &of_role, json!({"permission_ids": [everything]})),
        ("PUT", &of_role, json!({"name": "n"})),
        ("DELETE", &of_permission, Value::Null),
        ("PUT", &of_permission, json!({"action": "read"})),
        ("PUT", &of_permission, json!({"name": "n"})),
    ] {
        assert_refused(&rbac, &operator, "admin_required", change).await;
    }
    send(&rbac, &boss, "GET", "/users/", &Value::Null).await.expect(200);

    // Nobody administrates by a role without holders.
    rbac.delete(&taken).await.expect(204);
    send(&rbac, &operator, "PUT", &of_role, &json!({"name": "former boss"})).await.expect(200);
    send(&rbac, &operator, "DELETE", &of_permission, &Value::Null).await.expect(204);
}

#[tokio::test]
async fn a_role_gains_only_permissions_that_the_caller_has() {
    let (rbac, operator) = operator(&["report:all"]).await;
    let (held, lacked, everything) = (
        rbac.permission("report:write").await,
        rbac.permission("bill:read").await,
        rbac.permission("admin:all").await,
    );
    let made =
        send(&rbac, &operator, "POST", "/rbac/roles", &json!({"name": "n", "permission_ids": [held]})).await;
    let made = format!("/rbac/roles/{}", id(&made.expect(201)));
    let own = rbac.sql("SELECT '/rbac/roles/' || id FROM roles WHERE name = 'operator'").await.concat();
    let mixed = format!("/rbac/roles/{}", rbac.role("mixed", &[lacked]).await);
    for lacked in [lacked, everything] {
        for change in [
            ("POST", "/rbac/roles", json!({"name": "m", "permission_ids": [held, lacked]})),
            ("PUT", &made, json!({"permission_ids": [held, lacked]})),
            ("PUT", &made, json!({"permission_ids": [lacked]})),
            ("PUT", &own, json!({"permission_ids": [lacked]})),
        ] {
            assert_refused(&rbac, &operator, "exceeds_own_rights", change).await;
        }
    }
    // A permission that the role keeps is not given.
    let body = json!({"permission_ids": [lacked, held], "description": "d"});
    let kept = send(&rbac, &operator, "PUT", &mixed, &body).await.expect(200);
    assert_eq!(ids(&kept.json()["permissions"]), [held, lacked]);
}

#[tokio::test]
async fn a_new_default_role_grants_only_what_the_caller_has() {
    let (rbac, operator) = operator(&["report:read"]).await;
    let (held, lacked) = (rbac.permission("report:read").await, rbac.permission("bill:read").await);
    let role = format!("/rbac/roles/{}", rbac.role("role", &[held, lacked]).await);
    for change in [
        ("PUT", role.as_str(), json!({"is_default": true})),
        ("PUT", &role, json!({"is_default": true, "permission_ids": [lacked]})),
        ("POST", "/rbac/roles", json!({"name": "n", "is_default": true, "permission_ids": [lacked]})),
    ] {
        assert_refused(&rbac, &operator, "exceeds_own_rights", change).await;
    }
    let body = json!({"is_default": true, "permission_ids": [held]});
    send(&rbac, &operator, "PUT", &role, &body).await.expect(200);
    send(&rbac, &operator, "PUT", &role, &json!({"is_default": false})).await.expect(200);
    send(&rbac, &operator, "PUT", &role, &json!({"is_default": true})).await.expect(200);
    let change = ("PUT", role.as_str(), json!({"permission_ids": [held, lacked]}));
    assert_refused(&rbac, &operator, "exceeds_own_rights", change).await;
}

#[tokio::test]
async fn a_permission_that_a_role_grants_does_not_become_a_right_that_the_caller_lacks() {
    let (rbac, operator) = operator(&["report:read"]).await;
    rbac.account_with("other", &["bill:all"]).await;
    let of = async |name: &str| {
        rbac.sql(&format!("SELECT '/rbac/permissions/' || id FROM permissions WHERE name = '{name}'"))
            .await
            .concat()
    };
    let (own, others) = (of("operator report:read").await, of("other bill:all").await);
    // A permission of a role that nobody has is granted to the next who gets the role.
    let unused = rbac.permission("draft:read").await;
    rbac.role("unused", &[unused]).await;
    let unused = format!("/rbac/permissions/{unused}");
    for path in [&own, &others, &unused] {
        for right in [
            json!({"resource": "admin", "action": "all"}),
            json!({"resource": "bill2"}),
            json!({"resource": "report", "action": "all"}),
            json!({"resource": "accounts", "action": "write", "name": "n"}),
            json!({"resource": "rbac", "action": "read"}),
        ] {
            assert_refused(&rbac, &operator, "exceeds_own_rights", ("PUT", path, right)).await;
        }
    }
    // Less than before, a right that the caller has, or no other right.
    for body in [
        json!({"action": "read"}),
        json!({"resource": "report", "action": "read"}),
        json!({"name": "n", "description": "d"}),
    ] {
        send(&rbac, &operator, "PUT", &others, &body).await.expect(200);
    }
}

#[tokio::test]
async fn a_permission_that_no_role_grants_gives_nobody_a_right() {
    let (rbac, operator) = operator(&[]).await;
    let body = json!({"name": "n", "resource": "report", "action": "approve"});
    let made = send(&rbac, &operator, "POST", "/rbac/permissions", &body).await.expect(201);
    let path = format!("/rbac/permissions/{}", id(&made));
    let body = json!({"resource": "admin", "action": "all"});
    send(&rbac, &operator, "PUT", &path, &body).await.expect(200);
    let change = ("POST", "/rbac/roles", json!({"name": "n", "permission_ids": [id(&made)]}));
    assert_refused(&rbac, &operator, "exceeds_own_rights", change).await;
}

/// Each change alone is allowed. Together, they would make the caller an administrator.
#[tokio::test(flavor = "multi_thread")]
async fn two_changes_at_once_give_no_more_than_one_after_the_other() {
    let (rbac, operator) = operator(&["report:read"]).await;
    let own = rbac.sql("SELECT id FROM roles WHERE name = 'operator'").await.concat();
    let kept = rbac.sql(&format!("SELECT permission_id FROM role_permissions WHERE role_id = {own}")).await;
    let kept: Vec<i64> = kept.iter().map(|it| it.parse().expect("a number")).collect();
    for round in 0..ROUNDS {
        let permission = rbac.permission_named(&format!("p{round}"), "report:read").await;
        let more = [&kept[..], &[permission]].concat();
        let set = json!({"permission_ids": more});
        let right = json!({"resource": "admin", "action": "all"});
        let (path, role) = (format!("/rbac/permissions/{permission}"), format!("/rbac/roles/{own}"));
        let (granted, raised) =
            join(send(&rbac, &operator, "PUT", &role, &set), send(&rbac, &operator, "PUT", &path, &right))
                .await;
        let done = [&granted, &raised].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "round {round}: {granted:#?} {raised:#?}");
        for answer in [&granted, &raised].into_iter().filter(|answer| answer.status != 200) {
            assert_problem(answer, 403, "exceeds_own_rights");
        }
        assert_eq!(rbac.administrators().await, 1, "round {round}");
        rbac.delete(&path).await.expect(204);
    }
}

/// A request waits for the lock. When it gets it, the caller has lost a right, or a role grants more than before.
#[tokio::test]
async fn a_waiting_change_counts_the_rights_of_the_moment() {
    let (rbac, operator) = operator(&["report:read"]).await;
    let alice = rbac.service.account("alice@example.com").await;
    let permission = rbac.permission("report:read").await;
    let role = rbac.role("role", &[permission]).await;
    let empty = rbac.role("empty", &[]).await;
    let unused = rbac.permission_named("unused", "draft:read").await;
    let lose = "UPDATE permissions SET action = 'print' WHERE name = 'operator report:read'".to_owned();
    let regain = "UPDATE permissions SET resource = 'report', action = 'read' WHERE id NOT IN (1);
                  UPDATE permissions SET resource = 'draft' WHERE name = 'unused'; DELETE FROM role_permissions WHERE role_id > 1;";
    let raise = format!("UPDATE permissions SET resource = 'admin', action = 'all' WHERE id = {permission}");
    let fill = format!("INSERT INTO role_permissions VALUES ({role}, {permission})");
    let of_alice = format!("/rbac/users/{}/roles", alice.id);
    let of_empty = format!("/rbac/roles/{empty}");
    let of_unused = format!("/rbac/permissions/{unused}");
    for (meanwhile, method, path, body) in [
        (&lose, "POST", of_alice.as_str(), json!({"role_ids": [role]})),
        (&raise, "POST", of_alice.as_str(), json!({"role_ids": [role]})),
        (&lose, "PUT", of_empty.as_str(), json!({"permission_ids": [permission]})),
        (&raise, "PUT", of_empty.as_str(), json!({"permission_ids": [permission]})),
        (&lose, "POST", "/rbac/roles", json!({"name": "n", "permission_ids": [permission]})),
        (
            &format!("INSERT INTO role_permissions VALUES ({empty}, {unused})"),
            "PUT",
            of_unused.as_str(),
            json!({"resource": "bill"}),
        ),
    ] {
        rbac.sql(&format!("{regain} {fill}")).await;
        let request = rbac.service.request(method, path).bearer(&operator.tokens.access).json(&body);
        let answer = rbac.send_while_locked(meanwhile, request).await;
        assert_eq!(answer.status, 403, "{meanwhile}; {method} {path}: {answer:#?}");
        assert_problem(&answer, 403, "exceeds_own_rights");
        assert_eq!(rbac.administrators().await, 1, "{meanwhile}; {method} {path}");
        let of_alice = rbac.sql(&format!("SELECT FROM user_roles WHERE user_id = {}", alice.id)).await;
        assert!(of_alice.is_empty(), "{meanwhile}; {method} {path}");
    }
}

#[tokio::test]
async fn an_operators_change_is_two_statements() {
    let (rbac, operator) = operator(&["report:read"]).await;
    let permission = rbac.permission("report:read").await;
    let role = rbac.role("role", &[]).await;
    let user = rbac.service.account("alice@example.com").await.id;
    for (number, (method, path, body)) in [
        ("POST", "/rbac/permissions".to_owned(), json!({"name": "n", "resource": "a", "action": "b"})),
        ("PUT", format!("/rbac/permissions/{permission}"), json!({"action": "read"})),
        ("POST", "/rbac/roles".to_owned(), json!({"name": "n", "permission_ids": [permission]})),
        ("PUT", format!("/rbac/roles/{role}"), json!({"permission_ids": [permission]})),
        ("POST", format!("/rbac/users/{user}/roles"), json!({"role_ids": [role]})),
        ("DELETE", format!("/rbac/users/{user}/roles/{role}"), Value::Null),
        ("DELETE", format!("/rbac/roles/{role}"), Value::Null),
        ("DELETE", format!("/rbac/permissions/{permission}"), Value::Null),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("change-{number}");
        let request = rbac.service.request(method, &path).bearer(&operator.tokens.access).id(&name);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await;
        assert!([200, 201, 204].contains(&answer.status), "{method} {path}: {answer:#?}");
        let log = rbac.service.logs().of_request(&name).await;
        assert_eq!(log.statements().len(), 2, "{method} {path}: {log:#?}");
    }
}

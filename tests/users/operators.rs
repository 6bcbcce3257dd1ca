//! Callers with `accounts:read` or `accounts:write` who are not administrators.

use serde_json::{Value, json};
use users_tests::{Account, Answer, Barrier, PASSWORD, assert_problem, assert_user};

use crate::support::{Fixture, ask, everything, grant, ids, prepare, routes};

/// An account with these permissions, each through a role of its own.
async fn account_with(fixture: &Fixture, name: &str, permissions: &[&str]) -> Account {
    let account = fixture.service.account(&format!("{name}@example.com")).await;
    for permission in permissions {
        grant(&fixture.service, account.id, permission).await;
    }
    account
}

/// Every change of one account that `accounts:write` opens, alone and in a list with another account.
async fn every_change(fixture: &Fixture, caller: &Account, id: i64, other: i64) -> Vec<Answer> {
    let token = &caller.tokens.access;
    let mut answers = Vec::new();
    for route in changes() {
        answers.push(ask(&fixture.service, Some(token), &route, id).await);
        if route.1.contains("/bulk/") {
            for list in [[other, id], [id, other]] {
                let request = fixture.service.put(&route.1).bearer(token);
                answers.push(request.json(&json!({"user_ids": list})).send().await);
            }
        }
    }
    answers
}

/// The routes that change accounts, but for those that are left to administrators.
fn changes() -> Vec<(&'static str, String)> {
    let for_administrators = |path: &str| path.ends_with("-admin");
    let mut changes = routes();
    changes.retain(|(method, path)| {
        *method != "GET" && path.trim_end_matches('/') != "/users" && !for_administrators(path)
    });
    assert!(changes.len() >= 9, "{changes:?}");
    changes
}

/// The id of a role that grants these permissions, such as `report:read`.
async fn role(fixture: &Fixture, name: &str, permissions: &[&str]) -> i64 {
    let id = fixture.sql(&format!("INSERT INTO roles (name) VALUES ('{name}') RETURNING id")).await.concat();
    for permission in permissions {
        let (resource, action) = permission.split_once(':').expect("a permission is written resource:action");
        fixture
            .sql(&format!(
                "WITH p AS (
                     INSERT INTO permissions (name, resource, action)
                     VALUES ('{permission} of {name}', '{resource}', '{action}') RETURNING id
                 )
                 INSERT INTO role_permissions SELECT {id}, id FROM p"
            ))
            .await;
    }
    id.parse().expect("an id is a number")
}

#[tokio::test]
async fn a_reader_reads_every_account_and_changes_none() {
    let fixture = Fixture::start().await;
    for (number, permission) in ["accounts:read", "accounts:all"].into_iter().enumerate() {
        let reader = account_with(&fixture, &format!("reader{number}"), &[permission]).await;
        let token = &reader.tokens.access;
        let get = async |path: &str| fixture.service.get(path).bearer(token).send().await.expect(200);
        assert!(ids(&get("/users/").await).contains(&fixture.root.id), "{permission}");
        assert_user(&get(&format!("/users/{}", fixture.root.id)).await.json());
        assert_eq!(get(&format!("/users/{}/sessions", fixture.root.id)).await.json()[0]["is_current"], false);
    }
    let reader = account_with(&fixture, "reader", &["accounts:read", "rbac:write", "rbac:read"]).await;
    let target = fixture.add(1).await[0];
    let before = everything(&fixture.service).await;
    for route in routes().iter().filter(|(method, _)| *method != "GET") {
        let answer = ask(&fixture.service, Some(&reader.tokens.access), route, target).await;
        assert_problem(&answer, 403, "admin_required");
    }
    assert_eq!(everything(&fixture.service).await, before);
}

#[tokio::test]
async fn who_may_write_does_not_read() {
    let fixture = Fixture::start().await;
    let writer = account_with(&fixture, "writer", &["accounts:write"]).await;
    for route in routes().iter().filter(|(method, _)| *method == "GET") {
        let answer = ask(&fixture.service, Some(&writer.tokens.access), route, fixture.root.id).await;
        assert_problem(&answer, 403, "admin_required");
    }
}

#[tokio::test]
async fn an_operator_changes_the_accounts_of_people_who_do_not_administrate() {
    let fixture = Fixture::start().await;
    let operator = account_with(&fixture, "operator", &["accounts:write"]).await;
    for route in changes() {
        let id = fixture.add(1).await[0];
        prepare(&fixture.service, &route, id).await;
        let answer = ask(&fixture.service, Some(&operator.tokens.access), &route, id).await;
        assert!([200, 201, 202, 204].contains(&answer.status), "{route:?}: {answer:#?}");
        fixture.sql("DELETE FROM users WHERE password_hash = '!' OR kind = 'service'").await;
    }
    let body = json!({"email": "new@example.com"});
    let create = fixture.service.post("/users/").bearer(&operator.tokens.access).json(&body);
    let created = create.send().await.expect(201).json();
    assert_eq!(created["is_admin"], false);
    // An operator may have more permissions than the operator who is changed, or fewer.
    let other = account_with(&fixture, "other", &["accounts:write", "rbac:write", "report:read"]).await;
    let deactivate = format!("/users/{}/deactivate", other.id);
    fixture.service.put(&deactivate).bearer(&operator.tokens.access).send().await.expect(200);
    let refused = fixture.service.get("/auth/me").bearer(&other.tokens.access).send().await;
    assert_problem(&refused, 403, "inactive_account");
}

#[tokio::test]
async fn administrators_accounts_are_left_to_administrators() {
    let fixture = Fixture::start().await;
    let operator = account_with(&fixture, "operator", &["accounts:all", "rbac:all", "admin:write"]).await;
    let marked = fixture.service.administrator("marked@example.com").await;
    let by_role = account_with(&fixture, "by-role", &["user:read", "admin:all"]).await;
    let inactive = fixture.service.administrator("inactive@example.com").await;
    let inactive_by_role = account_with(&fixture, "inactive-by-role", &["admin:all"]).await;
    fixture
        .sql(&format!(
            "UPDATE users SET is_active = false WHERE id IN ({}, {})",
            inactive.id, inactive_by_role.id
        ))
        .await;
    let other = fixture.add(1).await[0];
    let before = (everything(&fixture.service).await, fixture.sql("SELECT o FROM outbox o").await);
    for administrator in [&marked, &by_role, &inactive, &inactive_by_role] {
        for answer in every_change(&fixture, &operator, administrator.id, other).await {
            assert_problem(&answer, 403, "admin_required");
        }
    }
    let after = (everything(&fixture.service).await, fixture.sql("SELECT o FROM outbox o").await);
    assert_eq!(after, before, "expected no change, no ended session and no message");
    let me = fixture.service.get("/auth/me").bearer(&marked.tokens.access).send().await;
    me.expect(200);
}

#[tokio::test]
async fn nobody_but_administrators_makes_or_removes_administrators() {
    let fixture = Fixture::start().await;
    let operator = account_with(&fixture, "operator", &["accounts:all", "rbac:all"]).await;
    let target = fixture.add(1).await[0];
    let before = everything(&fixture.service).await;
    for id in [target, operator.id, fixture.root.id] {
        for action in ["make-admin", "remove-admin"] {
            let request = fixture.service.put(&format!("/users/{id}/{action}"));
            let answer = request.bearer(&operator.tokens.access).send().await;
            assert_problem(&answer, 403, "admin_required");
        }
    }
    assert_eq!(everything(&fixture.service).await, before);
}

#[tokio::test]
async fn operators_cannot_lock_themselves_out() {
    let fixture = Fixture::start().await;
    let operator = account_with(&fixture, "operator", &["accounts:write"]).await;
    let token = &operator.tokens.access;
    let own = format!("/users/{}", operator.id);
    for answer in [
        fixture.service.put(&format!("{own}/deactivate")).bearer(token).send().await,
        fixture.service.delete(&own).bearer(token).send().await,
        fixture.service.put(&own).bearer(token).json(&json!({"full_name": "X"})).send().await,
    ] {
        assert_problem(&answer, 409, "cannot_target_self");
    }
}

#[tokio::test]
async fn a_new_account_gets_no_right_that_its_creator_lacks() {
    let fixture = Fixture::start().await;
    let operator = account_with(&fixture, "operator", &["accounts:write", "report:all", "bill:read"]).await;
    let held = role(&fixture, "held", &["report:read", "report:write", "bill:read", "accounts:write"]).await;
    let empty = role(&fixture, "empty", &[]).await;
    let lacked = role(&fixture, "lacked", &["report:read", "bill:write"]).await;
    let boss = role(&fixture, "boss", &["admin:all"]).await;
    let reader = role(&fixture, "reader", &["accounts:read"]).await;
    let create = async |number: usize, roles: Value| {
        let body = json!({"email": format!("new{number}@example.com"), "role_ids": roles});
        fixture.service.post("/users/").bearer(&operator.tokens.access).json(&body).send().await
    };
    let id = create(1, json!([held, empty])).await.expect(201).json()["id"].clone();
    let given = fixture.sql(&format!("SELECT role_id FROM user_roles WHERE user_id = {id} ORDER BY 1")).await;
    assert_eq!(given, [held.to_string(), empty.to_string()]);
    let before = everything(&fixture.service).await;
    for roles in [json!([lacked]), json!([held, lacked]), json!([boss]), json!([reader])] {
        assert_problem(&create(2, roles).await, 403, "exceeds_own_rights");
    }
    assert_eq!(everything(&fixture.service).await, before);
    // With a password, too: the slot that the hash needed is free again.
    let body = json!({"email": "new3@example.com", "password": PASSWORD, "role_ids": [boss]});
    let answer = fixture.service.post("/users/").bearer(&operator.tokens.access).json(&body).send().await;
    assert_problem(&answer, 403, "exceeds_own_rights");
    let leased = fixture.sql("SELECT slot FROM hash_slots WHERE leased_until > now()").await;
    assert!(leased.is_empty(), "{leased:?}");
    // A default role is given by the operator of the service, not by the caller.
    fixture.sql(&format!("UPDATE roles SET is_default = true WHERE id = {lacked}")).await;
    create(4, json!([])).await.expect(201);
}

/// Who holds a key of a service account has all its rights.
#[tokio::test]
async fn a_key_of_a_service_account_needs_the_rights_of_the_account() {
    let fixture = Fixture::start().await;
    let operator = account_with(&fixture, "operator", &["accounts:write", "report:all"]).await;
    let robot = fixture.add_service("robot").await;
    let make = async || {
        let request = fixture.service.post(&format!("/users/{robot}/api-keys"));
        request.bearer(&operator.tokens.access).json(&json!({"name": "a key"})).send().await
    };
    make().await.expect(201);
    grant(&fixture.service, robot, "report:read").await;
    make().await.expect(201);
    grant(&fixture.service, robot, "bill:read").await;
    assert_problem(&make().await, 403, "exceeds_own_rights");
    grant(&fixture.service, robot, "admin:all").await;
    assert_problem(&make().await, 403, "admin_required");
    assert_eq!(fixture.sql("SELECT FROM api_keys").await.len(), 2);
}

#[tokio::test]
async fn the_keys_of_administrators_are_left_to_administrators() {
    let fixture = Fixture::start().await;
    let operator = account_with(&fixture, "operator", &["accounts:write"]).await;
    fixture.service.api_key(&fixture.root.tokens.access, &json!({"name": "mine"})).await;
    let key = fixture.sql("SELECT id FROM api_keys").await.concat();
    let path = format!("/users/{}/api-keys/{key}", fixture.root.id);
    let answer = fixture.service.delete(&path).bearer(&operator.tokens.access).send().await;
    assert_problem(&answer, 403, "admin_required");
    assert_eq!(fixture.sql("SELECT id FROM api_keys").await, [key]);
}

#[tokio::test]
async fn what_was_granted_to_an_operator_ends_with_the_grant() {
    let fixture = Fixture::start().await;
    let operator = account_with(&fixture, "operator", &["accounts:write"]).await;
    let target = fixture.add(1).await[0];
    let activate = async || {
        let request = fixture.service.put(&format!("/users/{target}/activate"));
        request.bearer(&operator.tokens.access).send().await
    };
    activate().await.expect(200);
    fixture.sql("DELETE FROM user_roles").await;
    assert_problem(&activate().await, 403, "admin_required");
}

#[tokio::test]
async fn an_operators_change_is_two_statements() {
    let fixture = Fixture::start().await;
    let operator = account_with(&fixture, "operator", &["accounts:write"]).await;
    for (number, (method, path)) in changes().into_iter().enumerate() {
        for (case, id) in [("found", fixture.add(1).await[0]), ("refused", fixture.root.id)] {
            let name = format!("{number}-{case}");
            if case == "found" {
                prepare(&fixture.service, &(method, path.clone()), id).await;
            }
            let request = fixture.service.request(method, &path.replace("{id}", &id.to_string()));
            let mut request = request.bearer(&operator.tokens.access).id(&name);
            if let Some(body) = crate::support::body(&(method, path.clone()), id) {
                request = request.json(&body);
            }
            request.send().await;
            let log = fixture.service.logs().of_request(&name).await;
            assert_eq!(log.statements().len(), 2, "{method} {path}: {log:#?}");
            fixture.sql("DELETE FROM users WHERE password_hash = '!' OR kind = 'service'").await;
        }
    }
}

/// The change of the operator starts while the account is made an administrator's, before that is committed.
#[tokio::test]
async fn an_account_that_becomes_an_administrators_meanwhile_is_left_alone() {
    let fixture = Fixture::with_many_instances().await;
    let operator = account_with(&fixture, "operator", &["accounts:write"]).await;
    let boss = role(&fixture, "boss", &["admin:all"]).await;
    let root = &fixture.root.tokens.access;
    for (event, make) in [
        ("UPDATE ON users", ("PUT", "/users/{id}/make-admin", Value::Null)),
        ("INSERT ON user_roles", ("POST", "/rbac/users/{id}/roles", json!({"role_ids": [boss]}))),
    ] {
        let barrier = Barrier::before(&fixture.service, event).await;
        let of_people = changes().into_iter().filter(|(_, path)| !path.contains("/api-keys"));
        for (number, route) in of_people.enumerate() {
            barrier.release().await;
            let target = fixture.add(1).await[0];
            let target_path = |path: &str| path.replace("{id}", &target.to_string());
            barrier.block().await;
            let (method, path, body) = &make;
            let making = fixture.service.request(method, &target_path(path)).bearer(root);
            let making = if body.is_null() { making } else { making.json(body) };
            let (made, changed) = barrier
                .overlap(making.send(), ask(&fixture.service, Some(&operator.tokens.access), &route, target))
                .await;
            made.expect(200);
            assert_problem(&changed, 403, "admin_required");
            let left = fixture.sql(&format!("SELECT is_active, email FROM users WHERE id = {target}")).await;
            assert_eq!(left, ["t|user1@example.com"], "{event} {number} {route:?}");
            fixture.sql(&format!("DELETE FROM users WHERE id = {target}")).await;
        }
        barrier.release().await;
        fixture
            .sql(&format!(
                "DROP TRIGGER wait ON {}; DROP FUNCTION wait()",
                event.rsplit(' ').next().unwrap_or_default()
            ))
            .await;
    }
}

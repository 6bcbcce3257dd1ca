//! Roles with `is_default`. Every new account gets them.

use futures::future::{join, join_all};
use serde_json::{Value, json};
use users_tests::{PASSWORD, Service, assert_problem};

use crate::{Rbac, id};

async fn default_role(rbac: &Rbac, name: &str) -> i64 {
    id(&rbac.post("/rbac/roles", &json!({"name": name, "is_default": true})).await.expect(201))
}

async fn roles_of(rbac: &Rbac, email: &str) -> Vec<String> {
    let roles = format!(
        "SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id JOIN users u ON u.id = ur.user_id
          WHERE u.email = '{email}' ORDER BY r.name"
    );
    rbac.sql(&roles).await
}

#[tokio::test]
async fn a_new_account_gets_every_default_role_in_one_statement() {
    let rbac = Rbac::start().await;
    default_role(&rbac, "member").await;
    default_role(&rbac, "guest").await;
    rbac.role("editor", &[]).await;
    let body = json!({"email": "alice@example.com", "password": PASSWORD});
    rbac.service.post("/auth/register").id("registration").json(&body).send().await.expect(201);
    assert_eq!(roles_of(&rbac, "alice@example.com").await, ["guest", "member"]);
    let log = rbac.service.logs().of_request("registration").await;
    // The other statement counts the registration and asks for a slot to hash the password.
    assert_eq!(log.statements().len(), 2, "expected two statements: {log:#?}");
    let opening: Vec<_> =
        log.statements().into_iter().filter(|it| it.contains("grant_default_roles(")).collect();
    assert!(opening.len() == 1 && opening[0].contains("INSERT INTO users"), "{log:#?}");
    let tokens = rbac.service.login("alice@example.com", PASSWORD).await;
    let me = rbac.service.me(&tokens.access).await.expect(200).json();
    assert_eq!(me["roles"], json!(["guest", "member"]));
}

#[tokio::test]
async fn a_default_role_counts_from_the_first_request_on() {
    let rbac = Rbac::start().await;
    let permission = rbac.permission("user:read").await;
    let body = json!({"name": "member", "is_default": true, "permission_ids": [permission]});
    rbac.post("/rbac/roles", &body).await.expect(201);
    let alice = rbac.service.account("alice@example.com").await;
    let request = rbac.service.post("/rbac/check-permission").bearer(&alice.tokens.access);
    let answer = request.json(&json!({"resource": "user", "action": "read"})).send().await.expect(200);
    assert_eq!(answer.json()["allowed"], true);
}

#[tokio::test]
async fn a_new_default_role_is_not_assigned_to_older_accounts() {
    let rbac = Rbac::start().await;
    let role = rbac.role("member", &[]).await;
    let path = format!("/rbac/roles/{role}");
    for (email, is_default) in
        [("older@example.com", true), ("newer@example.com", false), ("newest@example.com", true)]
    {
        rbac.service.register(email, PASSWORD).await.expect(201);
        rbac.put(&path, &json!({"is_default": is_default})).await.expect(200);
    }
    assert_eq!(roles_of(&rbac, "root@example.com").await, [""; 0]);
    assert_eq!(roles_of(&rbac, "older@example.com").await, [""; 0]);
    assert_eq!(roles_of(&rbac, "newer@example.com").await, ["member"], "kept when it is no default any more");
    assert_eq!(roles_of(&rbac, "newest@example.com").await, [""; 0]);
}

#[tokio::test]
async fn a_default_role_can_be_removed() {
    let rbac = Rbac::start().await;
    let role = default_role(&rbac, "member").await;
    let alice = rbac.service.account("alice@example.com").await;
    rbac.delete(&format!("/rbac/users/{}/roles/{role}", alice.id)).await.expect(204);
    assert_eq!(roles_of(&rbac, "alice@example.com").await, [""; 0]);
}

#[tokio::test]
async fn a_refused_registration_assigns_no_role() {
    let rbac = Rbac::start().await;
    default_role(&rbac, "member").await;
    rbac.service.register("alice@example.com", PASSWORD).await.expect(201);
    let before = rbac.state().await;
    rbac.service.register("Alice@example.com", PASSWORD).await.expect(409);
    assert_eq!(rbac.state().await, before);
}

/// The new account gets the roles that remain.
#[tokio::test(flavor = "multi_thread")]
async fn a_registration_succeeds_while_default_roles_are_deleted() {
    let rbac = Rbac::start().await;
    let kept = default_role(&rbac, "kept").await;
    for round in 0..30 {
        let (one, two) = (
            default_role(&rbac, &format!("one {round}")).await,
            default_role(&rbac, &format!("two {round}")).await,
        );
        let email = format!("user{round}@example.com");
        let registrations = [email.clone(), format!("other-{email}")];
        let service: &Service = &rbac.service;
        let registering = join_all(
            registrations.iter().map(|email| async move { service.register(email, PASSWORD).await }),
        );
        let deleting = join_all([one, two].map(|role| {
            let request = rbac.request("DELETE", &format!("/rbac/roles/{role}"));
            request.send()
        }));
        let (registered, deleted) = join(registering, deleting).await;
        for answer in registered {
            answer.expect(201);
        }
        for answer in deleted {
            answer.expect(204);
        }
        for email in &registrations {
            assert_eq!(roles_of(&rbac, email).await, ["kept"], "round {round}");
        }
    }
    let dangling = "SELECT FROM user_roles ur WHERE NOT EXISTS (SELECT FROM roles r WHERE r.id = ur.role_id)";
    assert_eq!(rbac.sql(dangling).await, [""; 0]);
    assert_eq!(rbac.sql("SELECT DISTINCT role_id FROM user_roles").await, [kept.to_string()]);
}

/// The registration waits for an open transaction that deletes the role.
#[tokio::test]
async fn a_registration_waits_for_a_deletion_in_progress() {
    let rbac = Rbac::start().await;
    let gone = default_role(&rbac, "gone").await;
    default_role(&rbac, "kept").await;
    for (email, end, expected) in
        [("alice@example.com", "ROLLBACK", &["gone", "kept"][..]), ("bob@example.com", "COMMIT", &["kept"])]
    {
        let db = rbac.service.db().await;
        db.batch_execute(&format!("BEGIN; DELETE FROM roles WHERE id = {gone}"))
            .await
            .expect("Postgres runs it");
        let finish = async {
            rbac.until(
                "SELECT FROM pg_stat_activity
                  WHERE wait_event_type = 'Lock' AND datname = current_database()",
                1,
            )
            .await;
            db.batch_execute(end).await.expect("Postgres runs it");
        };
        let (answer, ()) = join(rbac.service.register(email, PASSWORD), finish).await;
        answer.expect(201);
        assert_eq!(roles_of(&rbac, email).await, expected, "after {end}");
    }
}

/// The number of default roles that grant `admin:all`.
async fn administrating_defaults(rbac: &Rbac) -> usize {
    rbac.sql(
        "SELECT r.id FROM roles r
           JOIN role_permissions rp ON rp.role_id = r.id
           JOIN permissions p ON p.id = rp.permission_id
          WHERE r.is_default AND p.resource = 'admin' AND p.action = 'all'",
    )
    .await
    .len()
}

#[tokio::test]
async fn no_change_gives_admin_all_to_a_default_role() {
    let rbac = Rbac::start().await;
    let (everything, reading) = (rbac.permission("admin:all").await, rbac.permission("user:read").await);
    let member = default_role(&rbac, "member").await;
    rbac.put(&format!("/rbac/roles/{member}"), &json!({"permission_ids": [reading]})).await.expect(200);
    let boss = rbac.role("boss", &[everything]).await;
    let before = rbac.state().await;
    for (method, path, body) in [
        (
            "POST",
            "/rbac/roles".to_owned(),
            json!({"name": "new", "is_default": true, "permission_ids": [everything]}),
        ),
        ("PUT", format!("/rbac/roles/{boss}"), json!({"is_default": true, "description": "new"})),
        ("PUT", format!("/rbac/roles/{member}"), json!({"permission_ids": [reading, everything]})),
        ("PUT", format!("/rbac/permissions/{reading}"), json!({"resource": "admin", "action": "all"})),
    ] {
        let answer = rbac.request(method, &path).json(&body).send().await;
        assert_problem(&answer, 409, "default_role_administrates");
        assert_eq!(rbac.state().await, before, "{method} {path}: expected nothing to change");
    }
    let account = rbac.service.account("alice@example.com").await;
    let answer = rbac.service.get("/users/").bearer(&account.tokens.access).send().await;
    assert_problem(&answer, 403, "admin_required");
}

/// Creates role 1 (`member`, a default role) with permission 2 (`user:read`), and role 2 (`boss`) with permission 1 (`admin:all`).
async fn member_and_boss(rbac: &Rbac) {
    rbac.sql(
        "TRUNCATE permissions, roles, role_permissions, user_roles;
         INSERT INTO permissions (id, name, resource, action)
         VALUES (1, 'everything', 'admin', 'all'), (2, 'reading', 'user', 'read');
         INSERT INTO roles (id, name, is_default) VALUES (1, 'member', true), (2, 'boss', false);
         ALTER TABLE roles ALTER COLUMN id RESTART WITH 3;
         INSERT INTO role_permissions VALUES (1, 2), (2, 1)",
    )
    .await;
}

/// Each of the two changes alone is allowed. The second change starts before the first transaction ends.
#[tokio::test]
async fn overlapping_changes_never_give_admin_all_to_a_default_role() {
    let rbac = Rbac::start().await;
    // The first change, and a second one that must then be refused.
    for (change, method, path, body) in [
        (
            "DELETE FROM role_permissions WHERE role_id = 1;
             UPDATE permissions SET resource = 'admin', action = 'all' WHERE id = 2",
            "PUT",
            "/rbac/roles/1",
            json!({"permission_ids": [2]}),
        ),
        (
            "DELETE FROM role_permissions WHERE role_id = 1;
             UPDATE permissions SET resource = 'admin', action = 'all' WHERE id = 2",
            "POST",
            "/rbac/roles",
            json!({"name": "new", "is_default": true, "permission_ids": [2]}),
        ),
        (
            "UPDATE roles SET is_default = false WHERE id = 1;
             INSERT INTO role_permissions VALUES (1, 1)",
            "PUT",
            "/rbac/roles/1",
            json!({"is_default": true}),
        ),
        (
            "DELETE FROM role_permissions WHERE role_id = 2;
             UPDATE roles SET is_default = true WHERE id = 2",
            "PUT",
            "/rbac/roles/2",
            json!({"permission_ids": [1]}),
        ),
        (
            "INSERT INTO role_permissions VALUES (2, 2) ON CONFLICT DO NOTHING;
             DELETE FROM role_permissions WHERE role_id = 2 AND permission_id = 1;
             UPDATE roles SET is_default = true WHERE id = 2",
            "PUT",
            "/rbac/permissions/2",
            json!({"resource": "admin", "action": "all"}),
        ),
    ] {
        member_and_boss(&rbac).await;
        let answer = rbac.send_while_locked(change, rbac.request(method, path).json(&body)).await;
        assert_problem(&answer, 409, "default_role_administrates");
        assert_eq!(administrating_defaults(&rbac).await, 0, "{change}; {method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_changes_never_give_admin_all_to_a_default_role() {
    let rbac = Rbac::start().await;
    let mark = ("/rbac/roles/1", json!({"is_default": true}));
    let grant = ("/rbac/roles/1", json!({"permission_ids": [2]}));
    let raise = ("/rbac/permissions/2", json!({"resource": "admin", "action": "all"}));
    // The first statement prepares a state in which each of the two changes alone is allowed.
    let pairs = [
        (
            "UPDATE roles SET is_default = false; DELETE FROM role_permissions WHERE role_id = 1;
             UPDATE permissions SET resource = 'admin', action = 'all'",
            &mark,
            &grant,
        ),
        ("UPDATE roles SET is_default = false", &mark, &raise),
        ("DELETE FROM role_permissions WHERE role_id = 1", &grant, &raise),
    ];
    for (start, one, two) in pairs {
        for round in 0..20 {
            member_and_boss(&rbac).await;
            rbac.sql(start).await;
            let send = |(path, body): &(&str, Value)| rbac.request("PUT", path).json(body).send();
            let (first, second) = join(send(one), send(two)).await;
            let mut statuses = [first.status, second.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409], "round {round}: {first:#?} {second:#?}");
            for answer in [&first, &second].into_iter().filter(|answer| answer.status == 409) {
                assert_problem(answer, 409, "default_role_administrates");
            }
            assert_eq!(administrating_defaults(&rbac).await, 0, "round {round}");
        }
    }
}

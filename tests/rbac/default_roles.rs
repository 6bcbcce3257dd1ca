//! Roles with `is_default`: every new account gets them.

use futures::future::{join, join_all};
use serde_json::json;
use users_tests::{PASSWORD, Service};

use crate::Rbac;

async fn default_role(rbac: &Rbac, name: &str) -> i64 {
    crate::id(&rbac.post("/rbac/roles", &json!({"name": name, "is_default": true})).await.expect(201))
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
    assert_eq!(log.statements().len(), 1, "expected one statement: {log:#?}");
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

/// The new account gets the remaining roles.
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

/// The registration waits for the open transaction that deletes the role.
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

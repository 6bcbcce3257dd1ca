//! Every request reads the caller's rights, so every change takes effect at the next request.

use serde_json::json;
use users_tests::{Account, assert_problem};

use crate::Rbac;

/// True if the account may read accounts. The account sends the request with its old token.
async fn may_read(rbac: &Rbac, account: &Account) -> bool {
    let request = rbac.service.post("/rbac/check-permission").bearer(&account.tokens.access);
    let answer = request.json(&json!({"resource": "user", "action": "read"})).send().await.expect(200);
    let mine = rbac.service.get("/rbac/my-permissions").bearer(&account.tokens.access).send().await;
    let mine = mine.expect(200).json();
    let listed = mine["permissions"]
        .as_array()
        .expect("a list")
        .iter()
        .any(|it| it["resource"] == "user" && it["action"] == "read");
    assert_eq!(answer.json()["allowed"], listed, "expected the same rights from both routes: {mine:#}");
    listed
}

/// Creates an account with a role that grants `user:read`. Returns the account and the ids of the role and the permission.
async fn reader(rbac: &Rbac) -> (Account, i64, i64) {
    let alice = rbac.service.account("alice@example.com").await;
    let permission = rbac.permission("user:read").await;
    let role = rbac.role("reader", &[permission]).await;
    rbac.assign(alice.id, &[role]).await;
    assert!(may_read(rbac, &alice).await);
    (alice, role, permission)
}

#[tokio::test]
async fn an_assigned_and_a_removed_role_count_at_the_next_request() {
    let rbac = Rbac::start().await;
    let (alice, role, _) = reader(&rbac).await;
    for _ in 0..3 {
        rbac.delete(&format!("/rbac/users/{}/roles/{role}", alice.id)).await.expect(204);
        assert!(!may_read(&rbac, &alice).await);
        rbac.assign(alice.id, &[role]).await;
        assert!(may_read(&rbac, &alice).await);
    }
}

#[tokio::test]
async fn the_deletion_of_a_role_counts_at_the_next_request() {
    let rbac = Rbac::start().await;
    let (alice, role, _) = reader(&rbac).await;
    rbac.delete(&format!("/rbac/roles/{role}")).await.expect(204);
    assert!(!may_read(&rbac, &alice).await);
    assert_eq!(rbac.service.me(&alice.tokens.access).await.expect(200).json()["roles"], json!([]));
}

#[tokio::test]
async fn new_permissions_of_a_role_count_at_the_next_request() {
    let rbac = Rbac::start().await;
    let (alice, role, permission) = reader(&rbac).await;
    let path = format!("/rbac/roles/{role}");
    for _ in 0..3 {
        rbac.put(&path, &json!({"permission_ids": []})).await.expect(200);
        assert!(!may_read(&rbac, &alice).await);
        rbac.put(&path, &json!({"permission_ids": [permission]})).await.expect(200);
        assert!(may_read(&rbac, &alice).await);
    }
}

#[tokio::test]
async fn the_deletion_of_a_permission_counts_at_the_next_request() {
    let rbac = Rbac::start().await;
    let (alice, _, permission) = reader(&rbac).await;
    rbac.delete(&format!("/rbac/permissions/{permission}")).await.expect(204);
    assert!(!may_read(&rbac, &alice).await);
}

#[tokio::test]
async fn a_changed_permission_counts_at_the_next_request() {
    let rbac = Rbac::start().await;
    let (alice, _, permission) = reader(&rbac).await;
    let path = format!("/rbac/permissions/{permission}");
    for other in [json!({"action": "write"}), json!({"resource": "role"})] {
        rbac.put(&path, &other).await.expect(200);
        assert!(!may_read(&rbac, &alice).await, "after {other}");
        rbac.put(&path, &json!({"resource": "user", "action": "read"})).await.expect(200);
        assert!(may_read(&rbac, &alice).await);
    }
}

#[tokio::test]
async fn a_new_name_counts_at_the_next_request() {
    let rbac = Rbac::start().await;
    let (alice, role, _) = reader(&rbac).await;
    rbac.put(&format!("/rbac/roles/{role}"), &json!({"name": "Viewer"})).await.expect(200);
    assert_eq!(rbac.service.me(&alice.tokens.access).await.expect(200).json()["roles"], json!(["Viewer"]));
}

#[tokio::test]
async fn a_role_that_grants_admin_all_counts_at_the_next_request() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let everything = rbac.permission("admin:all").await;
    let boss = rbac.role("boss", &[everything]).await;
    let admitted = async || {
        for path in ["/users/", "/rbac/roles", "/rbac/users"] {
            rbac.service.get(path).bearer(&alice.tokens.access).send().await.expect(200);
        }
    };
    let refused = async || {
        for path in ["/users/", "/rbac/roles", "/rbac/users"] {
            let answer = rbac.service.get(path).bearer(&alice.tokens.access).send().await;
            assert_problem(&answer, 403, "admin_required");
        }
    };
    refused().await;
    rbac.assign(alice.id, &[boss]).await;
    admitted().await;
    rbac.delete(&format!("/rbac/users/{}/roles/{boss}", alice.id)).await.expect(204);
    refused().await;

    rbac.assign(alice.id, &[boss]).await;
    let role = format!("/rbac/roles/{boss}");
    rbac.put(&role, &json!({"permission_ids": []})).await.expect(200);
    refused().await;
    rbac.put(&role, &json!({"permission_ids": [everything]})).await.expect(200);
    admitted().await;

    let permission = format!("/rbac/permissions/{everything}");
    rbac.put(&permission, &json!({"action": "read"})).await.expect(200);
    refused().await;
    rbac.put(&permission, &json!({"action": "all"})).await.expect(200);
    admitted().await;
    rbac.delete(&permission).await.expect(204);
    refused().await;
}

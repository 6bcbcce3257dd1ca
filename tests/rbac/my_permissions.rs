//! `GET /rbac/my-permissions`

use serde_json::json;
use users_tests::{Account, Answer, assert_common_headers, assert_no_store};

use crate::{Rbac, ids};

async fn mine(rbac: &Rbac, account: &Account) -> Answer {
    rbac.service.get("/rbac/my-permissions").bearer(&account.tokens.access).send().await
}

#[tokio::test]
async fn without_a_role_there_are_no_permissions() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    for (account, is_admin) in [(&alice, false), (&rbac.root, true)] {
        let answer = mine(&rbac, account).await.expect(200);
        assert_common_headers(&answer);
        assert_no_store(&answer);
        let expected = json!({"user_id": account.id, "is_admin": is_admin, "roles": [], "permissions": []});
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn a_permission_of_several_roles_is_listed_once() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let (write, read) = (rbac.permission("user:write").await, rbac.permission("user:read").await);
    rbac.permission("user:delete").await;
    let one = rbac.role("zeta", &[write, read]).await;
    let two = rbac.role("alpha", &[read]).await;
    rbac.role("none of hers", &[read]).await;
    rbac.assign(alice.id, &[one, two]).await;
    let expected = json!({
        "user_id": alice.id, "is_admin": false, "roles": ["alpha", "zeta"],
        "permissions": [
            {"id": write, "name": "user:write", "description": null, "resource": "user", "action": "write"},
            {"id": read, "name": "user:read", "description": null, "resource": "user", "action": "read"},
        ],
    });
    assert_eq!(mine(&rbac, &alice).await.expect(200).json(), expected);
}

#[tokio::test]
async fn is_admin_is_false_for_an_administrator_by_role() {
    let rbac = Rbac::start().await;
    let alice = rbac.account_with("alice", &["admin:all"]).await;
    let answer = mine(&rbac, &alice).await.expect(200).json();
    assert_eq!((&answer["is_admin"], &answer["roles"]), (&json!(false), &json!(["alice"])));
    assert_eq!(answer["permissions"][0]["resource"], "admin");
}

#[tokio::test]
async fn one_statement_is_enough() {
    let rbac = Rbac::start().await;
    let alice = rbac.account_with("alice", &["user:read", "user:write"]).await;
    for (id, account) in [("plain", &alice), ("administrator", &rbac.root)] {
        let request = rbac.service.get("/rbac/my-permissions").bearer(&account.tokens.access).id(id);
        request.send().await.expect(200);
        let log = rbac.service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 1, "{id}: {log:#?}");
    }
}

#[tokio::test]
async fn many_permissions_are_all_listed() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    rbac.sql(&format!(
        "INSERT INTO permissions (name, description, resource, action)
         SELECT 'p' || n, repeat('é', 2000), 'r', 'a' FROM generate_series(1, 300) n;
         INSERT INTO roles (name) VALUES ('all of them'), ('and again');
         INSERT INTO role_permissions SELECT r.id, p.id FROM roles r, permissions p;
         INSERT INTO user_roles SELECT {}, id FROM roles",
        alice.id
    ))
    .await;
    let answer = mine(&rbac, &alice).await.expect(200).json();
    assert_eq!(ids(&answer["permissions"]).len(), 300);
    assert_eq!(answer["permissions"][299]["description"], "é".repeat(2000));
}

#[tokio::test]
async fn me_names_the_roles_in_order() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let mut roles = Vec::new();
    for name in ["zeta", "alpha", "mu"] {
        roles.push(rbac.role(name, &[]).await);
    }
    rbac.assign(alice.id, &roles).await;
    let roles = rbac.service.me(&alice.tokens.access).await.expect(200).json()["roles"].clone();
    assert_eq!(roles, json!(["alpha", "mu", "zeta"]));
    assert_eq!(mine(&rbac, &alice).await.expect(200).json()["roles"], roles);
}

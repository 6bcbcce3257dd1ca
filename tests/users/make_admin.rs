//! `PUT /users/{id}/make-admin`: its effects.

use users_tests::{Account, Answer, assert_problem};

use crate::support::Fixture;

async fn lists(fixture: &Fixture, account: &Account) -> Answer {
    fixture.service.get("/users/").bearer(&account.tokens.access).send().await
}

#[tokio::test]
async fn a_new_administrator_has_its_rights_at_the_next_request() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    assert_problem(&lists(&fixture, &alice).await, 403, "admin_required");
    fixture.put(&format!("/users/{}/make-admin", alice.id)).await.expect(200);
    lists(&fixture, &alice).await.expect(200);
    let me = fixture.service.me(&alice.tokens.access).await.expect(200).json();
    assert_eq!(me["is_admin"], true, "{me:#}");
    // She may demote the administrator who promoted her.
    let path = format!("/users/{}/remove-admin", fixture.root.id);
    fixture.service.put(&path).bearer(&alice.tokens.access).send().await.expect(200);
    assert_problem(&fixture.get("/users/").await, 403, "admin_required");
}

#[tokio::test]
async fn an_inactive_account_becomes_an_administrator_without_access() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    fixture.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", alice.id)).await;
    let user = fixture.put(&format!("/users/{}/make-admin", alice.id)).await.expect(200).json();
    assert!(user["is_admin"] == true && user["is_active"] == false, "{user:#}");
    assert_problem(&lists(&fixture, &alice).await, 403, "inactive_account");
}

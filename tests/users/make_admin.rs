//! `PUT /users/{id}/make-admin`: from when it counts.

use users_tests::{Account, Answer, assert_problem};

use crate::support::Office;

async fn lists(office: &Office, account: &Account) -> Answer {
    office.service.get("/users/").bearer(&account.tokens.access).send().await
}

#[tokio::test]
async fn a_new_administrator_is_one_from_the_next_request_on() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    assert_problem(&lists(&office, &alice).await, 403, "admin_required");
    office.put(&format!("/users/{}/make-admin", alice.id)).await.expect(200);
    lists(&office, &alice).await.expect(200);
    let me = office.service.me(&alice.tokens.access).await.expect(200).json();
    assert_eq!(me["is_admin"], true, "{me:#}");
    // And may do what the one who made her one may.
    let path = format!("/users/{}/remove-admin", office.root.id);
    office.service.put(&path).bearer(&alice.tokens.access).send().await.expect(200);
    assert_problem(&office.get("/users/").await, 403, "admin_required");
}

#[tokio::test]
async fn an_inactive_account_is_marked_but_not_let_in() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    office.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", alice.id)).await;
    let user = office.put(&format!("/users/{}/make-admin", alice.id)).await.expect(200).json();
    assert!(user["is_admin"] == true && user["is_active"] == false, "{user:#}");
    assert_problem(&lists(&office, &alice).await, 403, "inactive_account");
}

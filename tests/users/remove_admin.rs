//! `PUT /users/{id}/remove-admin`: from when it counts, and what it leaves.

use users_tests::assert_problem;

use crate::support::{Office, grant};

#[tokio::test]
async fn a_former_administrator_is_none_from_the_next_request_on() {
    let office = Office::open().await;
    let alice = office.service.administrator("alice@example.com").await;
    let list = || office.service.get("/users/").bearer(&alice.tokens.access).send();
    list().await.expect(200);
    office.put(&format!("/users/{}/remove-admin", alice.id)).await.expect(200);
    assert_problem(&list().await, 403, "admin_required");
    let me = office.service.me(&alice.tokens.access).await.expect(200).json();
    assert_eq!(me["is_admin"], false, "expected the session to go on: {me:#}");
}

#[tokio::test]
async fn the_mark_goes_but_what_roles_grant_stays() {
    let office = Office::open().await;
    let alice = office.service.administrator("alice@example.com").await;
    grant(&office.service, alice.id, "admin:all").await;
    let user = office.put(&format!("/users/{}/remove-admin", alice.id)).await.expect(200).json();
    assert_eq!(user["is_admin"], false, "{user:#}");
    office.service.get("/users/").bearer(&alice.tokens.access).send().await.expect(200);
}

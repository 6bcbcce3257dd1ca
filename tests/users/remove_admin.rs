//! `PUT /users/{id}/remove-admin`: its effects.

use users_tests::assert_problem;

use crate::support::{Fixture, grant};

#[tokio::test]
async fn a_former_administrator_loses_its_rights_at_the_next_request() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    let list = || fixture.service.get("/users/").bearer(&alice.tokens.access).send();
    list().await.expect(200);
    fixture.put(&format!("/users/{}/remove-admin", alice.id)).await.expect(200);
    assert_problem(&list().await, 403, "admin_required");
    let me = fixture.service.me(&alice.tokens.access).await.expect(200).json();
    assert_eq!(me["is_admin"], false, "expected the session to go on: {me:#}");
}

#[tokio::test]
async fn permissions_of_roles_remain_when_is_admin_is_removed() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    grant(&fixture.service, alice.id, "admin:all").await;
    let user = fixture.put(&format!("/users/{}/remove-admin", alice.id)).await.expect(200).json();
    assert_eq!(user["is_admin"], false, "{user:#}");
    fixture.service.get("/users/").bearer(&alice.tokens.access).send().await.expect(200);
}

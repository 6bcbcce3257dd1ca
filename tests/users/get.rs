//! `GET /users/{id}`

use users_tests::{PASSWORD, assert_common_headers, assert_no_store, assert_problem, assert_user, pointers};

use crate::support::Fixture;

/// Invalid ids. A valid id is a positive 32-bit integer in plain decimal.
pub(crate) const INVALID_IDS: [&str; 12] = [
    "0",
    "-1",
    "abc",
    "2147483648",
    "99999999999999999999",
    "1.5",
    "01",
    "+1",
    "1e0",
    "0x1",
    "1%20",
    "%D9%A1",
];

#[tokio::test]
async fn a_user_is_read_as_registered() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.register("alice@example.com", PASSWORD).await.expect(201);
    let path = alice.header("location").expect("a registration says where the user is");
    let answer = fixture.get(&path).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    assert_user(&answer.json());
    assert_eq!(answer.json(), alice.json());
    assert!(!answer.body.contains("$argon2"), "expected no hash: {answer:#?}");
    assert_eq!(fixture.get(&format!("{path}/")).await.expect(200).json(), alice.json());
}

#[tokio::test]
async fn administrators_read_themselves_and_inactive_accounts_too() {
    let fixture = Fixture::start().await;
    let id = fixture.add(1).await[0];
    fixture.sql(&format!("UPDATE users SET is_active = false, full_name = NULL WHERE id = {id}")).await;
    let inactive = fixture.get(&format!("/users/{id}")).await.expect(200).json();
    assert_user(&inactive);
    assert!(inactive["is_active"] == false && inactive["full_name"].is_null(), "{inactive:#}");
    let own = fixture.get(&format!("/users/{}", fixture.root.id)).await.expect(200).json();
    assert_user(&own);
    assert!(own["is_admin"] == true && own["email"] == "root@example.com", "{own:#}");
}

#[tokio::test]
async fn an_unknown_id_is_404() {
    let fixture = Fixture::start().await;
    let gone = fixture.add(1).await[0];
    fixture.sql(&format!("DELETE FROM users WHERE id = {gone}")).await;
    for id in [gone, 1_000_000, 2_147_483_647] {
        let answer = fixture.get(&format!("/users/{id}")).await;
        assert_problem(&answer, 404, "not_found");
        assert_no_store(&answer);
    }
}

#[tokio::test]
async fn an_invalid_id_is_422() {
    let fixture = Fixture::start().await;
    for id in INVALID_IDS.iter().chain(&["%00", "1%00", "1;x", "bulk", "me", "null", "%7B%7D", "'"]) {
        let answer = fixture.get(&format!("/users/{id}")).await;
        assert_eq!(pointers(&answer), ["/user_id"], "{id}: {answer:#?}");
        assert_no_store(&answer);
    }
}

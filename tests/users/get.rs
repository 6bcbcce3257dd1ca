//! `GET /users/{id}`

use users_tests::{PASSWORD, assert_common_headers, assert_no_store, assert_problem, assert_user, pointers};

use crate::support::Office;

/// What names no user: ids are positive 32-bit integers in plain decimal.
pub(crate) const NO_IDS: [&str; 12] = [
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
    let office = Office::open().await;
    let alice = office.service.register("alice@example.com", PASSWORD).await.expect(201);
    let path = alice.header("location").expect("a registration says where the user is");
    let answer = office.get(&path).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    assert_user(&answer.json());
    assert_eq!(answer.json(), alice.json());
    assert!(!answer.body.contains("$argon2"), "expected no hash: {answer:#?}");
    assert_eq!(office.get(&format!("{path}/")).await.expect(200).json(), alice.json());
}

#[tokio::test]
async fn administrators_read_themselves_and_inactive_accounts_too() {
    let office = Office::open().await;
    let id = office.add(1).await[0];
    office.sql(&format!("UPDATE users SET is_active = false, full_name = NULL WHERE id = {id}")).await;
    let inactive = office.get(&format!("/users/{id}")).await.expect(200).json();
    assert_user(&inactive);
    assert!(inactive["is_active"] == false && inactive["full_name"].is_null(), "{inactive:#}");
    let own = office.get(&format!("/users/{}", office.root.id)).await.expect(200).json();
    assert_user(&own);
    assert!(own["is_admin"] == true && own["email"] == "root@example.com", "{own:#}");
}

#[tokio::test]
async fn nobody_is_404() {
    let office = Office::open().await;
    let gone = office.add(1).await[0];
    office.sql(&format!("DELETE FROM users WHERE id = {gone}")).await;
    for id in [gone, 1_000_000, 2_147_483_647] {
        let answer = office.get(&format!("/users/{id}")).await;
        assert_problem(&answer, 404, "not_found");
        assert_no_store(&answer);
    }
}

#[tokio::test]
async fn what_is_no_id_is_422() {
    let office = Office::open().await;
    for id in NO_IDS.iter().chain(&["%00", "1%00", "1;x", "bulk", "me", "null", "%7B%7D", "'"]) {
        let answer = office.get(&format!("/users/{id}")).await;
        assert_eq!(pointers(&answer), ["/user_id"], "{id}: {answer:#?}");
        assert_no_store(&answer);
    }
}

//! The variables `registration` and `require_verified_email`.

use users_tests::{PASSWORD, Service, assert_problem};

#[tokio::test]
async fn a_closed_registration_is_403_and_opens_no_account() {
    let service = Service::builder().variable("registration", "closed").start().await;
    assert_problem(&service.register("alice@example.com", PASSWORD).await, 403, "registration_closed");
    assert_eq!(service.sql("SELECT count(*) FROM users; SELECT count(*) FROM outbox").await, ["0", "0"]);
}

#[tokio::test]
async fn a_login_without_a_verified_address_is_403_and_sends_the_link_again() {
    let service = Service::builder().variable("require_verified_email", "true").start().await;
    let user = service.register("alice@example.com", PASSWORD).await.expect(201).json();
    service.empty_outbox().await;
    let refused = service.try_login("alice@example.com", PASSWORD).await;
    assert_problem(&refused, 403, "email_unverified");
    assert_eq!(refused.json()["error"], "invalid_grant");
    assert_eq!(service.outbox().await, [format!("email_verification|{}|{{}}", user["id"])]);
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"]);
    service.sql("UPDATE users SET email_verified = true").await;
    service.login("alice@example.com", PASSWORD).await;
    assert_eq!(service.outbox().await.len(), 1);
}

#[tokio::test]
async fn only_the_right_password_reveals_that_an_address_is_not_verified() {
    let service = Service::builder().variable("require_verified_email", "true").start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    service.empty_outbox().await;
    let wrong = service.try_login("alice@example.com", "not the password").await;
    assert_problem(&wrong, 401, "invalid_credentials");
    service.sql("UPDATE users SET is_active = false").await;
    assert_problem(&service.try_login("alice@example.com", PASSWORD).await, 403, "inactive_account");
    assert_eq!(service.outbox().await, [""; 0]);
}

#[tokio::test]
async fn an_address_need_not_be_verified_by_default() {
    let service = Service::start().await;
    service.account("alice@example.com").await;
    assert_eq!(service.sql("SELECT email_verified FROM users").await, ["f"]);
}

#[tokio::test]
async fn nobody_logs_in_to_an_account_without_a_password() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    service.sql("UPDATE users SET password_hash = ''").await;
    for password in [PASSWORD, "x"] {
        let form = [("username", "alice@example.com"), ("password", password)];
        let answer =
            service.post("/auth/login").id(&format!("of{}", password.len())).form(&form).send().await;
        assert_problem(&answer, 401, "invalid_credentials");
        let log = service.logs().of_request(&format!("of{}", password.len())).await;
        assert_eq!(log.causes(), ["the password is wrong"]);
    }
}

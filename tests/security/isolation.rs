//! Requests that share an instance share no data.

use futures::future::join_all;
use users_tests::{Account, Service};

/// Concurrent requests: more than an instance serves at once.
const CONCURRENT: usize = 48;

async fn get_own_account(service: &Service, account: &Account, id: String) {
    let answer = service.get("/auth/me").bearer(&account.tokens.access).id(&id).send().await.expect(200);
    assert_eq!(answer.json()["email"], account.email, "expected the caller's own account");
    assert_eq!(answer.request_id(), id, "expected the caller's own id");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_get_their_own_answers() {
    let service = Service::start().await;
    let mut accounts = Vec::new();
    for number in 0..6 {
        accounts.push(service.account(&format!("user{number}@example.com")).await);
    }
    for round in 0..10 {
        let asking = (0..CONCURRENT).map(|number| {
            get_own_account(&service, &accounts[number % accounts.len()], format!("{round}.{number}"))
        });
        join_all(asking).await;
    }
    for number in 0..CONCURRENT {
        let log = service.logs().of_request(&format!("9.{number}")).await;
        let owner = &accounts[number % accounts.len()];
        assert_eq!(log.access()["user_id"], owner.id, "expected the id of the caller");
        assert_eq!(log.statements().len(), 1, "expected one statement: {log:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_logins_get_their_own_sessions() {
    let service = Service::start().await;
    let emails: Vec<String> = (0..6).map(|number| format!("user{number}@example.com")).collect();
    for email in &emails {
        let answer = service.register(email, &format!("the password of {email}")).await;
        answer.expect(201);
    }
    let (service, emails) = (&service, &emails);
    let logins = emails.iter().map(|email| async move {
        let own = format!("the password of {email}");
        let tokens = service.login(email, &own).await;
        let me = service.me(&tokens.access).await.expect(200).json();
        assert_eq!(me["email"], *email, "expected the caller's own account");
        let other = format!("the password of {}", emails[0]);
        let status = service.try_login(email, &other).await.status;
        assert_eq!(status, if *email == emails[0] { 200 } else { 401 });
    });
    join_all(logins).await;
}

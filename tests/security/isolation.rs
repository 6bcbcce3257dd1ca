//! Requests that share an instance share nothing else.

use futures::future::join_all;
use users_tests::{Account, Service};

/// Requests at the same time, more than an instance serves at once.
const AT_ONCE: usize = 48;

async fn asks_who_it_is(service: &Service, account: &Account, id: String) {
    let answer = service.get("/auth/me").bearer(&account.tokens.access).id(&id).send().await.expect(200);
    assert_eq!(answer.json()["email"], account.email, "expected the caller's own account");
    assert_eq!(answer.request_id(), id, "expected the caller's own id");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_the_same_time_each_get_their_own_answer() {
    let service = Service::start().await;
    let mut accounts = Vec::new();
    for number in 0..6 {
        accounts.push(service.account(&format!("user{number}@example.com")).await);
    }
    for round in 0..10 {
        let asking = (0..AT_ONCE).map(|number| {
            asks_who_it_is(&service, &accounts[number % accounts.len()], format!("{round}.{number}"))
        });
        join_all(asking).await;
    }
    for number in 0..AT_ONCE {
        let log = service.logs().of_request(&format!("9.{number}")).await;
        let owner = &accounts[number % accounts.len()];
        assert_eq!(log.access()["user_id"], owner.id, "expected the caller's own line");
        assert_eq!(log.statements().len(), 1, "expected one statement: {log:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_at_the_same_time_each_get_their_own_session() {
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

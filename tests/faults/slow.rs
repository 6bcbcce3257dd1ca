//! A Postgres that answers late or not at all.

use std::time::Duration;

use tokio::time::Instant;
use users_tests::{Service, assert_problem, within};

#[tokio::test]
async fn a_hanging_statement_is_503_after_five_seconds_and_the_service_recovers() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let mut db = service.db().await;
    let lock = db.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();

    let started = Instant::now();
    let (me, login, health) = tokio::join!(
        service.me(&account.tokens.access),
        service.try_login("alice@example.com", "some password"),
        async {
            let answer = service.get("/healthz").send().await;
            (answer, started.elapsed())
        },
    );
    assert_problem(&me, 503, "database_unavailable");
    assert_problem(&login, 503, "database_unavailable");
    assert!(
        (5..8).contains(&started.elapsed().as_secs()),
        "expected 503 after 5 s, not {:?}",
        started.elapsed()
    );
    assert_eq!(health.0.status, 200);
    assert!(
        health.1 < Duration::from_secs(2),
        "expected a route without a database to answer: {:?}",
        health.1
    );

    lock.rollback().await.unwrap();
    let token = &account.tokens.access;
    within(Duration::from_secs(2), "200", async || service.me(token).await.status == 200).await;
}

//! A Postgres that answers late or not at all.

use std::time::Duration;

use tokio::time::Instant;
use users_tests::{Service, assert_problem};

#[tokio::test]
async fn a_statement_that_hangs_is_given_up_after_five_seconds_and_the_service_recovers() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let mut db = service.db().await;
    let lock = db.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();

    let started = Instant::now();
    let (me, login, health) = tokio::join!(
        service.me(&account.tokens.access),
        service.try_login("alice@example.com", "whatever it is"),
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
        "expected what needs no database to be answered: {:?}",
        health.1
    );

    lock.rollback().await.unwrap();
    let unlocked = Instant::now();
    while service.me(&account.tokens.access).await.status != 200 {
        assert!(unlocked.elapsed() < Duration::from_secs(2), "expected the service to recover within 2 s");
    }
}

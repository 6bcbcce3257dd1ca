//! A network that fails between the service and Postgres.

use std::time::Duration;

use tokio::time::Instant;
use users_tests::{Barrier, PASSWORD, assert_problem, statements_wait, within};

use crate::proxy::Proxy;

/// The longest recovery. The pool may hand out several silent connections. Each of them fails after five seconds.
const RECOVERY: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_change_on_a_cut_connection_is_503_and_made_at_most_once() {
    let proxy = Proxy::start().await;
    let service = proxy.service().await;
    let account = service.account("alice@example.com").await;
    let barrier = Barrier::before(&service, "INSERT ON users").await;
    let register = service.register("bob@example.com", PASSWORD);
    let cut = async {
        barrier.one_is_blocked().await;
        // Postgres runs the statement, but the service cannot receive its result.
        proxy.cut();
    };
    let (answer, ()) = tokio::join!(register, cut);
    assert_problem(&answer, 503, "database_unavailable");
    service.me(&account.tokens.access).await.expect(200);
    barrier.release().await;
    // After a 503, the client does not know if the account exists. A second attempt shows it.
    let again = service.register("bob@example.com", PASSWORD).await;
    assert!([201, 409].contains(&again.status), "{again:?}");
    assert_eq!(service.sql("SELECT count(*) FROM users WHERE email = 'bob@example.com'").await, ["1"]);
    service.login("bob@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_read_on_a_cut_connection_is_retried() {
    let proxy = Proxy::start().await;
    let service = proxy.service().await;
    let account = service.account("alice@example.com").await;
    let (mut db, waiting) = (service.db().await, service.db().await);
    let lock = db.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let cut = async {
        statements_wait(&waiting, 1).await;
        proxy.cut();
        lock.rollback().await.unwrap();
    };
    let (answer, ()) = tokio::join!(service.me(&account.tokens.access), cut);
    answer.expect(200);
}

#[tokio::test]
async fn a_slow_postgres_delays_only_requests_that_need_it() {
    let proxy = Proxy::start().await;
    let service = proxy.service().await;
    let account = service.account("alice@example.com").await;
    proxy.delay(Duration::from_secs(1));
    let begun = Instant::now();
    let health = async {
        let answer = service.get("/healthz").send().await;
        (answer.status, begun.elapsed())
    };
    let (me, health) = tokio::join!(service.me(&account.tokens.access), health);
    me.expect(200);
    assert!(begun.elapsed() >= Duration::from_secs(1), "expected Postgres to be slow");
    assert!(health.0 == 200 && health.1 < Duration::from_millis(500), "{health:?}");
}

#[tokio::test]
async fn a_silent_postgres_is_503_after_five_seconds_until_it_answers_again() {
    let proxy = Proxy::start().await;
    let service = proxy.service().await;
    let account = service.account("alice@example.com").await;
    proxy.fall_silent();
    let begun = Instant::now();
    let (me, register, health) = tokio::join!(
        service.me(&account.tokens.access),
        service.register("bob@example.com", PASSWORD),
        service.get("/healthz").send(),
    );
    assert_problem(&me, 503, "database_unavailable");
    assert_problem(&register, 503, "database_unavailable");
    assert_eq!(health.status, 200);
    // The timeout for a new connection comes after the timeout of the statement on the old connection.
    assert!((5..13).contains(&begun.elapsed().as_secs()), "expected 503 after 5 s: {:?}", begun.elapsed());
    proxy.heal();
    let token = &account.tokens.access;
    within(RECOVERY, "200", async || service.me(token).await.status == 200).await;
}

//! A network that fails between the service and Postgres.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use users_tests::{Barrier, PASSWORD, assert_problem};

use crate::proxy::Proxy;

/// How long it may take until the connections are gone that fell silent: the host's pool hands them on, and each is given up
/// after five seconds more.
const RECOVERY: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_change_whose_connection_is_cut_meanwhile_is_503_and_made_once_or_not_at_all() {
    let proxy = Proxy::start().await;
    let service = proxy.service().await;
    let account = service.account("alice@example.com").await;
    let barrier = Barrier::before(&service, "INSERT ON users").await;
    let register = service.register("bob@example.com", PASSWORD);
    let cut = async {
        barrier.until_one_waits().await;
        // The statement is under way, and nobody will hear of its end.
        proxy.cut();
    };
    let (answer, ()) = tokio::join!(register, cut);
    assert_problem(&answer, 503, "database_unavailable");
    service.me(&account.tokens.access).await.expect(200);
    barrier.raise().await;
    // Whether Postgres went on is not known to whoever was told 503: trying again tells.
    let again = service.register("bob@example.com", PASSWORD).await;
    assert!([201, 409].contains(&again.status), "{again:?}");
    assert_eq!(service.sql("SELECT count(*) FROM users WHERE email = 'bob@example.com'").await, ["1"]);
    service.login("bob@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_read_whose_connection_is_cut_meanwhile_is_made_again_on_another_one() {
    let proxy = Proxy::start().await;
    let service = proxy.service().await;
    let account = service.account("alice@example.com").await;
    let mut db = service.db().await;
    let lock = db.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let cut = async {
        let waits = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND wait_event_type = 'Lock'",
            service.database().name()
        );
        while service.database().admin(&waits).await != ["1"] {
            sleep(Duration::from_millis(5)).await;
        }
        proxy.cut();
        lock.rollback().await.unwrap();
    };
    let (answer, ()) = tokio::join!(service.me(&account.tokens.access), cut);
    answer.expect(200);
}

#[tokio::test]
async fn a_postgres_that_answers_slowly_slows_its_own_requests_only() {
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
async fn a_postgres_that_falls_silent_is_503_after_five_seconds_until_it_speaks_again() {
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
    // A new connection is tried as long as the statement on the old one.
    assert!((5..13).contains(&begun.elapsed().as_secs()), "expected 503 after 5 s: {:?}", begun.elapsed());
    proxy.heal();
    let deadline = Instant::now() + RECOVERY;
    while service.me(&account.tokens.access).await.status != 200 {
        assert!(Instant::now() < deadline, "expected 200 within {RECOVERY:?}");
    }
}

//! Postgres is killed under load and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use users_tests::{Answer, PASSWORD, Service, assert_problem, eventually};

/// The number of concurrent requests of each kind.
const WORKERS: u32 = 4;

/// Counts the answers of the load.
#[derive(Debug, Default)]
struct Seen {
    stop: AtomicBool,
    good: AtomicU32,
    unavailable: AtomicU32,
}

impl Seen {
    fn note(&self, answer: &Answer, success: u16) -> bool {
        if answer.status == success {
            self.good.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        assert_problem(answer, 503, "database_unavailable");
        self.unavailable.fetch_add(1, Ordering::Relaxed);
        false
    }

    fn counts(&self) -> (u32, u32) {
        (self.good.load(Ordering::Relaxed), self.unavailable.load(Ordering::Relaxed))
    }

    async fn until(&self, condition: &str, holds: impl Fn(u32, u32) -> bool) {
        eventually(condition, async || {
            let (good, unavailable) = self.counts();
            holds(good, unavailable)
        })
        .await;
    }
}

/// Registers accounts until `stop` is set. Returns the addresses of the acknowledged registrations.
async fn registrations(service: Arc<Service>, seen: Arc<Seen>, worker: u32) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if seen.stop.load(Ordering::Relaxed) {
            break;
        }
        let email = format!("user{number}.of{worker}@example.com");
        if seen.note(&service.register(&email, PASSWORD).await, 201) {
            acknowledged.push(email);
        }
    }
    acknowledged
}

/// Reads until `stop` is set.
async fn reads(service: Arc<Service>, seen: Arc<Seen>, token: String) -> Vec<String> {
    while !seen.stop.load(Ordering::Relaxed) {
        seen.note(&service.me(&token).await, 200);
    }
    Vec::new()
}

/// Measures the time until a read and a change succeed.
async fn recovery(service: &Service, token: &str, round: u32) -> Duration {
    let start = Instant::now();
    eventually("a read succeeds", async || service.me(token).await.status == 200).await;
    let mut attempt = 0;
    eventually("a change succeeds", async || {
        attempt += 1;
        let email = format!("probe{round}.{attempt}@example.com");
        service.register(&email, PASSWORD).await.status == 201
    })
    .await;
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_postgres_loses_no_acknowledged_registration() {
    let service = Arc::new(Service::builder().own_postgres().start().await);
    let token = service.account("reader@example.com").await.tokens.access;
    let seen = Arc::new(Seen::default());
    let mut load = JoinSet::new();
    for worker in 0..WORKERS {
        load.spawn(registrations(Arc::clone(&service), Arc::clone(&seen), worker));
        load.spawn(reads(Arc::clone(&service), Arc::clone(&seen), token.clone()));
    }
    for round in 0..2 {
        let (good, unavailable) = seen.counts();
        seen.until("the load runs", |now, _| now > good + 50).await;
        service.postgres().kill();
        seen.until("answers arrive while Postgres is down", |_, now| now > unavailable + 20).await;
        service.postgres().start().expect("Postgres starts again");
        let recovery = recovery(&service, &token, round).await;
        assert!(recovery < Duration::from_secs(2), "expected recovery within 2 s, took {recovery:?}");
    }
    seen.stop.store(true, Ordering::Relaxed);
    let mut acknowledged = Vec::new();
    while let Some(worker) = load.join_next().await {
        acknowledged.extend(worker.expect("the load saw nothing but success and 503"));
    }
    let stored = service.sql("SELECT email FROM users").await;
    let lost: Vec<&String> = acknowledged.iter().filter(|email| !stored.contains(email)).collect();
    assert!(!acknowledged.is_empty(), "expected some registrations");
    assert!(lost.is_empty(), "expected no acknowledged registration to be lost: {lost:?}");
}

#[tokio::test]
async fn a_restarted_postgres_is_used_again() {
    let service = Service::builder().own_postgres().start().await;
    let account = service.account("alice@example.com").await;
    service.postgres().restart().expect("Postgres restarts");
    service.me(&account.tokens.access).await.expect(200);
    service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_crash_of_postgres_loses_the_counts_of_attempts_and_nothing_else() {
    let service =
        Service::builder().own_postgres().variable("limit_password_failures", "2/10m").start().await;
    let account = service.account("alice@example.com").await;
    let guess = async || service.try_login("bob@example.com", "not the password").await.status;
    assert_eq!([guess().await, guess().await, guess().await], [401, 401, 429]);
    let kept = "SELECT u FROM users u; SELECT k FROM known_addresses k; SELECT sum(logins) FROM login_hours";
    let before = service.sql(kept).await;
    service.postgres().kill();
    service.postgres().start().expect("Postgres starts again");
    eventually("a read succeeds", async || service.me(&account.tokens.access).await.status == 200).await;
    assert_eq!(service.sql("SELECT count(*) FROM limits").await, ["0"]);
    assert_eq!(service.sql(kept).await, before);
    assert_eq!([guess().await, guess().await, guess().await], [401, 401, 429]);
    service.login("alice@example.com", PASSWORD).await;
}

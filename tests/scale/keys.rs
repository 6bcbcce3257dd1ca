//! Runs `usersctl migrate upgrade` on many accounts from the previous release, while the service runs.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use users_tests::{PASSWORD, Service, environment, eventually};

/// The last migration before the keys were added.
const BEFORE: i64 = 12;
const ACCOUNTS: usize = 100_000;
/// The maximum time that a request may wait. After it, a component cancels the statement.
const LONGEST: Duration = Duration::from_secs(5);

/// True once the first batch of accounts has keys. The column may be missing before that.
const BEGUN: &str = "SELECT count(*) FROM users u WHERE id = 1 AND to_jsonb(u)->>'search_text' IS NOT NULL";
const FILLED: &str = "SELECT count(*) FROM users WHERE email_key IS NOT NULL AND search_text IS NOT NULL";

#[tokio::test]
async fn keys_are_computed_while_clients_are_active_and_after_a_kill() {
    let service = Service::start().await;
    println!("{}", service.database().usersctl(&["seed", "--users", &ACCOUNTS.to_string()]));
    let later = format!("SELECT count(*) FROM users_schema_migrations WHERE version > {BEFORE}");
    let later = service.sql(&later).await.remove(0);
    println!("{}", service.database().usersctl(&["migrate", "downgrade", &later]));

    let mut run = upgrade(&service);
    eventually("the first accounts have keys", async || service.sql(BEGUN).await == ["1"]).await;
    run.kill().expect("it still runs");
    run.wait().expect("it was started");
    let filled: usize = service.sql(FILLED).await[0].parse().expect("a number");
    assert!((1..ACCOUNTS).contains(&filled), "expected a run that was killed in the middle: {filled}");

    let administrator = service.account("administrator@example.com").await;
    service.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", administrator.id)).await;
    let (mut longest, mut rounds) = (Duration::ZERO, 0);
    let mut run = upgrade(&service);
    let status = loop {
        let begun = Instant::now();
        service.login("administrator@example.com", PASSWORD).await;
        let search = service.get("/users/?search=okafor&limit=50").bearer(&administrator.tokens.access);
        search.send().await.expect(200);
        service.sql("UPDATE users SET updated_at = updated_at WHERE id % 10000 = 0").await;
        longest = longest.max(begun.elapsed());
        rounds += 1;
        if let Some(status) = run.try_wait().expect("it was started") {
            break status;
        }
    };
    println!("{rounds} rounds of requests beside the computation; the longest took {longest:?}");
    assert!(status.success(), "{status}");
    assert!(longest < LONGEST, "expected no long lock: {longest:?}");
    let left = "SELECT count(*) FROM users WHERE email_key IS NULL OR search_text IS NULL";
    assert_eq!(service.sql(left).await, ["0"]);
}

fn upgrade(service: &Service) -> Child {
    Command::new(&environment().ctl)
        .args(["migrate", "upgrade"])
        .env("DATABASE_URL", service.database().url())
        .stdout(Stdio::null())
        .spawn()
        .expect("usersctl runs")
}

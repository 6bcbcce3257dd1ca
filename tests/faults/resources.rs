//! Exhausted resources: connections to Postgres, disk space of Postgres, and sockets.

use std::time::Duration;

use futures::future::join_all;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use users_tests::{HostKind, PASSWORD, Service, assert_problem, environment, statements_wait, within};

/// The number of connections in the pool of a component.
const POOL: usize = 64;
/// The number of clients that send nothing or send slowly.
const IDLE_CLIENTS: u64 = 10_000;
/// The number of clients that announce a body and never send it. A component serves fewer requests at once.
const STALLED: usize = 100;
/// The number of file descriptors for other purposes.
const OTHERS: u64 = 500;

#[tokio::test]
async fn more_statements_than_connections_wait_or_are_503() {
    let service = Service::builder().one_request_per_instance().start().await;
    let account = service.account("alice@example.com").await;
    let mut db = service.db().await;
    let lock = db.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    // Each request has its own instance and its own connection. The last requests get no connection.
    let asked = (0..POOL + 8).map(|_| service.me(&account.tokens.access));
    let waiting = service.db().await;
    let health = async {
        statements_wait(&waiting, i64::try_from(POOL).expect("a small number")).await;
        timeout(Duration::from_secs(2), service.get("/healthz").send()).await.expect("an answer in time")
    };
    let (answers, health) = tokio::join!(join_all(asked), health);
    for answer in &answers {
        assert_problem(answer, 503, "database_unavailable");
    }
    assert_eq!(health.status, 200);
    lock.rollback().await.unwrap();
    let token = &account.tokens.access;
    within(Duration::from_secs(5), "200", async || service.me(token).await.status == 200).await;
    let answers = join_all((0..POOL + 8).map(|_| service.me(&account.tokens.access))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "expected every request to be answered");
}

/// Postgres reports a full disk with SQLSTATE 53100. A trigger raises that error.
#[tokio::test]
async fn a_full_disk_is_503_for_changes_and_reads_go_on() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service
        .sql(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
             END $$;
             CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION full_disk();
             CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION full_disk()",
        )
        .await;
    let refused = service.register("bob@example.com", PASSWORD).await;
    assert_problem(&refused, 503, "database_unavailable");
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    assert_problem(&service.try_login("alice@example.com", PASSWORD).await, 503, "database_unavailable");
    service.me(&account.tokens.access).await.expect(200);
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["1"]);
    service.sql("DROP TRIGGER full_disk ON users; DROP TRIGGER full_disk ON sessions").await;
    service.register("bob@example.com", PASSWORD).await.expect(201);
    service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_idle_and_slow_clients_do_not_block_others() {
    if environment().host_kind == HostKind::Spin {
        // Spin has no such limit: host/README.md names this exception of the embedded host.
        return;
    }
    let clients = IDLE_CLIENTS.min(open_files().saturating_sub(OTHERS));
    println!("{clients} clients");
    assert!(clients >= 1_000, "raise the limit of open files (ulimit -n): {clients} clients are too few");
    let service = Service::builder().argument("--max-connections=20000").start().await;
    let account = service.account("alice@example.com").await;
    let mut crowd = Vec::new();
    for number in 0..clients {
        let mut client = TcpStream::connect(service.address()).await.expect("the host takes connections");
        if number % 2 == 0 {
            // Sends only the start of a request.
            client.write_all(b"GET /auth/me HTTP/1.1\r\nHost: ").await.expect("the host reads");
        }
        crowd.push(client);
    }
    for _ in 0..20 {
        let start = Instant::now();
        service.me(&account.tokens.access).await.expect(200);
        assert!(
            start.elapsed() < Duration::from_secs(1),
            "expected an answer within 1 s: {:?}",
            start.elapsed()
        );
    }
    // A client that sends slowly gets its answer.
    let mut slow = TcpStream::connect(service.address()).await.expect("the host takes connections");
    for piece in "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".as_bytes().chunks(4) {
        slow.write_all(piece).await.expect("the host reads");
        sleep(Duration::from_millis(20)).await;
    }
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.expect("the host answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn clients_that_never_send_their_bodies_do_not_block_others() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let mut crowd = Vec::new();
    for _ in 0..STALLED {
        let mut client = TcpStream::connect(service.address()).await.expect("the host takes connections");
        let head = "POST /auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n";
        client.write_all(head.as_bytes()).await.expect("the host reads");
        crowd.push(client);
    }
    let start = Instant::now();
    for _ in 0..20 {
        service.me(&account.tokens.access).await.expect(200);
    }
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(2), "expected twenty answers within 2 s: {elapsed:?}");
}

/// Raises the limit of open files to the highest value that the system allows, for this process and its children. Returns the
/// limit.
fn open_files() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum.unwrap_or(u64::MAX),
        Err(_) => limit.current.unwrap_or(u64::MAX),
    }
}

//! The interfaces that the host offers to components, and faulty components.

use std::time::{Duration, Instant};

use futures::future::join_all;
use users_tests::{Answer, HostKind, ROLE, Service, assert_problem, environment};

pub(crate) const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "probe"
version = "0.1.0"
[variables]
db_host = { required = true }
db_port = { required = true }
secret_of_others = { default = "nobody's business" }
[[trigger.http]]
route = "/..."
component = "probe"
[component.probe]
source = "target/wasm/wasm32-wasip2/component/probe.wasm"
allowed_outbound_hosts = ["postgres://{{ db_host }}:{{ db_port }}"]
[component.probe.variables]
known = "at {{ db_host }}"
"#;

async fn probe() -> Service {
    Service::builder().manifest(MANIFEST).start().await
}

/// Asserts that the answer is the one for a failed instance.
pub(crate) fn assert_failed(answer: &Answer) {
    match environment().host_kind {
        HostKind::Embedded => assert_problem(answer, 500, "internal_error"),
        // Spin's answer has no body.
        HostKind::Spin => assert_eq!(answer.status, 500, "{answer:#?}"),
    }
}

async fn assert_alive(service: &Service) {
    assert_eq!(service.get("/fine").send().await.expect(200).body, "fine");
}

#[tokio::test]
async fn a_trap_fails_its_request_and_the_service_stays_alive() {
    let service = probe().await;
    assert_failed(&service.get("/trap").id("trapped").send().await);
    assert_alive(&service).await;
}

#[tokio::test]
async fn an_endless_guest_is_stopped_at_the_deadline_while_others_are_answered() {
    if environment().host_kind == HostKind::Spin {
        // Spin never interrupts a guest: host/README.md names this exception of the embedded host.
        return;
    }
    let service = Service::builder().manifest(MANIFEST).argument("--request-timeout=2s").start().await;
    assert_alive(&service).await;
    let started = Instant::now();
    let (stopped, ()) = tokio::join!(service.get("/loop").send(), async {
        while started.elapsed() < Duration::from_secs(1) {
            assert_alive(&service).await;
        }
    });
    assert_failed(&stopped);
    let elapsed = started.elapsed();
    assert!((2..6).contains(&elapsed.as_secs()), "expected the loop to end after 2 s, not {elapsed:?}");
    assert_alive(&service).await;
}

#[tokio::test]
async fn a_guest_is_stopped_at_its_memory_limit() {
    if environment().host_kind == HostKind::Spin {
        // Spin has no limit by default: host/README.md names this exception of the embedded host.
        return;
    }
    let service = probe().await;
    assert_failed(&service.get("/hoard").send().await);
    assert_alive(&service).await;
}

#[tokio::test]
async fn a_component_sees_only_its_own_variables() {
    let service = probe().await;
    for (name, expected) in [
        ("known", "value at 127.0.0.1"),
        ("secret_of_others", "undefined"),
        ("db_host", "undefined"),
        ("unheard_of", "undefined"),
        ("Not-A-Name", "invalid-name"),
    ] {
        assert_eq!(
            service.get(&format!("/variable/{name}")).send().await.expect(200).body,
            expected,
            "{name}"
        );
    }
}

#[tokio::test]
async fn postgres_is_reached_if_allowed_and_types_work_as_in_spin() {
    let service = probe().await;
    let address = |host: &str, port: &str| address(&service, host, port);
    let port = variable(&service, "db_port");
    let allowed = address("127.0.0.1", &port);
    for (address, statement, expected) in [
        (allowed.as_str(), "SELECT 1", "rows 1"),
        (&allowed, "SELECT n::text FROM generate_series(1, 500) n", "rows 500"),
        (
            &allowed,
            "SELECT now() AT TIME ZONE 'UTC', '1 day'::interval, '{}'::jsonb, '{a}'::text[]",
            "rows 1",
        ),
        // The host decodes the value as a timestamp without a zone.
        (&allowed, "SELECT now()", "query-failed"),
        (&allowed, "SELECT * FROM nowhere", "db-error 42P01"),
        (&allowed, "SELECT 1 / 0", "db-error 22012"),
        (&allowed, "SELECT", "rows 1"),
        (&address("127.0.0.1", "1"), "SELECT 1", "connection-failed"),
        (&address("localhost", &port), "SELECT 1", "connection-failed"),
        (&allowed.replace("user=", "user=nobody_"), "SELECT 1", "connection-failed"),
        ("no address", "SELECT 1", "connection-failed"),
    ] {
        let answer =
            service.post("/query").body("text/plain", format!("{address}\n{statement}")).send().await;
        assert_eq!(answer.expect(200).body, expected, "{address}: {statement}");
    }
}

#[tokio::test]
async fn a_value_must_have_the_type_that_the_statement_expects() {
    let service = probe().await;
    let address = address(&service, "127.0.0.1", &variable(&service, "db_port"));
    let run = async |statement: &str| {
        let body = format!("{address}\n{statement}");
        service.post("/query/int4").body("text/plain", body).send().await.expect(200).body
    };
    let table = format!("CREATE TABLE numbers AS SELECT 1 AS number; GRANT ALL ON numbers TO {ROLE}");
    service.sql(&table).await;
    assert_eq!(run("SELECT number FROM numbers WHERE number = $1").await, "rows 1");
    assert_eq!(run("UPDATE numbers SET number = $1").await, "rows 0");
    assert_eq!(run("SELECT $1::int4, $1::int4 / 0").await, "db-error 22012");
    assert_eq!(run("SELECT $1::int8").await, "query-failed", "the value is an int4");
    assert_eq!(run("SELECT $1::int4, $2::int4").await, "query-failed", "a value is missing");
    // A migration may change the type of a column while components run.
    service.sql("ALTER TABLE numbers ALTER number TYPE text USING number::text").await;
    assert_eq!(run("SELECT number FROM numbers WHERE number = $1").await, "query-failed");
}

#[tokio::test]
async fn a_long_answer_with_an_enum_is_read_on_every_connection() {
    let service = Service::builder().manifest(MANIFEST).one_request_per_instance().start().await;
    let moods = "CREATE TYPE mood AS ENUM ('calm');
        CREATE TABLE moods AS SELECT 'calm'::mood AS mood, repeat('x', 200) AS note FROM generate_series(1, 5000);";
    service.sql(&format!("{moods} GRANT ALL ON moods TO {ROLE}")).await;
    let address = address(&service, "127.0.0.1", &variable(&service, "db_port"));
    let body = format!("{address}\nSELECT mood, note FROM moods");
    for _ in 0..3 {
        let asked = (0..4).map(|_| service.post("/query").body("text/plain", body.clone()).send());
        for answer in join_all(asked).await {
            assert_eq!(answer.expect(200).body, "rows 5000");
        }
    }
}

/// A variable of the database.
fn variable(service: &Service, name: &str) -> String {
    let variables = service.database().variables();
    variables.into_iter().find(|(it, _)| it == name).map(|(_, value)| value).unwrap()
}

fn address(service: &Service, host: &str, port: &str) -> String {
    let value = |name: &str| variable(service, name);
    let password = value("db_password").replace('\\', "\\\\").replace('\'', "\\'");
    format!(
        "host={host} port={port} user={} password='{password}' dbname={} sslmode=disable",
        value("db_user"),
        value("db_name")
    )
}

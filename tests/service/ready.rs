//! `GET /readyz`

use std::net::{Ipv6Addr, TcpListener};
use std::time::Duration;

use serde_json::json;
use users_tests::{Answer, PASSWORD, Service, assert_common_headers, assert_problem, within};

const NEW: &str = "a stapled battery of horses";

#[track_caller]
fn assert_not_ready(answer: &Answer) {
    assert_problem(answer, 503, "database_unavailable");
    assert_eq!(answer.json()["detail"], "db not ready", "{answer:#?}");
}

#[tokio::test]
async fn readyz_is_ready_with_the_newest_schema() {
    let service = Service::start().await;
    let answer = service.get("/readyz").send().await.expect(200);
    assert_common_headers(&answer);
    assert_eq!(answer.json(), json!({"status": "ready"}));
}

#[tokio::test]
async fn readyz_is_503_while_postgres_is_down() {
    let service = Service::builder().without_postgres().start().await;
    assert_not_ready(&service.get("/readyz").send().await);
}

#[tokio::test]
async fn readyz_is_503_before_the_first_migration() {
    let service = Service::builder().without_schema().start().await;
    assert_not_ready(&service.get("/readyz").send().await);
    let _ = service.database().usersctl(&["migrate", "upgrade"]);
    service.get("/readyz").send().await.expect(200);
}

#[tokio::test]
async fn readyz_is_503_with_a_database_that_is_not_utf_8() {
    let latin1 = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'";
    let service = Service::builder().empty_database(latin1).start().await;
    assert_not_ready(&service.get("/readyz").id("latin1").send().await);
    let _ = service.logs().of_request("latin1").await;
    let log = service.logs().text();
    assert!(log.contains("LATIN1") && log.contains("TEMPLATE template0 ENCODING 'UTF8'"), "{log}");
}

#[tokio::test]
async fn readyz_is_503_while_one_migration_is_missing() {
    let service = Service::start().await;
    service.get("/readyz").send().await.expect(200);
    let _ = service.database().usersctl(&["migrate", "downgrade"]);
    assert_not_ready(&service.get("/readyz").send().await);
    let _ = service.database().usersctl(&["migrate", "upgrade"]);
    service.get("/readyz").send().await.expect(200);
}

#[tokio::test]
async fn readyz_is_503_while_a_migration_is_interrupted() {
    let service = Service::start().await;
    let newest = "version = (SELECT max(version) FROM users_schema_migrations)";
    service.sql(&format!("UPDATE users_schema_migrations SET success = false WHERE {newest}")).await;
    assert_not_ready(&service.get("/readyz").send().await);
}

/// The previous release keeps serving while the migrations of the next release run (docs/ARCHITECTURE.md#invariants, 9).
#[tokio::test]
async fn readyz_is_ready_with_a_newer_schema() {
    let service = Service::start().await;
    let newer = "SELECT 9999, 'newer', now(), true, checksum, 1 FROM users_schema_migrations LIMIT 1";
    let columns = "version, description, installed_on, success, checksum, execution_time";
    service.sql(&format!("INSERT INTO users_schema_migrations ({columns}) {newer}")).await;
    service.get("/readyz").send().await.expect(200);
}

#[tokio::test]
async fn readyz_is_ready_within_two_seconds_after_postgres_is_back() {
    let service = Service::builder().own_postgres().start().await;
    service.get("/readyz").send().await.expect(200);
    service.postgres().kill();
    assert_not_ready(&service.get("/readyz").send().await);
    service.postgres().start().expect("Postgres starts again");
    let is_ready = async || service.get("/readyz").send().await.status == 200;
    within(Duration::from_secs(2), "200", is_ready).await;
}

/// After a failover, the address may still lead to the server that has become a standby.
#[tokio::test]
async fn readyz_and_changes_are_503_on_a_standby_until_it_is_promoted() {
    let service = Service::builder().own_postgres().with_limits().start().await;
    service.get("/readyz").send().await.expect(200);
    let alice = service.account("alice@example.com").await;
    let token = service.link("password_reset", alice.id, &alice.email).await;
    service.postgres().restart_as_standby().expect("Postgres starts again");
    let answer = service.get("/readyz").id("on-a-standby").send().await;
    assert_not_ready(&answer);
    let log = service.logs().of_request("on-a-standby").await;
    assert!(log.causes().iter().any(|cause| cause.contains("standby")), "{log:#?}");
    // A standby cannot even read the counts of attempts and the slots for hashes.
    for answer in [
        service.try_login(&alice.email, PASSWORD).await,
        service.register("bob@example.com", PASSWORD).await,
        service.post("/auth/password/forgot").json(&json!({"email": alice.email})).send().await,
        service.post("/auth/password/reset").json(&json!({"token": token, "new_password": NEW})).send().await,
        service.refresh(&alice.tokens.refresh).await,
    ] {
        assert_problem(&answer, 503, "database_unavailable");
    }
    service.database().admin("SELECT pg_promote()").await;
    service.get("/readyz").send().await.expect(200);
    service.login(&alice.email, PASSWORD).await;
}

#[tokio::test]
async fn postgres_is_reached_by_an_ipv6_address() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        eprintln!("this machine has no IPv6");
        return;
    }
    let service = Service::builder().own_postgres_on_ipv6().start().await;
    service.get("/readyz").send().await.expect(200);
    service.account("alice@example.com").await;
}

#[tokio::test]
async fn readyz_needs_no_token_secret() {
    let service = Service::builder().variable("jwt_secret", "short").start().await;
    service.get("/readyz").send().await.expect(200);
}

//! Connections to Postgres that break or are refused.

use std::time::Duration;

use users_tests::{APPLICATION, PASSWORD, Service, assert_problem, within};

/// Ends every connection of the service, like an operator or a failover.
async fn terminate(service: &Service) -> usize {
    let name = service.database().name();
    let statement = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = '{name}' AND application_name = '{APPLICATION}'"
    );
    service.sql(&statement).await.len()
}

#[tokio::test]
async fn a_read_succeeds_after_its_connection_was_terminated() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for round in 0..5 {
        service.me(&account.tokens.access).await.expect(200);
        assert!(terminate(&service).await > 0, "round {round}: expected a connection to terminate");
        service.me(&account.tokens.access).await.expect(200);
        service.get("/readyz").send().await.expect(200);
    }
}

#[tokio::test]
async fn a_change_on_a_terminated_connection_succeeds_or_is_503() {
    let service = Service::start().await;
    for number in 0..5 {
        service.register(&format!("before{number}@example.com"), PASSWORD).await.expect(201);
        assert!(terminate(&service).await > 0, "expected a connection to terminate");
        let email = format!("after{number}@example.com");
        let answer = service.register(&email, PASSWORD).await;
        if answer.status != 201 {
            assert_problem(&answer, 503, "database_unavailable");
        }
        let stored = service.sql(&format!("SELECT count(*) FROM users WHERE email = '{email}'")).await;
        assert!(answer.status != 201 || stored == ["1"], "expected no acknowledged account to be lost");
        service.register(&format!("later{number}@example.com"), PASSWORD).await.expect(201);
    }
}

#[tokio::test]
async fn a_database_out_of_connections_is_503_until_one_is_free() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let limit = |limit: i32| format!("ALTER DATABASE {} CONNECTION LIMIT {limit}", service.database().name());
    service.database().admin(&limit(0)).await;
    terminate(&service).await;
    assert_problem(&service.me(&account.tokens.access).await, 503, "database_unavailable");
    assert_problem(&service.register("bob@example.com", PASSWORD).await, 503, "database_unavailable");
    assert_problem(&service.get("/readyz").send().await, 503, "database_unavailable");
    service.get("/healthz").send().await.expect(200);
    service.database().admin(&limit(-1)).await;
    let token = &account.tokens.access;
    within(Duration::from_secs(2), "200", async || service.me(token).await.status == 200).await;
}

#[tokio::test]
async fn routes_that_need_postgres_are_503_without_it() {
    let service = Service::builder().without_postgres().start().await;
    let body = serde_json::json!({"refresh_token": "x"});
    for answer in [
        service.register("alice@example.com", PASSWORD).await,
        service.try_login("alice@example.com", PASSWORD).await,
        service.post("/auth/refresh").id("refresh").json(&body).send().await,
        service.get("/readyz").send().await,
    ] {
        assert_problem(&answer, 503, "database_unavailable");
    }
    let log = service.logs().of_request("refresh").await;
    assert!(!log.causes().is_empty(), "expected the cause in the log: {log:#?}");
}

#[tokio::test]
async fn refusals_that_need_no_postgres_work_without_it() {
    let service = Service::builder().without_postgres().start().await;
    assert_problem(&service.get("/auth/me").send().await, 401, "not_authenticated");
    assert_problem(&service.me("x.y.z").await, 401, "invalid_token");
    assert_problem(&service.register("nobody", "short").await, 422, "validation_failed");
    assert_problem(&service.get("/auth/nope").send().await, 404, "not_found");
}

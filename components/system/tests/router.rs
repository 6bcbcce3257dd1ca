//! The router of the component, run natively against a real Postgres.

use std::collections::BTreeMap;

use system::{NAME, routes};
use users_testing::{Client, TestDatabase, assert_every_route_has_its_row};

async fn client(variables: &BTreeMap<String, String>) -> Client {
    Client(system::component(variables).await.unwrap())
}

/// The variables of every component, which name no database.
fn surroundings() -> BTreeMap<String, String> {
    let variables = [
        ("trusted_proxies", ""),
        ("proxy_header", "x-forwarded-for"),
        ("cors_origins", ""),
        ("blocked_addresses", ""),
    ];
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[tokio::test]
async fn the_service_is_ready_once_every_migration_is_applied() {
    let database = TestDatabase::create().await;
    let client = client(&database.component_of(NAME)).await;
    assert_eq!(client.get("/readyz", None).await.expect(200).text("status"), "ready");
    for (failure, repair) in [
        (
            "UPDATE users_schema_migrations SET success = false WHERE version = 1",
            "UPDATE users_schema_migrations SET success = true",
        ),
        (
            "UPDATE users_schema_migrations SET version = 1000 WHERE version = 1",
            "UPDATE users_schema_migrations SET version = 1 WHERE version = 1000",
        ),
        (
            "ALTER TABLE users_schema_migrations RENAME TO elsewhere",
            "ALTER TABLE elsewhere RENAME TO users_schema_migrations",
        ),
    ] {
        database.sql(failure).await;
        assert_eq!(client.get("/readyz", None).await.expect(503).text("detail"), "db not ready", "{failure}");
        database.sql(repair).await;
        client.get("/readyz", None).await.expect(200);
    }
}

#[tokio::test]
async fn the_table_of_another_application_does_not_make_the_service_ready() {
    let database = TestDatabase::create().await;
    database.sql("ALTER TABLE users_schema_migrations RENAME TO _sqlx_migrations").await;
    let client = client(&database.component_of(NAME)).await;
    assert_eq!(client.get("/readyz", None).await.expect(503).text("detail"), "db not ready");
}

#[tokio::test]
async fn the_service_is_not_ready_on_a_read_only_database() {
    let database = TestDatabase::create().await;
    let set = format!("ALTER DATABASE {} SET default_transaction_read_only", database.name());
    for (value, status) in [("on", 503), ("off", 200)] {
        database.admin(&format!("{set} = {value}")).await;
        // A setting of the database only applies to new connections.
        let client = client(&database.component_of(NAME)).await;
        client.get("/readyz", None).await.expect(status);
    }
}

#[tokio::test]
async fn routes_without_a_database_work_without_its_settings() {
    let client = client(&surroundings()).await;
    assert_eq!(client.get("/healthz", None).await.expect(200).text("status"), "ok");
    assert_eq!(client.get("/", None).await.expect(200).text("name"), "users");
    assert_eq!(client.get("/readyz", None).await.expect(503).text("code"), "database_unavailable");
    assert_eq!(client.get("/nowhere", None).await.expect(404).text("code"), "not_found");
}

#[tokio::test]
async fn a_list_that_cannot_be_used_is_refused_by_its_name() {
    for (name, value) in [
        ("trusted_proxies", "ingress-nginx"),
        ("proxy_header", "x-real-ip"),
        ("cors_origins", "https://app.example.com/"),
        ("blocked_addresses", "10.0.0.1/8"),
    ] {
        let mut variables = surroundings();
        variables.insert(name.to_owned(), value.to_owned());
        let problem = system::component(&variables).await.expect_err("the value cannot be used");
        assert!(
            problem.cause().is_some_and(|it| it.contains(&format!("the variable {name} "))),
            "{problem:?}"
        );
    }
}

#[test]
fn every_route_has_its_row_in_the_table_of_rights() {
    assert_every_route_has_its_row(NAME, &routes());
}

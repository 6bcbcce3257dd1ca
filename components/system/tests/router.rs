//! The whole router of the component, on this machine, against a real Postgres.

use system::{App, NAME, routes};
use users_testing::{Client, TestDatabase, assert_every_route_has_its_row};
use users_web::{Component, Problem};

fn client(app: App) -> Client {
    Client(Component::new(NAME, routes(), app))
}

#[tokio::test]
async fn the_service_is_ready_once_every_needed_migration_was_applied() {
    let database = TestDatabase::create().await;
    let client = client(App::new(Ok(database.settings())));
    assert_eq!(client.get("/readyz", None).await.expect(503).text("detail"), "db not ready");

    database.sql("CREATE TABLE _sqlx_migrations (version bigint, success boolean)").await;
    database.sql("INSERT INTO _sqlx_migrations SELECT n, true FROM generate_series(2, 1000) n").await;
    client.get("/readyz", None).await.expect(503);
    database.sql("INSERT INTO _sqlx_migrations VALUES (1, false)").await;
    client.get("/readyz", None).await.expect(503);
    database.sql("UPDATE _sqlx_migrations SET success = true").await;
    assert_eq!(client.get("/readyz", None).await.expect(200).text("status"), "ready");
}

#[tokio::test]
async fn what_needs_no_database_works_without_usable_settings() {
    let client = client(App::new(Err(Problem::internal("the variable db_port must be a TCP port"))));
    assert_eq!(client.get("/healthz", None).await.expect(200).text("status"), "ok");
    assert_eq!(client.get("/", None).await.expect(200).text("name"), "users");
    assert_eq!(client.get("/readyz", None).await.expect(503).text("code"), "database_unavailable");
    assert_eq!(client.get("/nowhere", None).await.expect(404).text("code"), "not_found");
}

#[test]
fn every_route_has_its_row_in_the_table_of_rights() {
    assert_every_route_has_its_row(NAME, &routes());
}

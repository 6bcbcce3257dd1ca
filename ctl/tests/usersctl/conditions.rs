//! `usersctl migrate` on unsuitable servers and databases.

use local_postgres::{Binaries, Cluster, Settings};

use crate::fixture::{Database, count_in, text, usersctl};

/// The statement that an error recommends.
fn remedy(error: &str) -> &str {
    error.split('`').nth(1).unwrap_or_else(|| panic!("expected a statement in {error}"))
}

/// The newest migration of the previous release.
const RELEASE_BEFORE: i64 = 11;

/// A database of the previous release. Its table of migrations has sqlx's name.
fn of_the_release_before() -> Database {
    let database = Database::new();
    database.upgrade_to(RELEASE_BEFORE);
    database.sql("ALTER TABLE users_schema_migrations RENAME TO _sqlx_migrations");
    database
}

#[test]
fn a_role_that_may_not_create_tables_learns_the_statements_that_mend_it() {
    let database = Database::new();
    // Postgres 15 gives this right to the owner of the database only.
    database.sql(&format!("ALTER DATABASE {} OWNER TO postgres", database.name()));
    let error = database.fails(&["migrate", "upgrade"]);
    assert!(error.contains("may not create tables in the schema public"), "{error}");
    assert_eq!(remedy(&error), "GRANT CREATE ON SCHEMA public TO users_tests;");
    database.sql(remedy(&error));
    let error = database.fails(&["migrate", "upgrade"]);
    assert_eq!(remedy(&error), "CREATE EXTENSION pg_trgm;", "{error}");
    database.sql(remedy(&error));
    database.ok(&["migrate", "upgrade"]);
    assert!(database.ok(&["migrate", "current"]).contains("(the newest)"));
}

#[test]
fn a_read_only_database_is_named_as_the_cause() {
    let database = Database::migrated();
    database.sql(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name()));
    let error = database.fails(&["migrate", "upgrade"]);
    assert!(error.contains("read-only"), "{error}");
    let other = database.fails(&["setup-rbac"]);
    assert!(other.contains("read-only") && !other.contains("connection"), "{other}");
    database.sql(&format!("SET transaction_read_only = off; {}", remedy(&error)));
    database.ok(&["migrate", "upgrade"]);
}

#[test]
fn a_standby_is_named_as_the_cause() {
    let mut cluster = Cluster::temporary(&Binaries::find().unwrap(), &Settings::for_tests()).unwrap();
    cluster.restart_as_standby().unwrap();
    let output =
        usersctl(&["migrate", "upgrade"]).env("DATABASE_URL", cluster.url("postgres")).output().unwrap();
    let error = text(&output.stderr);
    assert!(!output.status.success() && error.contains("standby"), "{error}");
    assert!(!error.contains("connection"), "{error}");
}

#[test]
fn pg_trgm_is_found_in_the_schema_where_it_is_installed() {
    let database = Database::new();
    database.sql("CREATE SCHEMA \"Our extensions\"; CREATE EXTENSION pg_trgm SCHEMA \"Our extensions\"");
    let error = database.fails(&["migrate", "upgrade"]);
    assert_eq!(remedy(&error), "GRANT USAGE ON SCHEMA \"Our extensions\" TO users_tests;", "{error}");
    database.sql(remedy(&error));
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(
        database.sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'users_search_idx'::regclass"),
        ["t"]
    );
    assert_eq!(database.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'Our extensions'"), [""; 0]);
    let names = |database: &Database| -> Vec<String> {
        // The text of the index names the operator class with its schema.
        let schema = database.schema().into_iter();
        schema.filter(|line| !line.contains("users_search_idx") && !line.contains("trgm")).collect()
    };
    assert_eq!(names(&database), names(&Database::migrated()));
}

#[test]
fn a_search_path_with_other_schemas_first_leaves_the_tables_in_public() {
    let database = Database::new();
    database.sql(&format!(
        "CREATE SCHEMA other; GRANT ALL ON SCHEMA other TO users_tests;
         ALTER DATABASE {} SET search_path = other, public",
        database.name()
    ));
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(
        database.sql("SELECT DISTINCT schemaname FROM pg_tables WHERE tableowner = 'users_tests'"),
        ["public"]
    );
    assert!(database.ok(&["migrate", "upgrade"]).starts_with("nothing to do"));
}

/// The service would never find the tables.
#[test]
fn a_search_path_without_public_is_refused_with_the_statement_that_helps() {
    let database = Database::new();
    let path = format!("ALTER DATABASE {} SET search_path = other", database.name());
    database.sql(&path);
    let error = database.fails(&["migrate", "upgrade"]);
    let remedy = remedy(&error).to_owned();
    assert!(remedy.ends_with("SET search_path = public;"), "{error}");
    database.sql(&remedy);
    database.ok(&["migrate", "upgrade"]);
    assert!(database.ok(&["migrate", "current"]).contains("(the newest)"));
}

#[test]
fn the_table_of_another_application_is_left_alone() {
    let database = Database::new();
    let foreign = "SELECT version, description, success, checksum FROM _sqlx_migrations ORDER BY version";
    database.sql(
        "CREATE TABLE _sqlx_migrations (
             version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL DEFAULT now(),
             success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL
         );
         INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT n, 'users', n <> 2, 'x', 1 FROM generate_series(1, 100) AS n;
         GRANT ALL ON _sqlx_migrations TO users_tests",
    );
    let before = database.sql(foreign);
    assert!(database.ok(&["migrate", "current"]).contains("no migration is applied"));
    assert!(database.ok(&["migrate", "upgrade"]).contains("applied 0001 users"));
    assert!(database.ok(&["migrate", "current"]).contains("(the newest)"));
    database.ok(&["migrate", "downgrade"]);
    assert_eq!(database.sql(foreign), before);
}

#[test]
fn a_table_that_cannot_be_read_or_has_other_columns_is_not_taken_for_ours() {
    for table in [
        "CREATE TABLE _sqlx_migrations (version bigint)",
        "CREATE TABLE _sqlx_migrations (id int, note text);
        INSERT INTO _sqlx_migrations VALUES (1, 'x'); GRANT ALL ON _sqlx_migrations TO users_tests",
    ] {
        let database = Database::new();
        database.sql(table);
        database.ok(&["migrate", "upgrade"]);
        assert!(database.ok(&["migrate", "upgrade"]).starts_with("nothing to do"));
    }
}

#[test]
fn the_table_of_the_release_before_is_carried_over() {
    let database = of_the_release_before();
    let versions =
        |table: &str| database.sql(&format!("SELECT version FROM {table} WHERE success ORDER BY version"));
    let before = versions("_sqlx_migrations");
    assert!(database.ok(&["migrate", "current"]).starts_with("0011 ("), "read before it is carried over");
    assert!(!database.ok(&["migrate", "history"]).contains("0001  not applied"));
    assert_eq!(versions("_sqlx_migrations"), before, "expected `current` and `history` to change nothing");

    let applied = count_in(&database.run_at_once(4, &["migrate", "upgrade"]), "applied ");
    let now = versions("users_schema_migrations");
    assert_eq!(now.len(), before.len() + applied);
    assert_eq!(now, versions("_sqlx_migrations"));
    assert!(database.ok(&["migrate", "current"]).contains("(the newest)"));
}

/// Runs the statements of replicas and of `usersctl` of the previous release, which may still be in use.
#[test]
fn the_release_before_works_through_its_former_table() {
    let database = of_the_release_before();
    database.sql("GRANT SELECT ON _sqlx_migrations TO pg_monitor");
    database.ok(&["migrate", "upgrade"]);
    let versions = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
    assert_eq!(
        database.sql(versions),
        database.sql("SELECT version FROM users_schema_migrations ORDER BY version")
    );
    let as_reader = format!("SET ROLE pg_monitor; {versions}");
    assert_eq!(database.sql(&as_reader), database.sql(versions));
    database.sql(
        "SET ROLE users_tests;
         CREATE TABLE IF NOT EXISTS _sqlx_migrations (
             version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL DEFAULT now(),
             success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL
         );
         INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'theirs', true, 'x', -1);
         UPDATE _sqlx_migrations SET execution_time = 7 WHERE version = 9999",
    );
    let theirs = "SELECT description, execution_time FROM users_schema_migrations
                   WHERE version = 9999 AND installed_on IS NOT NULL";
    assert_eq!(database.sql(theirs), ["theirs|7"]);
    database.sql("SET ROLE users_tests; DELETE FROM _sqlx_migrations WHERE version = 9999");
    assert_eq!(database.sql(theirs), [""; 0]);
}

//! `usersctl migrate`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::fixture::{Database, count_in, server_url, successful, text, usersctl};

/// A directory of migrations: a name, an up statement and a down statement for each.
fn directory(migrations: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, up, down) in migrations {
        fs::write(dir.path().join(format!("{name}.up.sql")), up).unwrap();
        fs::write(dir.path().join(format!("{name}.down.sql")), down).unwrap();
    }
    dir
}

fn arg(dir: &Path) -> &str {
    dir.to_str().unwrap()
}

const TABLE: (&str, &str, &str) = (
    "0001_table",
    "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 1000)",
    "DROP TABLE IF EXISTS t",
);
const COLUMN: (&str, &str, &str) =
    ("0002_column", "ALTER TABLE t ADD COLUMN b int", "ALTER TABLE t DROP COLUMN IF EXISTS b");
const INDEX: (&str, &str, &str) = (
    "0003_index",
    "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS t_a_idx ON t (a)",
    "-- no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS t_a_idx",
);

#[test]
fn an_upgrade_brings_the_newest_schema_and_a_second_one_changes_nothing() {
    let database = Database::new();
    assert!(database.ok(&["migrate", "current"]).contains("no migration is applied"));
    assert!(database.ok(&["migrate", "history"]).contains("0001  not applied"));
    assert!(database.sql("SELECT to_regclass('users_schema_migrations')::text WHERE to_regclass('users_schema_migrations') IS NOT NULL").is_empty(), "expected `current` and `history` to change nothing");

    assert!(database.ok(&["migrate", "upgrade"]).contains("applied 0001 users"));
    let schema = database.schema();
    assert!(schema.iter().any(|line| line.starts_with("users.email text NO")), "{schema:#?}");
    assert!(database.ok(&["migrate", "current"]).contains("(the newest)"));
    assert!(database.ok(&["migrate", "upgrade"]).starts_with("nothing to do"));
    assert_eq!(database.schema(), schema);
    assert!(!database.ok(&["migrate", "history"]).contains("not applied"));
}

#[test]
fn a_database_that_is_not_utf_8_is_refused_before_anything_else() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let database = Database::with(&format!("ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"));
        let error = database.fails(&["migrate", "upgrade"]);
        assert!(error.contains(encoding) && error.contains("TEMPLATE template0 ENCODING 'UTF8'"), "{error}");
        assert!(database.schema().is_empty(), "{:#?}", database.schema());
    }
}

#[test]
fn a_full_downgrade_and_an_upgrade_give_the_same_schema() {
    let database = Database::new();
    let output = database.ok(&["migrate", "upgrade"]);
    let applied = output.lines().filter(|line| line.starts_with("applied ")).count();
    let schema = database.schema();
    assert_eq!(database.ok(&["migrate", "downgrade", &applied.to_string()]).lines().count(), applied);
    assert!(
        database.schema().iter().all(|line| line.contains("users_schema_migrations")),
        "{:#?}",
        database.schema()
    );
    assert!(database.ok(&["migrate", "downgrade"]).starts_with("nothing to do"));
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(database.schema(), schema);
}

#[test]
fn every_migration_can_be_reverted_and_applied_one_by_one() {
    let database = Database::new();
    let mut schemas = BTreeMap::new();
    let applied = database.ok(&["migrate", "upgrade"]).lines().count();
    for version in (0..applied).rev() {
        schemas.insert(version + 1, database.schema());
        assert_eq!(database.ok(&["migrate", "downgrade"]).lines().count(), 1);
    }
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(Some(&database.schema()), schemas.get(&applied));
}

#[test]
fn concurrent_upgrades_apply_each_migration_once() {
    let database = Database::new();
    let applied = count_in(&database.run_at_once(4, &["migrate", "upgrade"]), "applied ");
    assert_eq!(
        applied.to_string(),
        database.sql("SELECT count(*)::text FROM users_schema_migrations").concat()
    );
}

#[test]
fn a_waiting_upgrade_does_not_block_a_concurrent_index() {
    let database = Database::new();
    let dir = directory(&[TABLE, COLUMN, INDEX]);
    let outputs = database.run_at_once(4, &["migrate", "--dir", arg(dir.path()), "upgrade"]);
    assert_eq!(count_in(&outputs, "applied "), 3);
    assert_eq!(
        database.sql("SELECT indisvalid::text FROM pg_index WHERE indexrelid = 't_a_idx'::regclass"),
        ["true"]
    );
}

#[test]
fn a_killed_upgrade_completes_when_it_is_run_again() {
    let database = Database::new();
    let dir = directory(&[TABLE, COLUMN]);
    let first = directory(&[TABLE]);
    database.ok(&["migrate", "--dir", arg(first.path()), "upgrade"]);
    database.kill_while_blocked_by(dir.path(), "LOCK TABLE t IN ACCESS SHARE MODE");
    assert!(database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]).contains("applied 0002"));
    assert_eq!(database.sql("SELECT count(*)::text FROM users_schema_migrations"), ["2"]);
}

#[test]
fn an_upgrade_killed_during_a_concurrent_index_completes_when_it_is_run_again() {
    let database = Database::new();
    let dir = directory(&[TABLE, COLUMN, INDEX]);
    let first = directory(&[TABLE, COLUMN]);
    database.ok(&["migrate", "--dir", arg(first.path()), "upgrade"]);
    database.kill_while_blocked_by(dir.path(), "UPDATE t SET a = a WHERE a = 1");
    database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
    assert_eq!(
        database.sql("SELECT indisvalid::text FROM pg_index WHERE indexrelid = 't_a_idx'::regclass"),
        ["true"]
    );
}

#[test]
fn an_interrupted_migration_is_run_again() {
    let database = Database::new();
    let dir = directory(&[TABLE, COLUMN, INDEX]);
    database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
    database.sql("UPDATE users_schema_migrations SET success = false WHERE version = 3");
    assert!(database.fails(&["migrate", "--dir", arg(dir.path()), "downgrade"]).contains("interrupted"));
    assert!(database.ok(&["migrate", "--dir", arg(dir.path()), "history"]).contains("0003  interrupted"));
    assert!(database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]).contains("applied 0003"));
}

#[test]
fn a_migration_changed_after_it_was_applied_is_refused() {
    let database = Database::new();
    let dir = directory(&[TABLE]);
    database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
    fs::write(dir.path().join("0001_table.up.sql"), "CREATE TABLE other (a int)").unwrap();
    assert!(database.fails(&["migrate", "--dir", arg(dir.path()), "upgrade"]).contains("0001 was changed"));
}

#[test]
fn an_older_usersctl_keeps_a_newer_schema() {
    let database = Database::new();
    let newer = directory(&[TABLE, COLUMN]);
    let older = directory(&[TABLE]);
    database.ok(&["migrate", "--dir", arg(newer.path()), "upgrade"]);
    let output = database.ok(&["migrate", "--dir", arg(older.path()), "upgrade"]);
    assert!(output.contains("the schema is at 0002, newer than this usersctl's 0001"), "{output}");
    assert!(
        database.ok(&["migrate", "--dir", arg(older.path()), "current"]).contains("newer than this usersctl")
    );
    // A migration that both releases have must be the same.
    fs::write(older.path().join("0001_table.up.sql"), "CREATE TABLE other (a int)").unwrap();
    assert!(database.fails(&["migrate", "--dir", arg(older.path()), "upgrade"]).contains("0001 was changed"));
}

#[test]
fn an_unknown_applied_migration_is_refused() {
    let database = Database::new();
    let both = directory(&[TABLE, COLUMN]);
    database.ok(&["migrate", "--dir", arg(both.path()), "upgrade"]);
    for file in ["0001_table.up.sql", "0001_table.down.sql"] {
        fs::remove_file(both.path().join(file)).unwrap();
    }
    assert!(database.fails(&["migrate", "--dir", arg(both.path()), "upgrade"]).contains("does not know"));
}

#[test]
fn a_failed_migration_is_undone_and_its_error_names_the_cause() {
    let database = Database::new();
    let dir = directory(&[("0001_bad", "CREATE TABLE half (a int); SELECT nothing_there", "")]);
    let error = database.fails(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
    assert!(error.contains("nothing_there") && error.contains("42703"), "{error}");
    assert!(database.sql("SELECT 'there' WHERE to_regclass('half') IS NOT NULL").is_empty());
}

#[test]
fn a_migration_stops_waiting_for_a_lock_after_a_few_seconds() {
    let database = Database::new();
    let dir = directory(&[TABLE, COLUMN]);
    let first = directory(&[TABLE]);
    database.ok(&["migrate", "--dir", arg(first.path()), "upgrade"]);
    database.while_blocked_by("LOCK TABLE t IN ACCESS SHARE MODE", || {
        let error = database.fails(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
        assert!(error.contains("run it again"), "{error}");
    });
    database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
}

#[test]
fn a_connection_error_is_one_sentence_without_the_password() {
    let run = |url: &str| {
        let output = usersctl(&["migrate", "current"]).env("DATABASE_URL", url).output().unwrap();
        assert!(!output.status.success());
        text(&output.stderr)
    };
    let closed = run("postgres://users:hunter2@127.0.0.1:9/users");
    assert!(closed.contains("cannot be reached") && !closed.contains("hunter2"), "{closed}");
    let (_, place) = server_url().rsplit_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let refused = run(&format!("postgres://postgres:hunter2@{place}"));
    assert!(refused.contains("user or password") && !refused.contains("hunter2"), "{refused}");
    let missing = run(&format!("{}_not_there", server_url()));
    assert!(missing.contains("no such database"), "{missing}");
}

#[test]
fn the_variables_of_the_service_name_the_database() {
    let database = Database::new();
    let output = usersctl(&["migrate", "upgrade"]).envs(database.variables()).output().unwrap();
    assert!(successful(&output).contains("applied 0001"));
}

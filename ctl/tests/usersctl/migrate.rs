//! `usersctl migrate` as an operator runs it: the built binary against a database of each test's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command};

use crate::fixture::{Database, kill_while_blocked_by, server, text, while_blocked_by};

/// A directory of migrations of the test's own, each a name and its up and down statement.
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
fn an_empty_database_gets_the_newest_schema_and_a_second_upgrade_changes_nothing() {
    let database = Database::new();
    assert!(database.ok(&["migrate", "current"]).contains("no migration is applied"));
    assert!(database.ok(&["migrate", "history"]).contains("0001  not applied"));
    assert!(database.all("SELECT to_regclass('_sqlx_migrations')::text WHERE to_regclass('_sqlx_migrations') IS NOT NULL").is_empty(), "looking changes nothing");

    assert!(database.ok(&["migrate", "upgrade"]).contains("applied 0001 users"));
    let schema = database.schema();
    assert!(schema.iter().any(|line| line.starts_with("users.email text NO")), "{schema:#?}");
    assert!(database.ok(&["migrate", "current"]).contains("(the newest)"));
    assert!(database.ok(&["migrate", "upgrade"]).starts_with("nothing to do"));
    assert_eq!(database.schema(), schema);
    assert!(!database.ok(&["migrate", "history"]).contains("not applied"));
}

#[test]
fn all_the_way_down_and_up_again_gives_the_same_schema() {
    let database = Database::new();
    let applied = database.ok(&["migrate", "upgrade"]).lines().count();
    let schema = database.schema();
    assert_eq!(database.ok(&["migrate", "downgrade", &applied.to_string()]).lines().count(), applied);
    assert!(
        database.schema().iter().all(|line| line.contains("_sqlx_migrations")),
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
fn two_upgrades_at_once_do_not_collide() {
    let database = Database::new();
    let runs: Vec<Child> = (0..4).map(|_| database.start(&["migrate", "upgrade"])).collect();
    let applied: usize = runs
        .into_iter()
        .map(|run| run.wait_with_output().unwrap())
        .inspect(|said| assert!(said.status.success(), "{}", text(&said.stderr)))
        .map(|said| text(&said.stdout).matches("applied ").count())
        .sum();
    assert_eq!(applied.to_string(), database.all("SELECT count(*)::text FROM _sqlx_migrations").concat());
}

#[test]
fn an_upgrade_that_waits_its_turn_does_not_hold_up_a_concurrent_index() {
    let database = Database::new();
    let dir = directory(&[TABLE, COLUMN, INDEX]);
    let runs: Vec<Child> =
        (0..4).map(|_| database.start(&["migrate", "--dir", arg(dir.path()), "upgrade"])).collect();
    for run in runs {
        let said = run.wait_with_output().unwrap();
        assert!(said.status.success(), "{}", text(&said.stderr));
    }
    assert_eq!(
        database.all("SELECT indisvalid::text FROM pg_index WHERE indexrelid = 't_a_idx'::regclass"),
        ["true"]
    );
}

#[test]
fn killed_in_the_middle_and_run_again_it_completes() {
    let database = Database::new();
    let dir = directory(&[TABLE, COLUMN]);
    let first = directory(&[TABLE]);
    database.ok(&["migrate", "--dir", arg(first.path()), "upgrade"]);
    kill_while_blocked_by(&database, dir.path(), "LOCK TABLE t IN ACCESS SHARE MODE");
    assert!(database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]).contains("applied 0002"));
    assert_eq!(database.all("SELECT count(*)::text FROM _sqlx_migrations"), ["2"]);
}

#[test]
fn killed_while_it_builds_an_index_concurrently_and_run_again_it_completes() {
    let database = Database::new();
    let dir = directory(&[TABLE, COLUMN, INDEX]);
    let first = directory(&[TABLE, COLUMN]);
    database.ok(&["migrate", "--dir", arg(first.path()), "upgrade"]);
    kill_while_blocked_by(&database, dir.path(), "UPDATE t SET a = a WHERE a = 1");
    database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
    assert_eq!(
        database.all("SELECT indisvalid::text FROM pg_index WHERE indexrelid = 't_a_idx'::regclass"),
        ["true"]
    );
}

#[test]
fn a_row_that_says_it_did_not_succeed_is_run_again() {
    let database = Database::new();
    let dir = directory(&[TABLE, COLUMN, INDEX]);
    database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
    database.all("UPDATE _sqlx_migrations SET success = false WHERE version = 3");
    assert!(database.fails(&["migrate", "--dir", arg(dir.path()), "downgrade"]).contains("interrupted"));
    assert!(database.ok(&["migrate", "--dir", arg(dir.path()), "history"]).contains("0003  interrupted"));
    assert!(database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]).contains("applied 0003"));
}

#[test]
fn a_migration_that_was_changed_after_it_was_applied_is_refused() {
    let database = Database::new();
    let dir = directory(&[TABLE]);
    database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
    fs::write(dir.path().join("0001_table.up.sql"), "CREATE TABLE other (a int)").unwrap();
    assert!(database.fails(&["migrate", "--dir", arg(dir.path()), "upgrade"]).contains("0001 was changed"));
}

#[test]
fn a_release_that_is_gone_back_to_leaves_the_newer_schema_as_it_is() {
    let database = Database::new();
    let newer = directory(&[TABLE, COLUMN]);
    let older = directory(&[TABLE]);
    database.ok(&["migrate", "--dir", arg(newer.path()), "upgrade"]);
    let said = database.ok(&["migrate", "--dir", arg(older.path()), "upgrade"]);
    assert!(said.contains("the schema is at 0002, newer than this usersctl's 0001"), "{said}");
    assert!(
        database.ok(&["migrate", "--dir", arg(older.path()), "current"]).contains("newer than this usersctl")
    );
    // What it does know has to be what was applied.
    fs::write(older.path().join("0001_table.up.sql"), "CREATE TABLE other (a int)").unwrap();
    assert!(database.fails(&["migrate", "--dir", arg(older.path()), "upgrade"]).contains("0001 was changed"));
}

#[test]
fn a_migration_that_only_the_database_has_is_refused() {
    let database = Database::new();
    let both = directory(&[TABLE, COLUMN]);
    database.ok(&["migrate", "--dir", arg(both.path()), "upgrade"]);
    for file in ["0001_table.up.sql", "0001_table.down.sql"] {
        fs::remove_file(both.path().join(file)).unwrap();
    }
    assert!(database.fails(&["migrate", "--dir", arg(both.path()), "upgrade"]).contains("does not know"));
}

#[test]
fn a_failing_migration_leaves_nothing_and_says_why() {
    let database = Database::new();
    let dir = directory(&[("0001_bad", "CREATE TABLE half (a int); SELECT nothing_there", "")]);
    let error = database.fails(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
    assert!(error.contains("nothing_there") && error.contains("42703"), "{error}");
    assert!(database.all("SELECT 'there' WHERE to_regclass('half') IS NOT NULL").is_empty());
}

#[test]
fn a_lock_that_somebody_keeps_is_not_waited_for_for_long() {
    let database = Database::new();
    let dir = directory(&[TABLE, COLUMN]);
    let first = directory(&[TABLE]);
    database.ok(&["migrate", "--dir", arg(first.path()), "upgrade"]);
    while_blocked_by(&database, "LOCK TABLE t IN ACCESS SHARE MODE", || {
        let error = database.fails(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
        assert!(error.contains("run it again"), "{error}");
    });
    database.ok(&["migrate", "--dir", arg(dir.path()), "upgrade"]);
}

#[test]
fn an_unreachable_or_refusing_server_is_one_sentence_without_the_password() {
    let run = |url: &str| {
        let said = Command::new(env!("CARGO_BIN_EXE_usersctl"))
            .args(["migrate", "current"])
            .env("DATABASE_URL", url)
            .output()
            .unwrap();
        assert!(!said.status.success());
        text(&said.stderr)
    };
    let closed = run("postgres://users:hunter2@127.0.0.1:9/users");
    assert!(closed.contains("cannot be reached") && !closed.contains("hunter2"), "{closed}");
    let (_, place) = server().rsplit_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let refused = run(&format!("postgres://postgres:hunter2@{place}"));
    assert!(refused.contains("user or password") && !refused.contains("hunter2"), "{refused}");
    let missing = run(&format!("{}_not_there", server()));
    assert!(missing.contains("no such database"), "{missing}");
}

#[test]
fn the_services_own_variables_name_the_database() {
    let database = Database::new();
    let rest = database.url.strip_prefix("postgres://").unwrap();
    let (login, place) = rest.rsplit_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    let (address, name) = place.split_once('/').unwrap();
    let (host, port) = address.split_once(':').unwrap();
    let said = Command::new(env!("CARGO_BIN_EXE_usersctl"))
        .args(["migrate", "upgrade"])
        .env_remove("DATABASE_URL")
        .envs([
            ("SPIN_VARIABLE_DB_HOST", host),
            ("SPIN_VARIABLE_DB_PORT", port),
            ("SPIN_VARIABLE_DB_NAME", name),
        ])
        .envs([("SPIN_VARIABLE_DB_USER", user), ("SPIN_VARIABLE_DB_PASSWORD", password)])
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", text(&said.stderr));
}

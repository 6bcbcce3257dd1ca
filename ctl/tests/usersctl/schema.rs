//! The service's own migrations on databases that are in use.

use std::process::Child;

use crate::fixture::{Database, FIRST_RELEASE, kill_while_blocked_by, migrations_to, newest, text};

/// Accounts and sessions, as the first release has them.
const FILL: &str = "
    INSERT INTO users (email, full_name, password_hash, is_active, is_admin)
    SELECT 'user' || n || '@example.com', CASE WHEN n % 3 > 0 THEN 'User ' || n END, 'x', n % 5 > 0, n % 50 = 1
      FROM generate_series(1, 500) AS n;
    INSERT INTO sessions (user_id, expires_at) SELECT id, now() + interval '1 day' FROM users WHERE id % 2 = 0;
    INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
    SELECT sha256(id::text::bytea), id, expires_at FROM sessions";

/// A database of the first release, with data.
fn in_use() -> Database {
    let database = Database::of_the_first_release();
    database.all(FILL);
    database
}

/// Every row of the first release's tables.
fn rows(database: &Database) -> Vec<String> {
    let rows = database.all(
        "SELECT to_json(u)::text FROM users u
         UNION ALL SELECT to_json(s)::text FROM sessions s
         UNION ALL SELECT to_json(t)::text FROM refresh_tokens t ORDER BY 1",
    );
    assert_eq!(rows.len(), 500 + 250 + 250);
    rows
}

fn every_index_is_valid(database: &Database) {
    let invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid";
    assert!(database.all(invalid).is_empty(), "{:?}", database.all(invalid));
}

#[test]
fn an_upgrade_of_a_database_in_use_keeps_its_rows_and_gives_the_schema_of_an_empty_one() {
    let database = in_use();
    let before = rows(&database);
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(rows(&database), before);
    assert_eq!(database.schema(), Database::migrated().schema());
    every_index_is_valid(&database);
}

#[test]
fn a_downgrade_to_the_first_release_and_an_upgrade_keep_accounts_and_sessions() {
    let database = in_use();
    let (before, first) = (rows(&database), database.schema());
    database.ok(&["migrate", "upgrade"]);
    database.ok(&["setup-rbac"]);
    let upgraded = database.schema();
    database.all("INSERT INTO user_roles (user_id, role_id) SELECT u.id, r.id FROM users u, roles r");

    database.ok(&["migrate", "downgrade", &(newest() - FIRST_RELEASE).to_string()]);
    assert_eq!(rows(&database), before);
    assert_eq!(database.schema(), first);

    database.ok(&["migrate", "upgrade"]);
    assert_eq!(rows(&database), before);
    assert_eq!(database.schema(), upgraded);
    assert_eq!(
        database.ok(&["setup-rbac"]).lines().count(),
        6,
        "roles and permissions were lost, as the file says"
    );
}

#[test]
fn upgrades_at_once_of_a_database_in_use_take_turns_and_none_holds_up_an_index() {
    let database = in_use();
    let before = rows(&database);
    let runs: Vec<Child> = (0..4).map(|_| database.start(&["migrate", "upgrade"])).collect();
    let applied: usize = runs
        .into_iter()
        .map(|run| run.wait_with_output().unwrap())
        .inspect(|said| assert!(said.status.success(), "{}", text(&said.stderr)))
        .map(|said| text(&said.stdout).matches("applied ").count())
        .sum();
    assert_eq!(i64::try_from(applied).unwrap(), newest() - FIRST_RELEASE);
    assert_eq!(rows(&database), before);
    every_index_is_valid(&database);
}

/// Migrations that make functions and touch no table: nothing that the service does holds them up, so they are held where they
/// are noted down.
const ONLY_FUNCTIONS: [i64; 4] = [7, 8, 9, 10];

#[test]
fn each_migration_that_is_killed_while_the_service_writes_completes_when_it_is_run_again() {
    let database = in_use();
    let before = rows(&database);
    for version in FIRST_RELEASE + 1..=newest() {
        let dir = migrations_to(version);
        let blocker = if ONLY_FUNCTIONS.contains(&version) {
            "LOCK TABLE _sqlx_migrations IN SHARE MODE"
        } else {
            // Something that the service does, and that the migration has to wait for.
            "UPDATE users SET full_name = full_name WHERE id = 1"
        };
        kill_while_blocked_by(&database, dir.path(), blocker);
        assert!(database.upgrade_to(version).contains(&format!("applied {version:04}")));
    }
    assert_eq!(rows(&database), before);
    assert_eq!(database.schema(), Database::migrated().schema());
    every_index_is_valid(&database);
}

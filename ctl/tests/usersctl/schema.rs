//! The service's migrations on a database in use.

use crate::fixture::{Database, after_the_first_release, count_in, migrations_to};

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
    database.sql(FILL);
    database
}

/// Every row of the first release's tables, with the columns of that release.
fn rows(database: &Database) -> Vec<String> {
    let rows = database.sql(
        "SELECT (to_jsonb(u) - '{email_key,search_text,email_verified,failures_forgiven_at,kind,factors_since}'::text[])::text FROM users u
         UNION ALL SELECT (to_jsonb(s) - '{last_used_at,client,address,authenticated_at,factor_at,methods}'::text[])::text FROM sessions s
         UNION ALL SELECT to_json(t)::text FROM refresh_tokens t ORDER BY 1",
    );
    assert_eq!(rows.len(), 500 + 250 + 250);
    rows
}

fn assert_every_index_is_valid(database: &Database) {
    let invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid";
    assert!(database.sql(invalid).is_empty(), "{:?}", database.sql(invalid));
}

#[test]
fn an_upgrade_of_a_database_in_use_keeps_its_rows() {
    let database = in_use();
    let before = rows(&database);
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(rows(&database), before);
    assert_eq!(database.schema(), Database::migrated().schema());
    assert_every_index_is_valid(&database);
}

#[test]
fn a_downgrade_to_the_first_release_and_an_upgrade_keep_accounts_and_sessions() {
    let database = in_use();
    let (before, first) = (rows(&database), database.schema());
    database.ok(&["migrate", "upgrade"]);
    database.ok(&["setup-rbac"]);
    let upgraded = database.schema();
    database.sql("INSERT INTO user_roles (user_id, role_id) SELECT u.id, r.id FROM users u, roles r");

    database.ok(&["migrate", "downgrade", &after_the_first_release().len().to_string()]);
    assert_eq!(rows(&database), before);
    assert_eq!(database.schema(), first);

    database.ok(&["migrate", "upgrade"]);
    assert_eq!(rows(&database), before);
    assert_eq!(database.schema(), upgraded);
    assert_eq!(
        database.ok(&["setup-rbac"]).lines().count(),
        11,
        "expected the downgrade to drop roles and permissions"
    );
}

/// The last migration before the rule that default roles cannot grant `admin:all`.
const BEFORE_DEFAULT_ROLES: i64 = 16;

#[test]
fn an_upgrade_takes_the_default_mark_from_a_role_that_administrates() {
    let database = Database::new();
    database.upgrade_to(BEFORE_DEFAULT_ROLES);
    database.sql(
        "INSERT INTO permissions (name, resource, action) VALUES ('all', 'admin', 'all'), ('read', 'user', 'read');
         INSERT INTO roles (name, is_default) VALUES ('member', true), ('boss', true), ('admin', false);
         INSERT INTO role_permissions VALUES (1, 2), (2, 1), (2, 2), (3, 1);
         INSERT INTO users (email, password_hash) VALUES ('a@example.com', 'x');
         INSERT INTO user_roles VALUES (1, 2)",
    );
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(
        database.sql("SELECT name, is_default FROM roles ORDER BY id"),
        ["member|t", "boss|f", "admin|f"]
    );
    assert_eq!(database.sql("SELECT count(*) FROM role_permissions"), ["4"], "expected every grant to stay");
    assert_eq!(database.sql("SELECT user_id, role_id FROM user_roles"), ["1|2"], "its holders keep it");
}

#[test]
fn concurrent_upgrades_of_a_database_in_use_take_turns() {
    let database = in_use();
    let before = rows(&database);
    let applied = count_in(&database.run_at_once(4, &["migrate", "upgrade"]), "applied ");
    assert_eq!(applied, after_the_first_release().len());
    assert_eq!(rows(&database), before);
    assert_every_index_is_valid(&database);
}

/// Migrations that do not touch the table `users`: they create functions, triggers, views or other tables. A statement on `users`
/// does not block them, so the test blocks their row in `users_schema_migrations`.
const WITHOUT_TABLE_LOCKS: [i64; 27] =
    [7, 8, 9, 10, 11, 12, 17, 18, 19, 20, 23, 24, 25, 26, 27, 29, 31, 32, 33, 35, 36, 37, 38, 40, 43, 44, 45];

#[test]
fn each_killed_migration_completes_when_it_is_run_again() {
    let database = in_use();
    let before = rows(&database);
    for version in after_the_first_release() {
        let dir = migrations_to(version);
        let blocker = if WITHOUT_TABLE_LOCKS.contains(&version) {
            "LOCK TABLE users_schema_migrations IN SHARE MODE"
        } else {
            // A statement of the service that blocks the migration.
            "UPDATE users SET full_name = full_name WHERE id = 1"
        };
        database.kill_while_blocked_by(dir.path(), blocker);
        assert!(database.upgrade_to(version).contains(&format!("applied {version:04}")));
    }
    assert_eq!(rows(&database), before);
    assert_eq!(database.schema(), Database::migrated().schema());
    assert_every_index_is_valid(&database);
}

/// The last migration before the one that counts what was there before the triggers.
const BEFORE_THE_COUNT: i64 = 37;

fn assert_everything_is_counted(database: &Database) {
    let counted =
        "SELECT s->>'accounts', s->>'new_this_week', s->>'active_sessions' FROM statistics(24) AS s";
    let there = "SELECT (SELECT count(*) FROM users),
                        (SELECT count(*) FROM users WHERE created_at > now() - interval '7 days'),
                        (SELECT count(*) FROM sessions WHERE expires_at > now())";
    assert_eq!(database.sql(counted), database.sql(there));
}

#[test]
fn an_upgrade_counts_the_accounts_and_sessions_of_before_and_what_comes_meanwhile() {
    let database = in_use();
    database.sql("UPDATE users SET created_at = now() - id * interval '1 day' + interval '2 hours'");
    database.upgrade_to(BEFORE_THE_COUNT);
    // The triggers count these changes, of accounts that are not counted yet.
    database.sql(
        "DELETE FROM users WHERE id <= 20;
         INSERT INTO users (email, password_hash) VALUES ('new@example.com', 'x');
         INSERT INTO sessions (user_id, expires_at) VALUES (30, now() + interval '1 day'), (31, now())",
    );
    database.ok(&["migrate", "upgrade"]);
    assert_everything_is_counted(&database);
    for steps in ["1", "5"] {
        database.ok(&["migrate", "downgrade", steps]);
        database.sql("DELETE FROM users WHERE id = (SELECT min(id) FROM users)");
        database.ok(&["migrate", "upgrade"]);
        assert_everything_is_counted(&database);
    }
}

//! The accounts of programs: no command gives them a password or sends them anything.

use crate::fixture::{Database, text};

fn with_a_service_account() -> Database {
    let database = Database::migrated();
    database.sql(
        "INSERT INTO users (id, kind, email, password_hash, email_key, search_text)
         VALUES (7, 'service', 'service:7', '', 'service:7', E'\\nrobot')",
    );
    database
}

#[test]
fn a_command_for_the_account_of_a_person_refuses_a_service_account() {
    let database = with_a_service_account();
    let before = database.sql("SELECT u FROM users u");
    for command in [
        &["set-password", "service:7", "--password-stdin"][..],
        &["send-reset", "service:7"],
        &["reset-factors", "service:7"],
        &["unlock", "Service:7"],
        &["create-admin", "service:7", "--promote"],
    ] {
        let output = database.run_with(command, "correct horse battery staple\n");
        let error = text(&output.stderr);
        assert!(
            !output.status.success() && error.contains("this is a service account"),
            "{command:?}: {error}"
        );
    }
    let error = database.fails(&["create-admin", "service:7", "--password-stdin"]);
    assert!(error.contains("EMAIL must be an email address"), "{error}");
    assert_eq!(database.sql("SELECT u FROM users u"), before);
    assert!(database.sql("SELECT id FROM outbox").is_empty());
}

#[test]
fn a_service_account_survives_a_downgrade_and_an_upgrade() {
    let database = with_a_service_account();
    let version: i64 =
        database.sql("SELECT max(version) FROM users_schema_migrations").concat().parse().unwrap();
    let applied = "SELECT count(*) FROM users_schema_migrations WHERE version >= 30";
    database.ok(&["migrate", "downgrade", &database.sql(applied).concat()]);
    assert_eq!(database.sql("SELECT id, email, password_hash FROM users"), ["7|service:7|"]);
    database.upgrade_to(version);
    assert_eq!(database.sql("SELECT kind FROM users"), ["service"]);
}

#[test]
fn the_keys_of_accounts_leave_service_accounts_as_they_are() {
    let database = with_a_service_account();
    let before = database.sql("SELECT u FROM users u");
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(database.sql("SELECT u FROM users u"), before);
    assert_eq!(database.ok(&["accounts", "collisions"]), "no two accounts have the same address\n");
}

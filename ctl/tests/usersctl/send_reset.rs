//! `usersctl send-reset`.

use crate::fixture::Database;

fn with_account(password_hash: &str, is_active: bool) -> Database {
    let database = Database::migrated();
    database.sql(&format!(
        "INSERT INTO users (email, password_hash, is_active, email_key, search_text)
         VALUES ('Ada@example.com', '{password_hash}', {is_active}, 'ada@example.com', E'ada@example.com\\n')"
    ));
    database
}

#[test]
fn a_reset_is_recorded_for_an_account_with_a_password_and_an_invitation_for_one_without() {
    for (hash, kind) in [("hash", "password_reset"), ("", "invitation")] {
        let database = with_account(hash, true);
        let printed = database.ok(&["send-reset", " ADA@example.com "]);
        assert_eq!(printed, format!("{kind} to account 1 Ada@example.com\n"));
        assert_eq!(database.sql("SELECT kind, user_id, carries FROM outbox"), [format!("{kind}|1|{{}}")]);
        assert_eq!(database.sql("SELECT password_hash FROM users"), [hash]);
    }
}

#[test]
fn nothing_is_sent_to_a_deactivated_account_or_to_nobody() {
    let database = with_account("hash", false);
    let error = database.fails(&["send-reset", "ada@example.com"]);
    assert!(error.contains("deactivated") && error.contains("--promote"), "{error}");
    let error = database.fails(&["send-reset", "bob@example.com"]);
    assert!(error.contains("no account has this address"), "{error}");
    assert_eq!(database.sql("SELECT FROM outbox").len(), 0);
}

//! `usersctl outbox`.

use crate::fixture::Database;

/// Messages that wait, that failed, that were given up, and that were sent.
fn filled() -> Database {
    let database = Database::migrated();
    database.sql(
        "INSERT INTO outbox (kind, user_id, carries, created_at, next_attempt_at, attempts, last_error, begun_at, failed_at, sent_at)
         VALUES
             ('password_changed', 7, '{}', now() - interval '90 s', now() - interval '5 s', 0, NULL, NULL, NULL, NULL),
             ('email_change', 8, '{\"email\":\"a@example.com\"}', now() - interval '1 h', now() + interval '10 min', 3,
              'the mail server answered 451 4.7.1', now() - interval '1 h', NULL, NULL),
             ('password_forgotten', NULL, '{\"email\":\"b@example.com\"}', now() - interval '3 d', now(), 200,
              'the mail server answered 550 5.1.1', now() - interval '3 d', now(), NULL),
             ('password_changed', 9, '{}', now(), now(), 1, NULL, now(), NULL, now())",
    );
    database
}

#[test]
fn the_list_shows_what_is_not_sent_without_an_address() {
    let database = filled();
    let listed = database.ok(&["outbox", "list"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    for (line, start, word) in [
        (lines[0], "1 password_changed account 7, 1m 3", " 0 attempts, due"),
        (lines[1], "2 email_change account 8, 1h", " 3 attempts, next attempt in "),
        (lines[1], "2 ", ": the mail server answered 451 4.7.1"),
        (lines[2], "3 password_forgotten account unknown, 3days", " 200 attempts, given up: "),
    ] {
        assert!(line.starts_with(start) && line.contains(word), "{line}");
    }
    assert!(!listed.contains('@'));
    assert_eq!(database.ok(&["outbox", "list", "--dead"]).lines().count(), 1);
    assert_eq!(database.ok(&["outbox", "list", "--limit", "2"]).lines().count(), 2);
    database.sql("DELETE FROM outbox");
    assert_eq!(database.ok(&["outbox", "list"]), "every message is sent\n");
    assert_eq!(database.ok(&["outbox", "list", "--dead"]), "the worker has given up no message\n");
}

#[test]
fn a_retried_message_is_due_and_has_two_days_again() {
    let database = filled();
    let state = "SELECT id, next_attempt_at <= now(), failed_at, failing_since IS NULL FROM outbox WHERE id IN (2, 3) ORDER BY id";
    assert_eq!(database.ok(&["outbox", "retry", "2"]), "message 2 is due\n");
    assert_eq!(database.ok(&["outbox", "retry", "--all"]), "1 messages are due\n");
    assert_eq!(database.sql(state), ["2|t||t", "3|t||t"]);
    for id in ["1", "4", "5"] {
        assert!(database.fails(&["outbox", "retry", id]).contains("has failed"), "{id}");
    }
    assert!(!database.run(&["outbox", "retry"]).status.success());
    assert!(!database.run(&["outbox", "retry", "--all", "2"]).status.success());
}

#[test]
fn a_dropped_message_is_gone() {
    let database = filled();
    assert_eq!(database.ok(&["outbox", "drop", "2"]), "message 2 is dropped\n");
    for id in ["2", "4"] {
        assert!(database.fails(&["outbox", "drop", id]).contains("waits to be sent"), "{id}");
    }
    assert_eq!(database.sql("SELECT id FROM outbox ORDER BY id"), ["1", "3", "4"]);
}

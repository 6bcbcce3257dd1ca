//! `usersctl reset-factors`.

use crate::fixture::Database;

#[test]
fn an_operator_removes_the_factors_of_an_account_and_the_owner_is_told() {
    let database = Database::migrated();
    database.sql(
        "INSERT INTO users (email, password_hash, email_key, search_text, factors_since)
         VALUES ('Ada@example.com', 'x', 'ada@example.com', E'ada@example.com\\n', now());
         INSERT INTO totp VALUES (1, 'seed', now(), 1, NULL, NULL, NULL);
         INSERT INTO sessions (user_id, expires_at, factor_at) VALUES (1, now() + interval '1 day', now())",
    );
    assert_eq!(database.sql("SELECT user_id FROM sessions"), ["1"]);
    let printed = database.ok(&["reset-factors", " ADA@example.com "]);
    assert_eq!(printed, "second factors removed, and sessions ended, of account 1 Ada@example.com\n");
    assert_eq!(database.sql("SELECT factors_since IS NULL FROM users"), ["t"]);
    assert_eq!(database.sql("SELECT user_id FROM totp UNION ALL SELECT user_id FROM sessions").len(), 0);
    assert_eq!(database.sql("SELECT kind, user_id, carries FROM outbox"), ["factors_reset|1|{}"]);

    database.sql("INSERT INTO sessions (user_id, expires_at) VALUES (1, now() + interval '1 day')");
    let printed = database.ok(&["reset-factors", "ada@example.com"]);
    assert_eq!(printed, "no second factor to remove from account 1 Ada@example.com\n");
    assert_eq!(database.sql("SELECT user_id FROM sessions"), ["1"]);
    assert_eq!(database.sql("SELECT kind FROM outbox").len(), 1);
}

#[test]
fn an_address_without_an_account_has_no_factors() {
    let error = Database::migrated().fails(&["reset-factors", "bob@example.com"]);
    assert!(error.contains("no account has this address"), "{error}");
}

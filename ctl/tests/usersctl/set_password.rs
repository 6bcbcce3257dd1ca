//! `usersctl set-password`.

use users_core::Password;
use users_crypto::{PasswordHasher, Verification};

use crate::fixture::{Database, block_on, text};

const PASSWORD: &str = "correct horse battery staple";

/// Two accounts with a session, a link, an API key and an unsent link each.
const FILL: &str = "
    INSERT INTO users (email, password_hash, email_key, search_text)
    VALUES ('Ada@example.com', 'old', 'ada@example.com', E'ada@example.com\\n'),
           ('bob@example.com', 'old', 'bob@example.com', E'bob@example.com\\n');
    INSERT INTO sessions (user_id, expires_at) SELECT id, now() + interval '1 day' FROM users;
    INSERT INTO one_time_tokens (token_hash, user_id, purpose, email, message_id, expires_at)
    SELECT sha256(email::bytea), id, 'password_reset', email, id, now() + interval '1 day' FROM users;
    INSERT INTO api_keys (user_id, name, key_hash) SELECT id, 'a key', sha256(email::bytea) FROM users;
    INSERT INTO outbox (kind, user_id) SELECT 'password_reset', id FROM users";

fn filled() -> Database {
    let database = Database::migrated();
    database.sql(FILL);
    database
}

/// Returns whether the command succeeded and what it printed, which must not hold the password.
fn set(database: &Database, email: &str, password: &str) -> (bool, String) {
    let output = database.run_with(&["set-password", email, "--password-stdin"], &format!("{password}\n"));
    let printed = text(&output.stdout) + &text(&output.stderr);
    assert!(!printed.contains(password), "{printed}");
    (output.status.success(), printed)
}

#[test]
fn a_new_password_ends_the_sessions_keys_and_links_of_its_account_alone() {
    let database = filled();
    assert_eq!(set(&database, "ADA@example.com", PASSWORD), (true, "account 1 Ada@example.com\n".to_owned()));
    let hash = database.sql("SELECT password_hash FROM users WHERE id = 1").concat();
    let verified = block_on(PasswordHasher::new().verify(&Password::from(PASSWORD.to_owned()), Some(&hash)));
    assert_eq!(verified, Ok(Verification::Match { outdated: false }));
    assert_eq!(database.sql("SELECT password_hash FROM users WHERE id = 2"), ["old"]);
    for table in ["sessions", "one_time_tokens", "api_keys"] {
        assert_eq!(database.sql(&format!("SELECT user_id FROM {table}")), ["2"], "{table}");
    }
    let told = "SELECT kind, user_id FROM outbox ORDER BY user_id";
    assert_eq!(database.sql(told), ["password_changed|1", "password_reset|2"]);
    let forgiven = "SELECT failures_forgiven_at IS NOT NULL FROM users ORDER BY id";
    assert_eq!(database.sql(forgiven), ["t", "f"], "wrong passwords so far count no longer");
}

#[test]
fn a_password_that_the_service_would_refuse_changes_nothing() {
    let database = filled();
    for (password, reason) in [
        ("PassWord123", "most common passwords"),
        ("sevench", "8 to 128 characters"),
        ("ada@EXAMPLE.com", "must not be the email address"),
    ] {
        let (succeeded, printed) = set(&database, "ada@example.com", password);
        assert!(!succeeded && printed.contains(reason), "{printed}");
    }
    assert_eq!(database.sql("SELECT password_hash FROM users"), ["old", "old"]);
    assert_eq!(database.sql("SELECT FROM sessions").len(), 2);
}

#[test]
fn an_unknown_address_is_refused_before_a_password_is_asked_for() {
    let database = filled();
    assert!(database.fails(&["set-password", "eve@example.com"]).contains("no account has this address"));
    assert!(database.fails(&["set-password", "ada@example.com"]).contains("--password-stdin"));
}

#[test]
fn an_account_with_an_address_of_an_earlier_release_gets_a_password() {
    let database = Database::migrated();
    database.sql("INSERT INTO users (email, password_hash) VALUES ('Ops@exam_ple.com', '!')");
    let (succeeded, printed) = set(&database, "ops@exam_ple.com", PASSWORD);
    assert!(succeeded, "{printed}");
}

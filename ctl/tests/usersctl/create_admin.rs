//! `usersctl create-admin`.

use users_core::Password;
use users_crypto::{PasswordHasher, Verification};

use crate::fixture::{Database, block_on, text};

const PASSWORD: &str = "correct horse battery staple";
const ADA: &str = "Ada@Example.com";

/// Runs `usersctl create-admin … --password-stdin`. Returns whether it succeeded and what it printed, which must not hold
/// the password.
fn create(database: &Database, arguments: &[&str], password: &str) -> (bool, String) {
    let all = [&["create-admin", "--password-stdin"], arguments].concat();
    let output = database.run_with(&all, &format!("{password}\n"));
    let printed = text(&output.stdout) + &text(&output.stderr);
    assert!(!printed.contains(password), "{printed}");
    assert_eq!(printed.lines().count(), 1, "{printed}");
    (output.status.success(), printed)
}

fn created(database: &Database, arguments: &[&str]) -> String {
    let (succeeded, printed) = create(database, arguments, PASSWORD);
    assert!(succeeded, "{printed}");
    printed
}

fn refused(database: &Database, arguments: &[&str], password: &str) -> String {
    let (succeeded, printed) = create(database, arguments, password);
    assert!(!succeeded, "{printed}");
    printed
}

/// The id, address, name and flags of every account.
fn accounts(database: &Database) -> Vec<String> {
    database.sql(
        "SELECT concat_ws('|', id, email, coalesce(full_name, '-'), is_active, is_admin) FROM users ORDER BY id",
    )
}

fn add_account(database: &Database, email: &str, is_active: bool) {
    database.sql(&format!(
        "INSERT INTO users (email, password_hash, is_active, updated_at) VALUES ('{email}', 'hash', {is_active}, '2020-01-01')"
    ));
}

#[test]
fn an_administrator_is_created_with_the_password_from_standard_input() {
    let database = Database::migrated();
    assert_eq!(
        created(&database, &[ADA, "--full-name", "Ada Lovelace"]),
        "administrator 1 Ada@Example.com\n"
    );
    assert_eq!(accounts(&database), ["1|Ada@Example.com|Ada Lovelace|t|t"]);
    assert_eq!(database.sql("SELECT email_verified FROM users"), ["t"], "the operator vouches for it");

    let hash = database.sql("SELECT password_hash FROM users").concat();
    let verify = |password: &str| {
        block_on(PasswordHasher::new().verify(&Password::from(password.to_owned()), Some(&hash))).unwrap()
    };
    assert_eq!(verify(PASSWORD), Verification::Match { outdated: false });
    assert_eq!(verify("another password"), Verification::Mismatch);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_password() {
    let database = Database::migrated();
    let (succeeded, printed) = create(&database, &[ADA], &format!("\u{feff}{PASSWORD}"));
    assert!(succeeded, "{printed}");
    let hash = database.sql("SELECT password_hash FROM users").concat();
    let verified =
        block_on(PasswordHasher::new().verify(&Password::from(PASSWORD.to_owned()), Some(&hash))).unwrap();
    assert_eq!(verified, Verification::Match { outdated: false });
}

#[test]
fn a_new_administrator_has_every_default_role() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database.sql("INSERT INTO roles (name, is_default) VALUES ('reader', true)");
    created(&database, &[ADA]);
    let roles = "SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = 1 ORDER BY r.id";
    assert_eq!(database.sql(roles), ["user", "reader"]);
}

#[test]
fn without_a_terminal_the_error_names_password_stdin() {
    let error = Database::migrated().fails(&["create-admin", ADA]);
    assert!(error.contains("no terminal") && error.contains("--password-stdin"), "{error}");
}

#[test]
fn a_password_that_the_service_would_refuse_is_refused() {
    let database = Database::migrated();
    for (password, reason) in [
        ("PassWord123", "most common passwords"),
        ("sevench", "8 to 128 characters"),
        (&"long ".repeat(30), "8 to 128 characters"),
        ("ada@EXAMPLE.com", "must not be the email address"),
        ("nul \0 nul nul", "NUL"),
    ] {
        let error = refused(&database, &[ADA], password);
        assert!(error.contains(reason), "{error}");
    }
    assert!(!database.run_with(&["create-admin", ADA, "--password-stdin"], "").status.success());
    assert!(accounts(&database).is_empty());
}

#[test]
fn a_word_that_the_service_denies_is_refused() {
    let database = Database::migrated();
    let run = |words: &str| {
        let arguments = ["create-admin", ADA, "--password-stdin", "--denied-words", words];
        database.run_with(&arguments, "i love 4CME\n")
    };
    let refused = run("globex,acme");
    assert!(!refused.status.success());
    let printed = text(&refused.stderr);
    assert!(printed.contains("the password must not contain the word acme"), "{printed}");
    assert!(text(&run("globex,x").stderr).contains("the variable denied_words must be"));
    assert!(accounts(&database).is_empty());
    assert!(run("globex").status.success());
}

#[test]
fn an_invalid_address_or_name_is_refused() {
    let database = Database::migrated();
    assert!(refused(&database, &["ada"], PASSWORD).contains("EMAIL must be an email address"));
    assert!(
        refused(&database, &[ADA, "--full-name", &"n".repeat(256)], PASSWORD).contains("--full-name must be")
    );
    assert!(accounts(&database).is_empty());
}

#[test]
fn an_address_in_use_is_refused_in_any_case() {
    let database = Database::migrated();
    add_account(&database, "ada@example.com", true);
    let error = refused(&database, &[ADA], PASSWORD);
    assert!(error.contains("--promote"), "{error}");
    assert_eq!(accounts(&database), ["1|ada@example.com|-|t|f"]);
    assert_eq!(database.sql("SELECT password_hash FROM users"), ["hash"]);
}

#[test]
fn an_account_is_promoted_and_keeps_its_password() {
    let database = Database::migrated();
    add_account(&database, "ada@example.com", true);
    assert_eq!(database.ok(&["create-admin", ADA, "--promote"]), "administrator 1 ada@example.com\n");
    assert_eq!(accounts(&database), ["1|ada@example.com|-|t|t"]);
    let unchanged = "SELECT password_hash || (updated_at > '2020-01-02') FROM users";
    assert_eq!(database.sql(unchanged), ["hashtrue"]);
}

#[test]
fn an_account_with_an_address_of_an_earlier_release_is_promoted() {
    let database = Database::migrated();
    database.sql("INSERT INTO users (email, password_hash) VALUES ('Ops@exam_ple.com', '!')");
    let promoted = database.ok(&["create-admin", "ops@exam_ple.com", "--promote"]);
    assert_eq!(promoted, "administrator 1 Ops@exam_ple.com\n");
    let error = database.fails(&["create-admin", "new@exam_ple.com", "--password-stdin"]);
    assert!(error.contains("EMAIL"), "{error}");
}

#[test]
fn a_promoted_account_becomes_active() {
    let database = Database::migrated();
    add_account(&database, "ada@example.com", false);
    database.ok(&["create-admin", ADA, "--promote"]);
    assert_eq!(accounts(&database), ["1|ada@example.com|-|t|t"]);
}

#[test]
fn a_second_promotion_changes_nothing() {
    let database = Database::migrated();
    add_account(&database, "ada@example.com", true);
    database.ok(&["create-admin", ADA, "--promote"]);
    let row = || database.sql("SELECT to_json(u)::text FROM users u");
    let before = row();
    database.ok(&["create-admin", ADA, "--promote"]);
    assert_eq!(row(), before);
}

#[test]
fn an_unknown_address_is_not_promoted() {
    let database = Database::migrated();
    assert!(database.fails(&["create-admin", ADA, "--promote"]).contains("no account has this address"));
    assert!(accounts(&database).is_empty());
}

#[test]
fn on_an_old_schema_the_error_names_migrate_upgrade_and_no_account_is_created() {
    let database = Database::of_the_first_release();
    assert!(refused(&database, &[ADA], PASSWORD).contains("run `usersctl migrate upgrade` first"));
    assert!(accounts(&database).is_empty());
}

#[test]
fn an_address_in_another_spelling_is_the_same_account() {
    let database = Database::migrated();
    created(&database, &["jürgen@bücher.example"]);
    for again in ["JU\u{308}RGEN@xn--bcher-kva.example", "JÜRGEN@BÜCHER.example"] {
        assert!(refused(&database, &[again], PASSWORD).contains("--promote"), "{again}");
        let promoted = database.ok(&["create-admin", "--promote", again]);
        assert_eq!(promoted, "administrator 1 jürgen@bücher.example\n");
    }
    assert_eq!(
        database.sql("SELECT email_key, search_text FROM users"),
        ["jürgen@xn--bcher-kva.example|jürgen@bücher.example\n"]
    );
}

#[test]
fn a_password_is_hashed_in_nfc() {
    let database = Database::migrated();
    let (succeeded, printed) = create(&database, &[ADA], "pe\u{301}che\u{301} mortel");
    assert!(succeeded, "{printed}");
    let hash = database.sql("SELECT password_hash FROM users").concat();
    let verified =
        block_on(PasswordHasher::new().verify(&Password::from("péché mortel".to_owned()), Some(&hash)));
    assert_eq!(verified, Ok(Verification::Match { outdated: false }));
}

//! `usersctl create-admin`.

use users_core::Password;
use users_crypto::{PasswordHasher, Verification};

use crate::fixture::{Database, text, wait};

const PASSWORD: &str = "correct horse battery staple";
const ADA: &str = "Ada@Example.com";

/// Runs `usersctl create-admin … --password-stdin`; whether it succeeded, and what it printed, which is not the password.
fn create(database: &Database, arguments: &[&str], password: &str) -> (bool, String) {
    let all = [&["create-admin", "--password-stdin"], arguments].concat();
    let said = database.run_with(&all, &format!("{password}\n"));
    let printed = text(&said.stdout) + &text(&said.stderr);
    assert!(!printed.contains(password), "{printed}");
    assert_eq!(printed.lines().count(), 1, "{printed}");
    (said.status.success(), printed)
}

fn created(database: &Database, arguments: &[&str]) -> String {
    let (done, printed) = create(database, arguments, PASSWORD);
    assert!(done, "{printed}");
    printed
}

fn refused(database: &Database, arguments: &[&str], password: &str) -> String {
    let (done, printed) = create(database, arguments, password);
    assert!(!done, "{printed}");
    printed
}

/// Id, address, name and flags of every account.
fn accounts(database: &Database) -> Vec<String> {
    database.all(
        "SELECT concat_ws('|', id, email, coalesce(full_name, '-'), is_active, is_admin) FROM users ORDER BY id",
    )
}

fn account(database: &Database, email: &str, is_active: bool) {
    database.all(&format!(
        "INSERT INTO users (email, password_hash, is_active, updated_at) VALUES ('{email}', 'hash', {is_active}, '2020-01-01')"
    ));
}

#[test]
fn an_administrator_is_made_with_the_password_of_standard_input() {
    let database = Database::migrated();
    assert_eq!(
        created(&database, &[ADA, "--full-name", "Ada Lovelace"]),
        "administrator 1 Ada@Example.com\n"
    );
    assert_eq!(accounts(&database), ["1|Ada@Example.com|Ada Lovelace|t|t"]);

    let hash = database.all("SELECT password_hash FROM users").concat();
    let verify = |password: &str| {
        wait(PasswordHasher::new().verify(&Password::from(password.to_owned()), Some(&hash))).unwrap()
    };
    assert_eq!(verify(PASSWORD), Verification::Match { outdated: false });
    assert_eq!(verify("another password"), Verification::Mismatch);
}

#[test]
fn every_role_that_is_given_by_default_is_given() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database.all("INSERT INTO roles (name, is_default) VALUES ('reader', true)");
    created(&database, &[ADA]);
    let roles = "SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = 1 ORDER BY r.id";
    assert_eq!(database.all(roles), ["user", "reader"]);
}

#[test]
fn without_a_terminal_it_says_how_to_give_the_password() {
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
fn what_is_no_address_or_too_long_a_name_is_refused() {
    let database = Database::migrated();
    assert!(refused(&database, &["ada"], PASSWORD).contains("EMAIL must be an email address"));
    assert!(
        refused(&database, &[ADA, "--full-name", &"n".repeat(256)], PASSWORD).contains("--full-name must be")
    );
    assert!(accounts(&database).is_empty());
}

#[test]
fn an_address_that_has_an_account_is_refused_however_it_is_cased() {
    let database = Database::migrated();
    account(&database, "ada@example.com", true);
    let error = refused(&database, &[ADA], PASSWORD);
    assert!(error.contains("--promote"), "{error}");
    assert_eq!(accounts(&database), ["1|ada@example.com|-|t|f"]);
    assert_eq!(database.all("SELECT password_hash FROM users"), ["hash"]);
}

#[test]
fn an_account_is_promoted_and_keeps_its_password() {
    let database = Database::migrated();
    account(&database, "ada@example.com", true);
    assert_eq!(database.ok(&["create-admin", ADA, "--promote"]), "administrator 1 ada@example.com\n");
    assert_eq!(accounts(&database), ["1|ada@example.com|-|t|t"]);
    let rest = "SELECT password_hash || (updated_at > '2020-01-02') FROM users";
    assert_eq!(database.all(rest), ["hashtrue"]);
}

#[test]
fn a_promoted_account_becomes_active() {
    let database = Database::migrated();
    account(&database, "ada@example.com", false);
    database.ok(&["create-admin", ADA, "--promote"]);
    assert_eq!(accounts(&database), ["1|ada@example.com|-|t|t"]);
}

#[test]
fn promoting_twice_changes_nothing_the_second_time() {
    let database = Database::migrated();
    account(&database, "ada@example.com", true);
    database.ok(&["create-admin", ADA, "--promote"]);
    let row = || database.all("SELECT to_json(u)::text FROM users u");
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
fn on_an_old_schema_it_says_what_to_do_and_makes_nothing() {
    let database = Database::of_the_first_release();
    assert!(refused(&database, &[ADA], PASSWORD).contains("run `usersctl migrate upgrade` first"));
    assert!(accounts(&database).is_empty());
}

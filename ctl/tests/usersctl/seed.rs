//! `usersctl seed`.

use std::process::Child;

use users_core::{Email, Password};
use users_crypto::{HashError, PasswordHasher};

use crate::fixture::{Database, text, wait};

const SMALL: [&str; 5] = ["seed", "--users", "2000", "--grants", "100"];

fn count(database: &Database, what: &str) -> usize {
    database.all(&format!("SELECT count(*)::text FROM {what}")).concat().parse().unwrap()
}

#[test]
fn accounts_and_grants_are_as_many_as_was_asked_for() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    assert!(database.ok(&SMALL).starts_with("made 2000 accounts and 100 grants in "));
    for (what, expected) in [
        ("users", 2000),
        ("users WHERE NOT is_active", 100),
        ("users WHERE is_admin AND is_active", 1),
        ("users WHERE full_name IS NULL", 200),
        ("roles", 3 + 200),
        ("permissions", 3 + 300),
        ("(SELECT FROM role_permissions GROUP BY role_id HAVING count(*) = 5) AS five", 200),
        ("user_roles", 100),
        ("(SELECT DISTINCT user_id FROM user_roles) AS owners", 100),
        ("(SELECT DISTINCT role_id FROM user_roles) AS granted", 100),
    ] {
        assert_eq!(count(&database, what), expected, "{what}");
    }
}

#[test]
fn addresses_are_good_and_searches_find_few() {
    let database = Database::migrated();
    database.ok(&SMALL);
    for address in database.all("SELECT email FROM users") {
        assert_eq!(Email::parse(&address).unwrap().as_str(), address);
    }
    let found = count(&database, "users WHERE email ILIKE '%okafor%' OR full_name ILIKE '%okafor%'");
    assert!((1..=10).contains(&found), "{found}");
}

#[test]
fn no_password_matches() {
    let database = Database::migrated();
    database.ok(&SMALL);
    let hashes = database.all("SELECT DISTINCT password_hash FROM users");
    assert_eq!(hashes, ["!"]);
    for password in ["!", "", "password"] {
        let verdict = wait(PasswordHasher::new().verify(&Password::from(password.to_owned()), Some("!")));
        assert_eq!(verdict, Err(HashError::Unreadable));
    }
}

#[test]
fn every_run_makes_the_same_accounts_and_grants() {
    let made = || {
        let database = Database::migrated();
        database.ok(&SMALL);
        database.all(
            "SELECT concat_ws('|', u.id, u.email, u.full_name, u.is_active, u.is_admin, r.name)
               FROM users u LEFT JOIN user_roles ur ON ur.user_id = u.id LEFT JOIN roles r ON r.id = ur.role_id
              ORDER BY u.id",
        )
    };
    assert_eq!(made(), made());
}

#[test]
fn a_database_that_has_accounts_is_refused() {
    let database = Database::migrated();
    database.ok(&SMALL);
    assert!(database.fails(&SMALL).contains("has accounts already"));
    assert_eq!(count(&database, "users"), 2000);
}

#[test]
fn a_database_whose_accounts_were_deleted_can_be_filled_again() {
    let database = Database::migrated();
    database.ok(&SMALL);
    database.all("DELETE FROM users");
    database.ok(&SMALL);
    assert_eq!(
        (count(&database, "users"), count(&database, "user_roles"), count(&database, "roles")),
        (2000, 100, 200)
    );
}

#[test]
fn one_of_two_at_once_is_refused() {
    let database = Database::migrated();
    let runs: Vec<Child> = (0..2).map(|_| database.start(&SMALL)).collect();
    let said: Vec<_> = runs.into_iter().map(|run| run.wait_with_output().unwrap()).collect();
    assert_eq!(said.iter().filter(|said| said.status.success()).count(), 1);
    let errors: String = said.iter().map(|said| text(&said.stderr)).collect();
    assert!(errors.contains("has accounts already"), "{errors}");
    assert_eq!((count(&database, "users"), count(&database, "user_roles")), (2000, 100));
}

#[test]
fn more_grants_than_accounts_are_refused() {
    let database = Database::migrated();
    assert!(database.fails(&["seed", "--users", "10", "--grants", "11"]).contains("--grants"));
    database.ok(&["seed", "--users", "10", "--grants", "10"]);
    assert_eq!(count(&database, "(SELECT DISTINCT user_id FROM user_roles) AS owners"), 10);
}

#[test]
fn without_grants_no_role_is_made() {
    let database = Database::migrated();
    database.ok(&["seed", "--users", "10"]);
    assert_eq!((count(&database, "users"), count(&database, "roles")), (10, 0));
}

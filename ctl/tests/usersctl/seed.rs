//! `usersctl seed`.

use users_core::{Email, Password};
use users_crypto::{HashError, PasswordHasher};

use crate::fixture::{Database, block_on, text};

const SMALL: [&str; 5] = ["seed", "--users", "2000", "--grants", "100"];

fn count(database: &Database, from: &str) -> usize {
    database.sql(&format!("SELECT count(*)::text FROM {from}")).concat().parse().unwrap()
}

#[test]
fn the_requested_numbers_of_accounts_and_grants_are_created() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    assert!(database.ok(&SMALL).starts_with("made 2000 accounts and 100 grants in "));
    for (from, expected) in [
        ("users", 2000),
        ("users WHERE NOT is_active", 100),
        ("users WHERE is_admin AND is_active", 1),
        ("users WHERE full_name IS NULL", 200),
        ("roles", 3 + 200),
        ("permissions", 8 + 300),
        ("(SELECT FROM role_permissions GROUP BY role_id HAVING count(*) = 5) AS five", 200),
        ("user_roles", 100),
        ("(SELECT DISTINCT user_id FROM user_roles) AS owners", 100),
        ("(SELECT DISTINCT role_id FROM user_roles) AS granted", 100),
    ] {
        assert_eq!(count(&database, from), expected, "{from}");
    }
}

#[test]
fn addresses_are_valid_and_a_search_finds_few_accounts() {
    let database = Database::migrated();
    database.ok(&SMALL);
    for address in database.sql("SELECT email FROM users") {
        assert_eq!(Email::parse(&address).unwrap().as_str(), address);
    }
    let found = count(&database, "users WHERE email ILIKE '%okafor%' OR full_name ILIKE '%okafor%'");
    assert!((1..=10).contains(&found), "{found}");
}

#[test]
fn no_password_matches_a_seeded_account() {
    let database = Database::migrated();
    database.ok(&SMALL);
    let hashes = database.sql("SELECT DISTINCT password_hash FROM users");
    assert_eq!(hashes, ["!"]);
    for password in ["!", "", "password"] {
        let verdict = block_on(PasswordHasher::new().verify(&Password::from(password.to_owned()), Some("!")));
        assert_eq!(verdict, Err(HashError::Unreadable));
    }
}

#[test]
fn every_run_creates_the_same_accounts_and_grants() {
    let made = || {
        let database = Database::migrated();
        database.ok(&SMALL);
        database.sql(
            "SELECT concat_ws('|', u.id, u.email, u.full_name, u.is_active, u.is_admin, r.name)
               FROM users u LEFT JOIN user_roles ur ON ur.user_id = u.id LEFT JOIN roles r ON r.id = ur.role_id
              ORDER BY u.id",
        )
    };
    assert_eq!(made(), made());
}

#[test]
fn a_database_with_accounts_is_refused() {
    let database = Database::migrated();
    database.ok(&SMALL);
    assert!(database.fails(&SMALL).contains("has accounts already"));
    assert_eq!(count(&database, "users"), 2000);
}

#[test]
fn a_database_can_be_seeded_again_after_its_accounts_were_deleted() {
    let database = Database::migrated();
    database.ok(&SMALL);
    database.sql("DELETE FROM users");
    database.ok(&SMALL);
    assert_eq!(
        (count(&database, "users"), count(&database, "user_roles"), count(&database, "roles")),
        (2000, 100, 200)
    );
}

#[test]
fn one_of_two_concurrent_runs_is_refused() {
    let database = Database::migrated();
    let outputs = database.run_at_once(2, &SMALL);
    assert_eq!(outputs.iter().filter(|output| output.status.success()).count(), 1);
    let errors: String = outputs.iter().map(|output| text(&output.stderr)).collect();
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
fn without_grants_no_role_is_created() {
    let database = Database::migrated();
    database.ok(&["seed", "--users", "10"]);
    assert_eq!((count(&database, "users"), count(&database, "roles")), (10, 0));
}

//! `usersctl migrate upgrade`: the keys of addresses and names; `usersctl accounts collisions`.

use crate::fixture::{Database, after_the_first_release, migrations_to, text};

/// The keys of all accounts, in the order of the ids. `-` stands for no key.
fn keys(database: &Database) -> Vec<String> {
    database.sql("SELECT id || ' ' || coalesce(email_key, '-') FROM users ORDER BY id")
}

/// Adds accounts as the previous release does: without keys.
fn add(database: &Database, emails: &[&str]) {
    for email in emails {
        database.sql(&format!("INSERT INTO users (email, password_hash) VALUES ('{email}', '!')"));
    }
}

#[test]
fn an_upgrade_computes_the_keys_of_existing_accounts() {
    let database = Database::of_the_first_release();
    database.sql(
        "INSERT INTO users (email, full_name, password_hash) VALUES
             ('Ada@Example.com', 'Ada Lovelace', '!'),
             (U&'JU\\0308RGEN@B\\00DCCHER.example', NULL, '!'),
             ('ΣΑΣ@example.com', 'ΜΑΡΊΑ', '!'),
             ('legacy@exam_ple.com', 'No Domain', '!')",
    );
    let before =
        database.sql("SELECT id, email, full_name, password_hash, updated_at FROM users ORDER BY id");
    assert!(database.ok(&["migrate", "upgrade"]).contains("computed the keys of 4 accounts"));
    assert_eq!(
        database.sql("SELECT email_key, search_text FROM users ORDER BY id"),
        [
            "ada@example.com|ada@example.com\nada lovelace",
            "jürgen@xn--bcher-kva.example|jürgen@bücher.example\n",
            "σασ@example.com|σασ@example.com\nμαρία",
            "legacy@exam_ple.com|legacy@exam_ple.com\nno domain",
        ]
    );
    let after = database.sql("SELECT id, email, full_name, password_hash, updated_at FROM users ORDER BY id");
    assert_eq!(after, before);
    assert!(!database.ok(&["migrate", "upgrade"]).contains("computed"));
}

#[test]
fn accounts_of_the_release_before_get_their_keys_at_the_next_upgrade() {
    let database = Database::migrated();
    add(&database, &["Late@example.com"]);
    assert_eq!(keys(&database), ["1 -"]);
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(keys(&database), ["1 late@example.com"]);
    // The previous release renames the account. It does not know the column `search_text`.
    database.sql("UPDATE users SET full_name = 'Ada'");
    assert_eq!(database.sql("SELECT email_key FROM users WHERE search_text IS NULL"), ["late@example.com"]);
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(database.sql("SELECT search_text FROM users"), ["late@example.com\nada"]);
}

#[test]
fn of_two_accounts_with_one_address_the_older_one_has_it() {
    let database = Database::migrated();
    add(
        &database,
        &[
            "jürgen@example.com",
            "alone@example.com",
            "ju\u{308}rgen@example.com",
            "ju\u{308}rgen@EXAMPLE.com.",
        ],
    );
    let output = database.run(&["migrate", "upgrade"]);
    assert!(output.status.success());
    assert!(text(&output.stderr).contains("1 accounts have the address of an older account"), "{output:?}");
    assert_eq!(
        keys(&database),
        ["1 jürgen@example.com", "2 alone@example.com", "3 -", "4 jürgen@example.com."]
    );
    assert_eq!(
        database.ok(&["accounts", "collisions"]),
        "account 3 ju\u{308}rgen@example.com has the address of account 1 jürgen@example.com\n"
    );

    database.sql("DELETE FROM users WHERE id = 1");
    assert!(database.ok(&["accounts", "collisions"]).contains("alone: run `usersctl migrate upgrade`"));
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(keys(&database)[1], "3 jürgen@example.com");
    assert_eq!(database.ok(&["accounts", "collisions"]), "no two accounts have the same address\n");
}

#[test]
fn an_account_gives_its_key_to_an_older_one_that_had_none() {
    let database = Database::migrated();
    add(&database, &["ju\u{308}rgen@example.com"]);
    database.sql(
        "INSERT INTO users (email, password_hash, email_key, search_text)
         VALUES ('jürgen@example.com', '!', 'jürgen@example.com', E'jürgen@example.com\\n')",
    );
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(keys(&database), ["1 jürgen@example.com", "2 -"]);
    assert!(database.ok(&["accounts", "collisions"]).starts_with("account 2 jürgen@example.com"));
}

#[test]
fn a_killed_computation_goes_on_where_it_stopped() {
    let database = Database::migrated();
    database.sql(
        "INSERT INTO users (email, password_hash) SELECT 'User' || n || '@example.com', '!' FROM generate_series(1, 3500) n",
    );
    // An open transaction of the service locks an account of the third batch.
    let dir = migrations_to(after_the_first_release().into_iter().max().unwrap());
    database.kill_while_blocked_by(dir.path(), "UPDATE users SET is_active = false WHERE id = 2500");
    let filled =
        "SELECT count(*), max(id) FROM users WHERE email_key IS NOT NULL AND search_text IS NOT NULL";
    assert_eq!(database.sql(filled), ["2000|2000"]);
    assert!(database.ok(&["migrate", "upgrade"]).contains("computed the keys of 1500 accounts"));
    assert_eq!(database.sql(filled), ["3500|3500"]);
}

#[test]
fn concurrent_upgrades_compute_every_key_once() {
    let database = Database::migrated();
    database.sql(
        "INSERT INTO users (email, password_hash) SELECT 'User' || n || '@example.com', '!' FROM generate_series(1, 1200) n",
    );
    let outputs = database.run_at_once(3, &["migrate", "upgrade"]);
    assert_eq!(crate::fixture::count_in(&outputs, "computed the keys of 1200 accounts"), 1);
    assert_eq!(database.sql("SELECT count(DISTINCT email_key) FROM users"), ["1200"]);
}

#[test]
fn roles_and_permissions_get_the_keys_of_their_names() {
    let database = Database::migrated();
    database.sql(
        "INSERT INTO roles (name) VALUES ('Prüfer'), (U&'Pru\\0308fer'), ('ΣΑΣ');
         INSERT INTO permissions (name, resource, action) VALUES ('Lesen Ä', 'a', 'b')",
    );
    let output = database.run(&["migrate", "upgrade"]);
    assert!(output.status.success());
    assert_eq!(
        text(&output.stderr),
        "the role 2 (Pru\u{308}fer) has the name of an older role in another spelling: rename one of them\n"
    );
    let names = "SELECT coalesce(name_key, '-') FROM roles ORDER BY id";
    assert_eq!(database.sql(names), ["prüfer", "-", "σασ"]);
    assert_eq!(database.sql("SELECT name_key FROM permissions"), ["lesen ä"]);
    // The previous release renames a role. It does not know the column `name_key`.
    database.sql("UPDATE roles SET name = 'Leser' WHERE id = 1");
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(database.sql(names), ["leser", "prüfer", "σασ"]);
}

#[test]
fn the_keys_are_the_same_in_a_database_whose_locale_knows_ascii_only() {
    let database = Database::with("ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
    database.ok(&["migrate", "upgrade"]);
    add(&database, &["jürgen@example.com", "JÜRGEN@example.com"]);
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(keys(&database), ["1 jürgen@example.com", "2 -"]);
}

#[test]
fn a_generated_account_has_the_keys_that_the_service_would_compute() {
    let database = Database::migrated();
    database.ok(&["seed", "--users", "300", "--grants", "50"]);
    let generated = "SELECT email_key, search_text FROM users ORDER BY id";
    let names = "SELECT name_key FROM roles UNION ALL SELECT name_key FROM permissions ORDER BY 1";
    let before = (database.sql(generated), database.sql(names));
    database.sql(
        "UPDATE users SET email_key = NULL, search_text = NULL;
         UPDATE roles SET name_key = NULL;
         UPDATE permissions SET name_key = NULL",
    );
    database.ok(&["migrate", "upgrade"]);
    assert_eq!((database.sql(generated), database.sql(names)), before);
}

//! `usersctl unlock`.

use crate::fixture::Database;

/// A wrong password for the account, of which one within ten minutes is allowed. Returns the seconds to wait if it is refused.
const TRY: &str = "SELECT coalesce(retry_after, 0) > 0
                     FROM begin_check(1, sha256('network'), sha256('shared'), sha256('own'), 1, 600, 100, 1)";

#[test]
fn unlocking_an_account_forgives_its_wrong_passwords_from_everywhere() {
    let database = Database::migrated();
    database.sql(
        "INSERT INTO users (email, password_hash, email_key, search_text)
         VALUES ('Ada@example.com', 'x', 'ada@example.com', E'ada@example.com\\n')",
    );
    assert_eq!(
        [database.sql(TRY), database.sql(TRY)].concat(),
        ["f", "t"],
        "expected the second to be refused"
    );
    let printed = database.ok(&["unlock", " ADA@example.com "]);
    assert_eq!(printed, "wrong passwords until now count no longer for account 1 Ada@example.com\n");
    assert_eq!(
        [database.sql(TRY), database.sql(TRY)].concat(),
        ["f", "t"],
        "expected counting to begin anew"
    );
    // The same for the count of an address at which the owner has logged in.
    database.sql("SELECT remember_address(1, sha256('network'))");
    assert_eq!([database.sql(TRY), database.sql(TRY)].concat(), ["f", "t"]);
    database.ok(&["unlock", "ada@example.com"]);
    assert_eq!(database.sql(TRY), ["f"]);
}

#[test]
fn an_address_without_an_account_cannot_be_unlocked() {
    let error = Database::migrated().fails(&["unlock", "bob@example.com"]);
    assert!(error.contains("no account has this address"), "{error}");
}

//! `usersctl setup-rbac`.

use std::process::Child;

use crate::fixture::{Database, eventually, text, while_blocked_by};

fn permissions(database: &Database) -> Vec<String> {
    database.all("SELECT concat_ws(' ', name, resource, action) FROM permissions ORDER BY id")
}

/// Each role's name, a star when it is given by default, and its permissions.
fn roles(database: &Database) -> Vec<String> {
    database.all(
        "SELECT r.name || CASE WHEN r.is_default THEN '*' ELSE '' END || ': '
                || coalesce(string_agg(p.name, ' ' ORDER BY p.name), '')
           FROM roles r
           LEFT JOIN role_permissions rp ON rp.role_id = r.id
           LEFT JOIN permissions p ON p.id = rp.permission_id
          GROUP BY r.id ORDER BY r.id",
    )
}

const PERMISSIONS: [&str; 3] = ["user:read user read", "user:write user write", "admin:all admin all"];
const ROLES: [&str; 3] = ["user*: user:read", "moderator: user:read user:write", "admin: admin:all"];

#[test]
fn the_first_permissions_and_roles_are_made() {
    let database = Database::migrated();
    assert_eq!(
        database.ok(&["setup-rbac"]).lines().collect::<Vec<_>>(),
        [
            "made permission user:read",
            "made permission user:write",
            "made permission admin:all",
            "made role user",
            "made role moderator",
            "made role admin",
        ]
    );
    assert_eq!(permissions(&database), PERMISSIONS);
    assert_eq!(roles(&database), ROLES);
    let described = "SELECT name FROM roles WHERE description LIKE '%.'
                     UNION ALL SELECT name FROM permissions WHERE description LIKE '%.'";
    assert_eq!(database.all(described).len(), 6);
}

#[test]
fn a_second_run_changes_nothing() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    assert!(database.ok(&["setup-rbac"]).starts_with("nothing to do"));
    assert_eq!(permissions(&database), PERMISSIONS);
    assert_eq!(roles(&database), ROLES);
}

#[test]
fn two_at_once_both_succeed_and_make_everything_once() {
    let database = Database::migrated();
    // Both meet an unfinished insertion of the first permission, and go on at the same instant when it is undone.
    let blocker = "INSERT INTO permissions (name, resource, action) VALUES ('user:read', 'user', 'read')";
    let runs: Vec<Child> = while_blocked_by(&database, blocker, || {
        let runs = (0..2).map(|_| database.start(&["setup-rbac"])).collect();
        eventually("both wait", || database.waiting() == 2);
        runs
    });
    let made: usize = runs
        .into_iter()
        .map(|run| run.wait_with_output().unwrap())
        .inspect(|said| assert!(said.status.success(), "{}", text(&said.stderr)))
        .map(|said| text(&said.stdout).matches("made ").count())
        .sum();
    assert_eq!(made, 6);
    assert_eq!(permissions(&database), PERMISSIONS);
    assert_eq!(roles(&database), ROLES);
}

#[test]
fn what_an_operator_changed_stays() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database.all(
        "UPDATE roles SET name = 'User', description = 'Ours', is_default = false WHERE name = 'user';
         UPDATE permissions SET name = 'USER:write', action = 'edit' WHERE name = 'user:write';
         DELETE FROM role_permissions WHERE role_id = (SELECT id FROM roles WHERE name = 'moderator')",
    );
    assert!(database.ok(&["setup-rbac"]).starts_with("nothing to do"));
    assert_eq!(
        permissions(&database),
        ["user:read user read", "USER:write user edit", "admin:all admin all"]
    );
    assert_eq!(roles(&database), ["User: user:read", "moderator: ", "admin: admin:all"]);
    assert_eq!(database.all("SELECT description FROM roles WHERE name = 'User'"), ["Ours"]);
}

#[test]
fn what_was_deleted_is_made_again_and_only_that() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database
        .all("DELETE FROM roles WHERE name = 'moderator'; DELETE FROM permissions WHERE name = 'user:read'");
    assert_eq!(database.ok(&["setup-rbac"]), "made permission user:read\nmade role moderator\n");
    assert_eq!(roles(&database), ["user*: ", "admin: admin:all", "moderator: user:read user:write"]);
}

#[test]
fn on_an_old_schema_it_says_what_to_do_and_makes_nothing() {
    let database = Database::of_the_first_release();
    assert!(database.fails(&["setup-rbac"]).contains("run `usersctl migrate upgrade` first"));
}

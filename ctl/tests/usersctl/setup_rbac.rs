//! `usersctl setup-rbac`.

use crate::fixture::{Database, count_in, eventually, outputs};

fn permissions(database: &Database) -> Vec<String> {
    database.sql("SELECT concat_ws(' ', name, resource, action) FROM permissions ORDER BY id")
}

/// Each role with its permissions. A star marks a default role.
fn roles(database: &Database) -> Vec<String> {
    database.sql(
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
fn the_first_permissions_and_roles_are_created() {
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
    assert_eq!(database.sql(described).len(), 6);
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
fn two_concurrent_runs_succeed_and_create_everything_once() {
    let database = Database::migrated();
    // Both wait for an open transaction that inserts the first permission. They go on together when it is undone.
    let blocker = "INSERT INTO permissions (name, resource, action) VALUES ('user:read', 'user', 'read')";
    let runs = database.while_blocked_by(blocker, || {
        let runs = (0..2).map(|_| database.start(&["setup-rbac"])).collect();
        eventually("both wait", || database.waiting() == 2);
        runs
    });
    assert_eq!(count_in(&outputs(runs), "made "), 6);
    assert_eq!(permissions(&database), PERMISSIONS);
    assert_eq!(roles(&database), ROLES);
}

#[test]
fn changes_of_the_operator_are_kept() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database.sql(
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
    assert_eq!(database.sql("SELECT description FROM roles WHERE name = 'User'"), ["Ours"]);
}

#[test]
fn only_deleted_roles_and_permissions_are_created_again() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database
        .sql("DELETE FROM roles WHERE name = 'moderator'; DELETE FROM permissions WHERE name = 'user:read'");
    assert_eq!(database.ok(&["setup-rbac"]), "made permission user:read\nmade role moderator\n");
    assert_eq!(roles(&database), ["user*: ", "admin: admin:all", "moderator: user:read user:write"]);
}

#[test]
fn on_an_old_schema_the_error_names_migrate_upgrade() {
    let database = Database::of_the_first_release();
    assert!(database.fails(&["setup-rbac"]).contains("run `usersctl migrate upgrade` first"));
}

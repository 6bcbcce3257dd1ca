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

const PERMISSIONS: [&str; 8] = [
    "user:read user read",
    "user:write user write",
    "admin:all admin all",
    "accounts:read accounts read",
    "accounts:write accounts write",
    "rbac:read rbac read",
    "rbac:write rbac write",
    "token:introspect token introspect",
];
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
            "made permission accounts:read",
            "made permission accounts:write",
            "made permission rbac:read",
            "made permission rbac:write",
            "made permission token:introspect",
            "made role user",
            "made role moderator",
            "made role admin",
        ]
    );
    assert_eq!(permissions(&database), PERMISSIONS);
    assert_eq!(roles(&database), ROLES);
    let described = "SELECT name FROM roles WHERE description LIKE '%.'
                     UNION ALL SELECT name FROM permissions WHERE description LIKE '%.'";
    assert_eq!(database.sql(described).len(), 11);
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
    // Both runs wait for an open transaction that inserts the first permission. They continue together after its rollback.
    let blocker = "INSERT INTO permissions (name, resource, action) VALUES ('user:read', 'user', 'read')";
    let runs = database.while_blocked_by(blocker, || {
        let runs = (0..2).map(|_| database.start(&["setup-rbac"])).collect();
        eventually("both wait", || database.waiting() == 2);
        runs
    });
    assert_eq!(count_in(&outputs(runs), "made "), 11);
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
        permissions(&database)[..3],
        ["user:read user read", "USER:write user edit", "admin:all admin all"]
    );
    assert_eq!(roles(&database), ["User: user:read", "moderator: ", "admin: admin:all"]);
    assert_eq!(database.sql("SELECT description FROM roles WHERE name = 'User'"), ["Ours"]);
}

#[test]
fn what_the_operator_removed_or_renamed_does_not_come_back() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database.sql(
        "DELETE FROM roles WHERE name = 'moderator';
         DELETE FROM permissions WHERE name = 'user:read';
         UPDATE roles SET name = 'member', is_default = false WHERE name = 'user';
         UPDATE permissions SET name = 'edit users' WHERE name = 'user:write'",
    );
    assert!(database.ok(&["setup-rbac"]).starts_with("nothing to do"));
    assert_eq!(permissions(&database)[..2], ["edit users user write", "admin:all admin all"]);
    assert_eq!(roles(&database), ["member: ", "admin: admin:all"]);
}

#[test]
fn everything_removed_stays_removed() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database.sql("DELETE FROM roles; DELETE FROM permissions");
    assert!(database.ok(&["setup-rbac"]).starts_with("nothing to do"));
    assert_eq!((permissions(&database).len(), roles(&database).len()), (0, 0));
}

#[test]
fn a_reset_brings_back_what_was_removed_and_keeps_the_rest() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database.sql(
        "DELETE FROM roles WHERE name = 'moderator';
         DELETE FROM permissions WHERE name = 'user:read';
         UPDATE roles SET description = 'Ours', is_default = false WHERE name = 'user';
         UPDATE permissions SET action = 'edit' WHERE name = 'user:write';
         INSERT INTO permissions (name, resource, action) VALUES ('ours', 'a', 'b');
         INSERT INTO role_permissions SELECT r.id, p.id FROM roles r, permissions p WHERE r.name = 'user' AND p.name = 'ours'",
    );
    assert_eq!(
        database.ok(&["setup-rbac", "--reset"]).lines().collect::<Vec<_>>(),
        [
            "made permission user:read",
            "gave role user the permission user:read",
            "made role user a default role",
            "made role moderator",
        ]
    );
    assert_eq!(
        [&permissions(&database)[..2], &permissions(&database)[7..]].concat(),
        ["user:write user edit", "admin:all admin all", "ours a b", "user:read user read"]
    );
    assert_eq!(
        roles(&database),
        ["user*: ours user:read", "admin: admin:all", "moderator: user:read"],
        "expected no role to get a permission that means something else now"
    );
    assert_eq!(database.sql("SELECT description FROM roles WHERE name = 'user'"), ["Ours"]);
    assert!(database.ok(&["setup-rbac", "--reset"]).starts_with("nothing to do"));
}

#[test]
fn a_reset_lets_no_default_role_administrate() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    // The default role became the administrators' role, and the other way round.
    database.sql(
        "UPDATE roles SET is_default = false;
         DELETE FROM role_permissions;
         INSERT INTO role_permissions SELECT r.id, p.id FROM roles r, permissions p WHERE r.name = 'user' AND p.name = 'admin:all';
         UPDATE roles SET is_default = true WHERE name = 'admin'",
    );
    database.ok(&["setup-rbac", "--reset"]);
    assert_eq!(
        roles(&database),
        ["user: admin:all user:read", "moderator: user:read user:write", "admin*: "]
    );
}

#[test]
fn a_role_that_the_operator_made_first_stays_as_it_is() {
    let database = Database::migrated();
    database.sql("INSERT INTO roles (name) VALUES ('User')");
    database.ok(&["setup-rbac"]);
    database.ok(&["setup-rbac"]);
    assert_eq!(roles(&database), ["User: ", "moderator: user:read user:write", "admin: admin:all"]);
}

/// Makes the database forget that these things were set up, as if this release were the first that has them.
fn forget(database: &Database, things: &[&str]) {
    for thing in things {
        assert_eq!(
            database.sql(&format!("DELETE FROM rbac_setup WHERE thing = '{thing}' RETURNING thing")),
            [*thing]
        );
    }
}

#[test]
fn a_later_release_adds_what_only_it_has() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database.sql(
        "DELETE FROM roles WHERE name = 'admin';
         DELETE FROM permissions WHERE name = 'user:write';
         UPDATE roles SET is_default = false WHERE name = 'user'",
    );
    // The later release has a new permission, which an existing role grants, and a new default mark.
    forget(&database, &["permission user:write", "role moderator grants user:write", "role user is default"]);
    assert_eq!(
        database.ok(&["setup-rbac"]).lines().collect::<Vec<_>>(),
        [
            "made permission user:write",
            "made role user a default role",
            "gave role moderator the permission user:write",
        ]
    );
    assert_eq!(roles(&database), ["user*: user:read", "moderator: user:read user:write"]);
}

#[test]
fn a_later_release_gives_nothing_to_a_role_that_the_operator_removed() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database.sql("DELETE FROM roles WHERE name = 'moderator'");
    forget(&database, &["role moderator grants user:write"]);
    assert!(database.ok(&["setup-rbac"]).starts_with("nothing to do"));
    assert_eq!(roles(&database), ["user*: user:read", "admin: admin:all"]);
}

/// The permissions that a later release than that of the table `rbac_setup` sets up.
const LATER_PERMISSIONS: [&str; 5] =
    ["accounts:read", "accounts:write", "rbac:read", "rbac:write", "token:introspect"];

#[test]
fn no_role_gets_a_part_of_the_administration_or_introspection() {
    let database = Database::migrated();
    database.ok(&["setup-rbac"]);
    database.ok(&["setup-rbac", "--reset"]);
    let granted = database.sql(
        "SELECT p.name FROM permissions p JOIN role_permissions rp ON rp.permission_id = p.id ORDER BY p.name",
    );
    assert_eq!(granted, ["admin:all", "user:read", "user:read", "user:write"]);
}

/// The last migration before the table `rbac_setup`.
const BEFORE_THE_MEMORY: i64 = 17;

/// A database that was upgraded from the previous release. It has the roles and permissions of that release.
fn of_the_release_before(roles_and_permissions: &str) -> Database {
    let database = Database::new();
    database.upgrade_to(BEFORE_THE_MEMORY);
    database.sql(roles_and_permissions);
    database.ok(&["migrate", "upgrade"]);
    database
}

#[test]
fn what_the_release_before_set_up_is_remembered() {
    for removed in ["DELETE FROM roles WHERE name = 'user'", "DELETE FROM roles; DELETE FROM permissions"] {
        let database = of_the_release_before(&format!(
            "INSERT INTO permissions (name, resource, action) VALUES ('user:read', 'user', 'read');
             INSERT INTO roles (name, is_default) VALUES ('user', true), ('admin', false);
             {removed}"
        ));
        let before = roles(&database);
        let made: Vec<String> =
            LATER_PERMISSIONS.iter().map(|name| format!("made permission {name}")).collect();
        assert_eq!(database.ok(&["setup-rbac"]).lines().collect::<Vec<_>>(), made, "{removed}");
        assert_eq!(roles(&database), before, "{removed}");
        database.ok(&["setup-rbac", "--reset"]);
        assert!(roles(&database).contains(&"user*: user:read".to_owned()), "{removed}");
    }
}

#[test]
fn where_the_release_before_set_up_nothing_everything_is_set_up() {
    let database =
        of_the_release_before("INSERT INTO users (email, password_hash) VALUES ('a@example.com', 'x')");
    assert_eq!(database.ok(&["setup-rbac"]).lines().count(), 11);
    assert_eq!(roles(&database), ROLES);
}

#[test]
fn the_migration_remembers_exactly_what_is_set_up() {
    let remembered = |database: &Database| database.sql("SELECT thing FROM rbac_setup ORDER BY thing");
    let (before, now) =
        (of_the_release_before("INSERT INTO roles (name) VALUES ('ours')"), Database::migrated());
    now.ok(&["setup-rbac"]);
    let later = LATER_PERMISSIONS.map(|name| format!("permission {name}"));
    let mut of_that_release = remembered(&now);
    of_that_release.retain(|thing| !later.contains(thing));
    assert_eq!(remembered(&before), of_that_release);
}

#[test]
fn on_an_old_schema_the_error_names_migrate_upgrade() {
    let database = Database::of_the_first_release();
    assert!(database.fails(&["setup-rbac"]).contains("run `usersctl migrate upgrade` first"));
}

//! The roles of the components, which belong to the whole cluster.

use std::process::Child;

use local_postgres::random_hex;

use crate::fixture::{Database, outputs, server_url, successful, text};

/// The roles of a test, which no other test uses.
struct Roles(String);

impl Roles {
    fn new() -> Self {
        Self(format!("t{}", random_hex(6).unwrap()))
    }

    /// The command that makes these roles and gives them their rights.
    fn upgrade(&self) -> [&str; 4] {
        ["migrate", "upgrade", "--db-role-prefix", &self.0]
    }

    fn count(&self, database: &Database) -> usize {
        database.sql(&format!("SELECT FROM pg_roles WHERE rolname LIKE '{}\\_%'", self.0)).len()
    }
}

/// Removes the roles. The databases in which they have rights are gone by then.
impl Drop for Roles {
    fn drop(&mut self) {
        let database = Database::new();
        let names =
            database.sql(&format!("SELECT rolname FROM pg_roles WHERE rolname LIKE '{}\\_%'", self.0));
        if !names.is_empty() {
            database.sql(&format!("DROP ROLE {}", names.join(", ")));
        }
    }
}

/// The URL of a database for a role that may create roles.
fn as_superuser(database: &Database) -> String {
    let url = server_url();
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{}", database.name())
}

fn upgrade_as_superuser(database: &Database, roles: &Roles) -> Child {
    database.command(&roles.upgrade()).env("DATABASE_URL", as_superuser(database)).spawn().unwrap()
}

#[test]
fn ten_upgrades_at_once_in_ten_databases_make_each_role_once() {
    let roles = Roles::new();
    let databases: Vec<Database> = (0..10).map(|_| Database::migrated()).collect();
    let runs = databases.iter().map(|database| upgrade_as_superuser(database, &roles)).collect();
    for output in outputs(runs) {
        successful(&output);
        assert_eq!(text(&output.stderr), "");
    }
    assert_eq!(roles.count(&databases[0]), 6 * 3, "six roles with two members each");
    let can_log_in = format!("SELECT FROM pg_roles WHERE rolname LIKE '{}\\_%' AND rolcanlogin", roles.0);
    assert_eq!(databases[0].sql(&can_log_in).len(), 0, "expected nobody to log in without a password");
    for database in &databases {
        let may = format!(
            "SELECT has_column_privilege('{0}_users_2', 'users', 'email', 'SELECT'),
                    has_column_privilege('{0}_users_2', 'users', 'password_hash', 'SELECT')",
            roles.0
        );
        assert_eq!(database.sql(&may), ["t|f"]);
    }
    drop(databases);
}

#[test]
fn an_owner_who_may_not_create_roles_is_told_the_statements() {
    let roles = Roles::new();
    let database = Database::migrated();
    let output = database.run(&roles.upgrade());
    successful(&output);
    let told = text(&output.stderr);
    assert!(told.contains("may not create roles"), "{told}");
    assert_eq!(roles.count(&database), 0);
    let statements: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert_eq!(statements.len(), 6 * 3 + 6 * 2, "{told}");

    for statement in statements {
        database.sql(statement);
    }
    assert!(database.ok(&roles.upgrade()).contains("corrected the rights"));
    let output = database.run(&roles.upgrade());
    assert_eq!(text(&output.stderr), "");
    assert!(!successful(&output).contains("corrected"), "expected nothing to be left");
    let may = format!("SELECT has_table_privilege('{}_rbac_1', 'roles', 'DELETE')", roles.0);
    assert_eq!(database.sql(&may), ["t"]);
    drop(database);
}

#[test]
fn an_upgrade_takes_rights_that_are_too_much_and_keeps_the_others() {
    let roles = Roles::new();
    let database = Database::migrated();
    successful(&upgrade_as_superuser(&database, &roles).wait_with_output().unwrap());
    let prefix = &roles.0;
    database.sql(&format!(
        "GRANT SELECT, TRUNCATE ON users TO {prefix}_profile;
         GRANT UPDATE (is_admin) ON users TO {prefix}_rbac;
         GRANT USAGE ON SEQUENCE sessions_id_seq TO {prefix}_system;
         GRANT EXECUTE ON FUNCTION end_sessions(integer[]) TO {prefix}_rbac, PUBLIC;
         GRANT CREATE ON SCHEMA public TO PUBLIC;
         REVOKE SELECT ON accounts FROM {prefix}_rbac"
    ));
    assert!(database.ok(&roles.upgrade()).contains("corrected the rights"));
    let may = format!(
        "SELECT has_column_privilege('{prefix}_profile', 'users', 'password_hash', 'SELECT'),
                has_column_privilege('{prefix}_profile', 'users', 'full_name', 'SELECT'),
                has_table_privilege('{prefix}_profile', 'users', 'TRUNCATE'),
                has_column_privilege('{prefix}_rbac', 'users', 'is_admin', 'UPDATE'),
                has_sequence_privilege('{prefix}_system', 'sessions_id_seq', 'USAGE'),
                has_function_privilege('{prefix}_rbac', 'end_sessions(integer[])', 'EXECUTE'),
                has_schema_privilege('{prefix}_rbac', 'public', 'CREATE'),
                has_table_privilege('{prefix}_rbac', 'accounts', 'SELECT')"
    );
    assert_eq!(database.sql(&may), ["f|t|f|f|f|f|f|t"]);
    drop(database);
}

#[test]
fn a_prefix_that_needs_quotes_is_refused() {
    let database = Database::migrated();
    let output = database.run(&["migrate", "upgrade", "--db-role-prefix", "Users"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("a-z, 0-9 and _"), "{}", text(&output.stderr));
}

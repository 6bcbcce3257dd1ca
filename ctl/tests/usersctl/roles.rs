//! The roles of the components, which belong to the whole cluster.

use std::io::{BufRead, BufReader};
use std::process::Child;

use local_postgres::random_hex;

use crate::fixture::{Database, outputs, server_url, successful, text, usersctl};

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
fn an_upgrade_takes_rights_of_members_of_everybody_and_the_right_to_pass_rights_on() {
    let roles = Roles::new();
    let database = Database::migrated();
    successful(&upgrade_as_superuser(&database, &roles).wait_with_output().unwrap());
    let (prefix, name) = (&roles.0, database.name());
    database.sql(&format!(
        "GRANT SELECT ON users TO {prefix}_system_1;
         GRANT SELECT ON sessions TO PUBLIC;
         GRANT SELECT (email) ON users TO PUBLIC;
         GRANT EXECUTE ON FUNCTION account(integer), right_grants(text, text, text, text) TO PUBLIC;
         GRANT CREATE, USAGE ON SCHEMA public TO {prefix}_rbac_2;
         GRANT TEMPORARY, CREATE ON DATABASE {name} TO {prefix}_rbac;
         GRANT CONNECT, TEMPORARY ON DATABASE {name} TO PUBLIC;
         GRANT SELECT ON accounts TO {prefix}_profile WITH GRANT OPTION;
         SET ROLE {prefix}_profile;
         GRANT SELECT ON accounts TO {prefix}_system"
    ));
    assert!(database.ok(&roles.upgrade()).contains("corrected the rights"));
    let may = format!(
        "SELECT has_table_privilege('{prefix}_system_1', 'users', 'SELECT'),
                has_table_privilege('public', 'sessions', 'SELECT'),
                has_column_privilege('public', 'users', 'email', 'SELECT'),
                has_function_privilege('public', 'account(integer)', 'EXECUTE'),
                has_function_privilege('public', 'right_grants(text, text, text, text)', 'EXECUTE'),
                has_schema_privilege('{prefix}_rbac_2', 'public', 'CREATE'),
                has_database_privilege('{prefix}_rbac', '{name}', 'TEMPORARY, CREATE'),
                has_database_privilege('public', '{name}', 'CONNECT, TEMPORARY'),
                has_table_privilege('{prefix}_profile', 'accounts', 'SELECT WITH GRANT OPTION'),
                has_table_privilege('{prefix}_system', 'accounts', 'SELECT')"
    );
    assert_eq!(database.sql(&may), ["f|f|f|f|f|f|f|f|f|f"]);
    let kept = format!(
        "SELECT has_table_privilege('{prefix}_profile_2', 'accounts', 'SELECT'),
                has_database_privilege('{prefix}_profile_2', '{name}', 'CONNECT'),
                has_function_privilege('public', 'similarity(text, text)', 'EXECUTE')"
    );
    assert_eq!(database.sql(&kept), ["t|t|t"], "expected the functions of extensions to be left alone");
    assert!(!database.ok(&roles.upgrade()).contains("corrected"), "expected nothing to be left");
    drop(database);
}

#[test]
fn a_right_that_another_role_gave_is_named_instead_of_being_revoked_for_ever() {
    let roles = Roles::new();
    let database = Database::migrated();
    successful(&upgrade_as_superuser(&database, &roles).wait_with_output().unwrap());
    let prefix = &roles.0;
    database.sql(&format!(
        "CREATE ROLE {prefix}_reports;
         GRANT SELECT ON users TO {prefix}_reports WITH GRANT OPTION;
         SET ROLE {prefix}_reports;
         GRANT SELECT ON users TO {prefix}_rbac"
    ));
    let told = database.fails(&roles.upgrade());
    assert!(told.contains(&format!("REVOKE SELECT ON TABLE users FROM {prefix}_rbac")), "{told}");
    database.sql(&format!("REVOKE SELECT ON users FROM {prefix}_reports CASCADE"));
    database.ok(&roles.upgrade());
    drop(database);
}

#[test]
fn a_schema_in_which_everybody_may_create_is_told_to_a_superuser_and_fails_the_check() {
    let roles = Roles::new();
    let database = Database::migrated();
    successful(&upgrade_as_superuser(&database, &roles).wait_with_output().unwrap());
    let (prefix, name) = (&roles.0, database.name());
    database.sql(&format!(
        "ALTER SCHEMA public OWNER TO CURRENT_USER; GRANT CREATE ON SCHEMA public TO PUBLIC;
         GRANT CREATE ON SCHEMA public TO users_tests; ALTER ROLE {prefix}_rbac_1 LOGIN PASSWORD 'p'"
    ));
    let checked = || {
        let mut command = usersctl(&["check-config", "--db-role-prefix", prefix]);
        command.envs(database.variables()).env("SPIN_VARIABLE_DB_USER_RBAC", format!("{prefix}_rbac_1"));
        text(&command.env("SPIN_VARIABLE_DB_PASSWORD_RBAC", "p").output().unwrap().stdout)
    };
    let failure = format!("failed  the role {prefix}_rbac_1 of the component rbac may make objects");
    assert!(checked().contains(&failure), "{}", checked());

    let output = database.run(&roles.upgrade());
    successful(&output);
    let told = text(&output.stderr);
    let statements: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert_eq!(statements, ["REVOKE CREATE ON SCHEMA public FROM PUBLIC;"], "{told}");
    database.sql(statements[0]);
    assert_eq!(text(&database.run(&roles.upgrade()).stderr), "");
    assert!(
        checked().contains(&format!("ok      Postgres accepts the role {prefix}_rbac_1")),
        "{}",
        checked()
    );

    // A role without the rights of the component.
    database.sql(&format!(
        "REVOKE {prefix}_rbac FROM {prefix}_rbac_1; GRANT CONNECT ON DATABASE {name} TO {prefix}_rbac_1"
    ));
    assert!(checked().contains(&format!("rbac is no member of {prefix}_rbac")), "{}", checked());
    database.sql(&format!("GRANT users_tests TO {prefix}_rbac_1"));
    assert!(checked().contains("rbac owns the tables or the database"), "{}", checked());
    drop(database);
}

#[test]
fn roles_with_more_power_than_rights_are_refused_and_keep_what_they_have() {
    let roles = Roles::new();
    let database = Database::migrated();
    let prefix = &roles.0;
    successful(&upgrade_as_superuser(&database, &roles).wait_with_output().unwrap());
    for (give, take, reason) in [
        ("ALTER ROLE {}_auth_2 SUPERUSER", "ALTER ROLE {}_auth_2 NOSUPERUSER", "auth_2 is a superuser"),
        ("ALTER ROLE {}_auth CREATEROLE", "ALTER ROLE {}_auth NOCREATEROLE", "auth has CREATEROLE"),
        ("ALTER ROLE {}_rbac BYPASSRLS", "ALTER ROLE {}_rbac NOBYPASSRLS", "rbac has BYPASSRLS"),
        (
            "GRANT users_tests TO {}_rbac",
            "REVOKE users_tests FROM {}_rbac",
            "rbac is a member of users_tests",
        ),
        (
            "GRANT pg_read_all_data TO {}_rbac_1",
            "REVOKE pg_read_all_data FROM {}_rbac_1",
            "rbac_1 is a member of pg_read_all_data",
        ),
        ("GRANT {0}_auth TO {0}_system_1", "REVOKE {0}_auth FROM {0}_system_1", "system_1 is a member of"),
    ] {
        let statement = |text: &str| text.replace("{}", prefix).replace("{0}", prefix);
        database.sql(&statement(give));
        let told = database.fails(&roles.upgrade());
        assert!(told.contains(reason) && told.contains("--db-role-prefix"), "{told}");
        database.sql(&statement(take));
    }
    database.ok(&roles.upgrade());
    drop(database);
}

#[test]
fn an_owner_that_is_named_like_the_role_of_a_component_keeps_its_rights() {
    let roles = Roles::new();
    let prefix = &roles.0;
    let database = Database::new();
    database.sql(&format!("CREATE ROLE {prefix}_worker LOGIN PASSWORD 'p'"));
    database.sql(&format!("ALTER DATABASE {} OWNER TO {prefix}_worker", database.name()));
    database.sql(&format!("GRANT ALL ON SCHEMA public TO {prefix}_worker"));
    let url = database.url();
    let (_, place) = url.split_once('@').unwrap();
    let mut command = usersctl(&roles.upgrade());
    let output =
        command.env("DATABASE_URL", format!("postgres://{prefix}_worker:p@{place}")).output().unwrap();
    let told = text(&output.stderr);
    assert!(!output.status.success() && told.contains("is the role that migrates"), "{told}");
    assert!(told.contains("--db-role-prefix"), "{told}");
    assert_eq!(roles.count(&database), 1, "expected no other role");
    database.sql(&format!("SELECT grant_rights('{prefix}')"));
    let may = format!("SELECT has_table_privilege('{prefix}_worker', 'users', 'INSERT, TRUNCATE')");
    assert_eq!(database.sql(&may), ["t"]);
    drop(database);
}

#[test]
fn a_run_that_waits_names_who_holds_the_lock() {
    let database = Database::migrated();
    let told = database.while_blocked_by("SELECT pg_advisory_xact_lock(8463219666995868780)", || {
        let mut run = database.start(&["migrate", "upgrade"]);
        let mut told = String::new();
        BufReader::new(run.stderr.take().unwrap()).read_line(&mut told).unwrap();
        run.kill().unwrap();
        run.wait().unwrap();
        told
    });
    let holder = database.sql("SELECT current_user").concat();
    assert!(told.contains(&format!("as the role {holder}; waiting")), "{told}");
}

#[test]
fn a_prefix_that_needs_quotes_is_refused() {
    let database = Database::migrated();
    let output = database.run(&["migrate", "upgrade", "--db-role-prefix", "Users"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("a-z, 0-9 and _"), "{}", text(&output.stderr));
}

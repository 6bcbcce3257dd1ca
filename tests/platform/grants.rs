//! Each component has a role of Postgres, which may do what its statements need, and nothing else.
//!
//! `grants.txt` lists every right. The catalogue is compared with it, and every right that it does not list is tried.

use std::collections::BTreeSet;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage};
use users_tests::{COMPONENTS, Service, environment};

/// The rights of the roles, of their members and of everybody on the objects of the schema, as the catalogue has them.
const CATALOGUE: &str = "
    WITH role AS (
        SELECT oid, substr(rolname, 7) AS name FROM pg_roles
         WHERE rolname ~ '^users_(auth|users|rbac|profile|system|worker)(_[12])?$'
        UNION ALL
        SELECT 0, 'everybody'
    ), object AS (
        SELECT c.oid, c.relname::text AS name, 0 AS place, '' AS part,
               coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner)) AS acl
          FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S')
        UNION ALL
        SELECT c.oid, c.relname, a.attnum, a.attname, a.attacl
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
         WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT f.oid, f.oid::regprocedure::text, 0, '', coalesce(f.proacl, acldefault('f', f.proowner))
          FROM pg_proc f
         WHERE f.pronamespace = 'public'::regnamespace
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
    )
    SELECT role.name || ' ' || acl.privilege_type || ' ' || object.name
               || coalesce(' (' || string_agg(nullif(object.part, ''), ', ' ORDER BY object.place) || ')', '')
      FROM object CROSS JOIN LATERAL aclexplode(object.acl) AS acl JOIN role ON role.oid = acl.grantee
     GROUP BY role.name, acl.privilege_type, object.oid, object.name, object.place = 0";

/// The table of rights: a role, a verb, and the rest of the line.
fn listed() -> BTreeSet<String> {
    let path = environment().root().join("tests/platform/grants.txt");
    let text = std::fs::read_to_string(path).expect("the table of rights can be read");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// True if the table gives a role this verb on the whole object or on one of its columns.
fn is_listed(role: &str, verb: &str, object: &str, column: Option<&str>) -> bool {
    let whole = format!("{role} {verb} {object}");
    listed().iter().any(|line| {
        *line == whole
            || line.strip_prefix(&format!("{whole} (")).is_some_and(|columns| {
                column.is_none_or(|column| columns.trim_end_matches(')').split(", ").any(|it| it == column))
            })
    })
}

async fn rows(client: &Client, statement: &str) -> Vec<Vec<String>> {
    let messages = client.simple_query(statement).await.expect("the statement is accepted");
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            Some((0..row.len()).map(|index| row.get(index).unwrap_or("").to_owned()).collect())
        }
        _ => None,
    });
    rows.collect()
}

/// A connection that has the rights of a component, as if it had logged in as its first member.
async fn as_component(service: &Service, component: &str) -> Client {
    let client = service.db().await;
    client
        .batch_execute(&format!("SET SESSION AUTHORIZATION users_{component}_1"))
        .await
        .expect("a superuser may become any role");
    client
}

/// A connection that logs in with the role and the password that the component has.
async fn logged_in_as(service: &Service, component: &str) -> Client {
    let variables = service.database().component_variables();
    let value = |name: &str| {
        variables
            .iter()
            .find(|(it, _)| it == name)
            .map(|(_, value)| value.clone())
            .expect("the component has it")
    };
    let mut config = tokio_postgres::Config::new();
    config.host(value("db_host")).port(value("db_port").parse().expect("a port")).dbname(value("db_name"));
    config.user(value(&format!("db_user_{component}"))).password(value(&format!("db_password_{component}")));
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.expect("the member can log in");
    tokio::spawn(connection);
    client
}

/// The SQLSTATE with which Postgres refuses a statement; `None` if it accepts it.
async fn refusal(client: &Client, statement: &str) -> Option<SqlState> {
    let refused = client.batch_execute(statement).await.err()?;
    Some(refused.code().unwrap_or_else(|| panic!("{statement}: {refused:?}")).clone())
}

async fn assert_denied(client: &Client, statement: &str) {
    assert_eq!(refusal(client, statement).await, Some(SqlState::INSUFFICIENT_PRIVILEGE), "{statement}");
}

#[tokio::test]
async fn the_catalogue_has_the_rights_of_the_table_and_no_others() {
    let service = Service::start().await;
    let given: BTreeSet<String> = service.sql(CATALOGUE).await.into_iter().collect();
    let listed = listed();
    let missing: Vec<_> = listed.difference(&given).collect();
    let excess: Vec<_> = given.difference(&listed).collect();
    assert!(
        missing.is_empty() && excess.is_empty(),
        "not in the catalogue: {missing:#?}\nnot in tests/platform/grants.txt: {excess:#?}"
    );
}

#[tokio::test]
async fn every_column_is_read_and_written_by_those_whom_the_table_names_and_refused_to_others() {
    let service = Service::start().await;
    let columns = rows(
        &service.db().await,
        "SELECT c.relname, a.attname, c.relkind
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
          ORDER BY 1, a.attnum",
    )
    .await;
    assert!(columns.len() > 100, "expected all columns: {}", columns.len());
    let mut tried = 0;
    for component in COMPONENTS {
        let client = as_component(&service, component).await;
        for column in &columns {
            let [table, column, kind] = &column[..] else { panic!("three columns") };
            for (verb, statement) in [
                ("SELECT", format!("SELECT {column} FROM {table} LIMIT 0")),
                (
                    "INSERT",
                    format!("INSERT INTO {table} ({column}) OVERRIDING SYSTEM VALUE SELECT NULL WHERE false"),
                ),
                ("UPDATE", format!("UPDATE {table} SET {column} = DEFAULT WHERE false")),
                ("DELETE", format!("DELETE FROM {table} WHERE false")),
            ] {
                let part = (verb != "DELETE").then_some(column.as_str());
                let refused = refusal(&client, &statement).await;
                tried += 1;
                match (is_listed(component, verb, table, part), refused) {
                    (true, None) | (false, Some(SqlState::INSUFFICIENT_PRIVILEGE)) => {}
                    // Nobody can write to a view whose columns are computed.
                    (false, Some(refused)) if kind == "v" && refused.code().starts_with("55") => {}
                    (false, Some(SqlState::FEATURE_NOT_SUPPORTED)) if kind == "v" => {}
                    (listed, refused) => {
                        panic!("{component}: {statement}: expected {listed} of the table, got {refused:?}")
                    }
                }
            }
        }
    }
    assert!(tried > 2000, "expected every role and column: {tried}");
}

#[tokio::test]
async fn tables_are_neither_emptied_nor_referred_to_nor_locked_away() {
    let service = Service::start().await;
    let tables = service
        .sql("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        .await;
    for component in COMPONENTS {
        let client = as_component(&service, component).await;
        for table in &tables {
            assert_denied(&client, &format!("TRUNCATE {table} CASCADE")).await;
            assert_denied(&client, &format!("ALTER TABLE {table} ADD COLUMN mine text")).await;
            assert_denied(
                &client,
                &format!("CREATE TRIGGER mine AFTER INSERT ON {table} EXECUTE FUNCTION mark_name_key()"),
            )
            .await;
        }
        assert_denied(&client, "CREATE TABLE mine ()").await;
        assert_denied(&client, "CREATE TEMPORARY TABLE users ()").await;
        assert_denied(&client, "CREATE SCHEMA mine").await;
        assert_denied(&client, "CREATE ROLE mine").await;
        assert_denied(&client, "SET ROLE users_tests").await;
    }
}

#[tokio::test]
async fn every_function_is_called_by_those_whom_the_table_names_and_refused_to_others() {
    let service = Service::start().await;
    // `OFFSET 0`: Postgres does not call a STRICT function of a constant null.
    let functions = rows(
        &service.db().await,
        "SELECT f.oid::regprocedure,
                f.proname || '(' || coalesce((
                    SELECT string_agg('(SELECT NULL::' || format_type(type, NULL) || ' OFFSET 0)', ', ' ORDER BY place)
                      FROM unnest(f.proargtypes::oid[]) WITH ORDINALITY AS parameter (type, place)
                ), '') || ')'
           FROM pg_proc f
          WHERE f.pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')",
    )
    .await;
    assert!(functions.len() > 40, "expected all functions: {}", functions.len());
    for component in COMPONENTS {
        let client = as_component(&service, component).await;
        for function in &functions {
            let [signature, call] = &function[..] else { panic!("two columns") };
            let may =
                rows(&client, &format!("SELECT has_function_privilege('{signature}', 'EXECUTE')")).await;
            let listed = is_listed(component, "EXECUTE", signature, None);
            assert_eq!(may, [[if listed { "t" } else { "f" }]], "{component}: {signature}");
            if !listed {
                assert_denied(&client, &format!("SELECT {call}")).await;
            }
        }
    }
}

#[tokio::test]
async fn no_role_uses_a_sequence() {
    let service = Service::start().await;
    let sequences = service
        .sql("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'")
        .await;
    assert!(!sequences.is_empty());
    for component in COMPONENTS {
        let client = as_component(&service, component).await;
        for sequence in &sequences {
            let is_listed = is_listed(component, "USAGE", sequence, None);
            if !is_listed {
                assert_denied(&client, &format!("SELECT nextval('{sequence}')")).await;
            }
            assert_denied(&client, &format!("SELECT setval('{sequence}', 1)")).await;
            assert_denied(&client, &format!("SELECT last_value FROM {sequence}")).await;
        }
    }
}

#[tokio::test]
async fn a_function_with_the_rights_of_the_owner_looks_nowhere_else_for_its_tables() {
    let service = Service::start().await;
    let loose = service
        .sql(
            "SELECT f.oid::regprocedure FROM pg_proc f
              WHERE f.pronamespace = 'public'::regnamespace AND f.prosecdef
                AND NOT coalesce(f.proconfig @> ARRAY['search_path=pg_catalog, public, pg_temp'], false)",
        )
        .await;
    assert_eq!(loose, [""; 0], "expected a pinned search path");
}

#[tokio::test]
async fn with_its_own_role_and_password_a_component_reads_no_secret_of_another() {
    let service = Service::start().await;
    service.account("alice@example.com").await;

    let profile = logged_in_as(&service, "profile").await;
    assert_denied(&profile, "SELECT password_hash FROM users").await;
    assert_denied(&profile, "SELECT * FROM users").await;
    assert_denied(&profile, "SELECT to_json(u) FROM users u").await;
    assert_eq!(rows(&profile, "SELECT email FROM accounts").await, [["alice@example.com"]]);

    let users = logged_in_as(&service, "users").await;
    for statement in [
        "SELECT token_hash FROM refresh_tokens",
        "SELECT nonce FROM refresh_nonces",
        "SELECT password_hash FROM users",
        "UPDATE users SET password_hash = 'x'",
        "SELECT token_hash FROM one_time_tokens",
    ] {
        assert_denied(&users, statement).await;
    }

    let rbac = logged_in_as(&service, "rbac").await;
    for statement in [
        "UPDATE users SET is_admin = true",
        "INSERT INTO users (email, password_hash) VALUES ('m@example.com', 'x')",
        "DELETE FROM users",
        "UPDATE accounts SET is_admin = true",
        "SELECT id FROM users FOR UPDATE",
    ] {
        assert_denied(&rbac, statement).await;
    }

    let system = logged_in_as(&service, "system").await;
    assert!(!rows(&system, "SELECT version FROM users_schema_migrations WHERE success").await.is_empty());
    assert_denied(&system, "SELECT checksum FROM users_schema_migrations").await;
    assert_denied(&system, "SELECT FROM accounts").await;
}

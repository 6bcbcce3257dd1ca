//! The conditions that the server and the role must meet before a migration starts. A refusal names the cause, and a statement as the
//! remedy.

use anyhow::bail;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::table::Place;

/// The facts about the server and the role. Names are quoted, ready for a statement.
#[derive(Debug, Clone)]
struct Facts {
    role: String,
    database: String,
    schema: String,
    schema_exists: bool,
    can_create: bool,
    /// The schema is on the role's search path, on which the service looks for its tables.
    is_in_path: bool,
    is_standby: bool,
    is_read_only: bool,
    /// The schema of the extension `pg_trgm`, when it is installed.
    trgm_schema: Option<String>,
    can_use_trgm: bool,
    trgm_is_available: bool,
    /// The role may install extensions that the server trusts, such as `pg_trgm`.
    can_extend: bool,
}

/// Checks that migrations can run at this place.
///
/// # Errors
/// The first obstacle, with the remedy.
pub(super) async fn check(connection: &mut PgConnection, place: &Place) -> anyhow::Result<()> {
    let row = sqlx::query(
        "SELECT quote_ident(current_user) AS role,
                quote_ident(current_database()) AS database,
                quote_ident($1) AS schema,
                home.oid IS NOT NULL AS schema_exists,
                coalesce(has_schema_privilege(home.oid, 'CREATE'), false) AS can_create,
                pg_is_in_recovery() AS is_standby,
                current_setting('transaction_read_only')::bool AS is_read_only,
                quote_ident(trgm.nspname) AS trgm_schema,
                coalesce(has_schema_privilege(trgm.oid, 'USAGE'), false) AS can_use_trgm,
                EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') AS trgm_is_available,
                has_database_privilege(current_database(), 'CREATE') AS can_extend
           FROM (SELECT) AS one
           LEFT JOIN pg_namespace home ON home.nspname = $1
           LEFT JOIN pg_extension e ON e.extname = 'pg_trgm'
           LEFT JOIN pg_namespace trgm ON trgm.oid = e.extnamespace",
    )
    .bind(&place.schema)
    .fetch_one(connection)
    .await?;
    match obstacle(&Facts { is_in_path: place.is_in_path, ..Facts::read(&row)? }) {
        None => Ok(()),
        Some(text) => bail!(text),
    }
}

impl Facts {
    fn read(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            role: row.try_get("role")?,
            database: row.try_get("database")?,
            schema: row.try_get("schema")?,
            schema_exists: row.try_get("schema_exists")?,
            can_create: row.try_get("can_create")?,
            is_in_path: true,
            is_standby: row.try_get("is_standby")?,
            is_read_only: row.try_get("is_read_only")?,
            trgm_schema: row.try_get("trgm_schema")?,
            can_use_trgm: row.try_get("can_use_trgm")?,
            trgm_is_available: row.try_get("trgm_is_available")?,
            can_extend: row.try_get("can_extend")?,
        })
    }
}

fn obstacle(facts: &Facts) -> Option<String> {
    let Facts { role, database, schema, .. } = facts;
    if facts.is_standby {
        return Some(
            "this server is a standby, which is read-only: name the primary, or promote this one".to_owned(),
        );
    }
    if facts.is_read_only {
        return Some(format!(
            "this database is read-only, as default_transaction_read_only is on: switch it off for the server, or where it was set, \
             with `ALTER DATABASE {database} RESET default_transaction_read_only;` or \
             `ALTER ROLE {role} RESET default_transaction_read_only;`"
        ));
    }
    if !facts.schema_exists {
        return Some(format!(
            "the database {database} has no schema {schema}: let a superuser run `CREATE SCHEMA {schema} AUTHORIZATION {role};`"
        ));
    }
    if !facts.can_create {
        return Some(format!(
            "the role {role} may not create tables in the schema {schema}: let a superuser, or the owner of the database {database}, \
             run `GRANT CREATE ON SCHEMA {schema} TO {role};` in that database"
        ));
    }
    if !facts.is_in_path {
        return Some(format!(
            "the role {role} does not look for tables in the schema {schema}: run `ALTER ROLE {role} IN DATABASE {database} SET \
             search_path = {schema};`, then run this again"
        ));
    }
    match &facts.trgm_schema {
        Some(trgm) if !facts.can_use_trgm => Some(format!(
            "the role {role} may not use the extension pg_trgm, which is in the schema {trgm}: let a superuser, or the owner of that \
             schema, run `GRANT USAGE ON SCHEMA {trgm} TO {role};` in the database {database}"
        )),
        None if !facts.trgm_is_available => Some(
            "the server lacks the extension pg_trgm: install the contrib package of Postgres, then run this again"
                .to_owned(),
        ),
        None if !facts.can_extend => Some(format!(
            "the role {role} may not install the extension pg_trgm: let a superuser run `CREATE EXTENSION pg_trgm;` in the database \
             {database}"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, obstacle};

    fn facts() -> Facts {
        Facts {
            role: "users".into(),
            database: "\"Users\"".into(),
            schema: "public".into(),
            schema_exists: true,
            can_create: true,
            is_in_path: true,
            is_standby: false,
            is_read_only: false,
            trgm_schema: None,
            can_use_trgm: false,
            trgm_is_available: true,
            can_extend: true,
        }
    }

    #[test]
    fn a_usual_database_has_no_obstacle() {
        assert_eq!(obstacle(&facts()), None);
        let elsewhere = Facts { trgm_schema: Some("extensions".into()), can_use_trgm: true, ..facts() };
        assert_eq!(obstacle(&Facts { can_extend: false, ..elsewhere }), None);
    }

    #[test]
    fn each_obstacle_names_its_remedy() {
        let elsewhere = Some("extensions".to_owned());
        for (facts, remedy) in [
            (Facts { is_standby: true, is_read_only: true, ..facts() }, "name the primary"),
            (
                Facts { is_read_only: true, ..facts() },
                "`ALTER DATABASE \"Users\" RESET default_transaction_read_only;`",
            ),
            (
                Facts { schema_exists: false, can_create: false, ..facts() },
                "`CREATE SCHEMA public AUTHORIZATION users;`",
            ),
            (Facts { can_create: false, ..facts() }, "`GRANT CREATE ON SCHEMA public TO users;`"),
            (Facts { trgm_schema: elsewhere, ..facts() }, "`GRANT USAGE ON SCHEMA extensions TO users;`"),
            (Facts { trgm_is_available: false, ..facts() }, "contrib"),
            (Facts { can_extend: false, ..facts() }, "`CREATE EXTENSION pg_trgm;`"),
        ] {
            let text = obstacle(&facts).unwrap();
            assert!(text.contains(remedy), "{text}");
        }
    }
}

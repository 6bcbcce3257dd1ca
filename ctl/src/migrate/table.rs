//! The table of the applied migrations.
//!
//! It does not have sqlx's default name, because another application may have such a table in the same database. Earlier releases
//! used that name. The first upgrade renames their table and leaves a view with the former name. Through the view, replicas and
//! `usersctl` of the previous release read and write the same rows. A later release drops the view.

use sqlx::migrate::{Migration, Migrator};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use super::engine::LOCK_TIMEOUT;

/// Our table.
pub(super) const NAME: &str = "users_schema_migrations";
/// The table of earlier releases, and of every application that leaves sqlx's default.
const FORMER: &str = "_sqlx_migrations";

/// The place of the service's tables.
#[derive(Debug)]
pub(super) struct Place {
    /// The schema: `public`, unless an earlier release created the tables elsewhere.
    pub(super) schema: String,
    /// The table of the applied migrations: ours, that of earlier releases, or none.
    pub(super) table: Option<&'static str>,
    /// True if the schema is on the role's search path. The service does not find its tables otherwise.
    pub(super) is_in_path: bool,
}

/// The migrator, with our table.
pub(super) fn named(mut migrator: Migrator) -> Migrator {
    migrator.dangerous_set_table_name(NAME);
    migrator
}

/// Finds the schema of the service's tables, and puts it first in the session's search path. Nothing else changes.
///
/// The schema of `pg_trgm` comes second in the path, so that its operator class is found wherever the extension was installed.
pub(super) async fn find(connection: &mut PgConnection, migrator: &Migrator) -> sqlx::Result<Place> {
    let place = search(connection, migrator).await?;
    sqlx::query(
        "SELECT set_config('search_path', concat_ws(', ', quote_ident($1), (
             SELECT quote_ident(n.nspname)
               FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
              WHERE e.extname = 'pg_trgm' AND n.nspname <> $1
         )), false)",
    )
    .bind(&place.schema)
    .execute(connection)
    .await?;
    Ok(place)
}

async fn search(connection: &mut PgConnection, migrator: &Migrator) -> sqlx::Result<Place> {
    // `is_ours` compares a checksum as text.
    sqlx::query("SET bytea_output = hex").execute(&mut *connection).await?;
    // A view is not ours: it only shows the rows of our table.
    let candidates = sqlx::query(
        "SELECT n.nspname::text AS schema, c.relname = $1 AS is_named, c.oid::regclass::text AS quoted
           FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (schema, place)
           JOIN pg_namespace n ON n.nspname = path.schema
           JOIN pg_class c ON c.relnamespace = n.oid
          WHERE c.relkind = 'r'
            AND (c.relname = $1 OR c.relname = $2 AND has_table_privilege(c.oid, 'SELECT'))
          ORDER BY c.relname <> $1, path.place",
    )
    .bind(NAME)
    .bind(FORMER)
    .fetch_all(&mut *connection)
    .await?;
    for candidate in candidates {
        let schema = candidate.try_get("schema")?;
        if candidate.try_get("is_named")? {
            return Ok(Place { schema, table: Some(NAME), is_in_path: true });
        }
        if is_ours(connection, candidate.try_get("quoted")?, migrator).await? {
            return Ok(Place { schema, table: Some(FORMER), is_in_path: true });
        }
    }
    let schema = "public".to_owned();
    let is_in_path = sqlx::query_scalar("SELECT $1 = ANY (current_schemas(false))")
        .bind(&schema)
        .fetch_one(connection)
        .await?;
    Ok(Place { schema, table: None, is_in_path })
}

/// Returns true when the table has our first migration with our checksum. `quoted` is its name, quoted by Postgres. The table of
/// another application may have other columns.
async fn is_ours(connection: &mut PgConnection, quoted: &str, migrator: &Migrator) -> sqlx::Result<bool> {
    let ups = migrator.iter().filter(|migration| !migration.migration_type.is_down_migration());
    let Some(first) = ups.min_by_key(|migration: &&Migration| migration.version) else { return Ok(false) };
    let statement = format!(
        r"SELECT EXISTS (
              SELECT FROM {quoted} AS applied
               WHERE to_jsonb(applied) ->> 'version' = $1
                 AND to_jsonb(applied) ->> 'checksum' = '\x' || encode($2, 'hex')
          )"
    );
    sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(first.version.to_string())
        .bind(first.checksum.to_vec())
        .fetch_one(connection)
        .await
}

/// Renames the table of an earlier release to our name, and creates the view with the former name in the same transaction. Roles
/// that could read the table can read the view.
pub(super) async fn carry_over(connection: &mut PgConnection) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT set_config('lock_timeout', $1, true)")
        .bind(LOCK_TIMEOUT)
        .execute(&mut *transaction)
        .await?;
    sqlx::raw_sql(
        "ALTER TABLE _sqlx_migrations RENAME TO users_schema_migrations;
         CREATE VIEW _sqlx_migrations AS
         SELECT version, description, installed_on, success, checksum, execution_time FROM users_schema_migrations",
    )
    .execute(&mut *transaction)
    .await?;
    let grants: Vec<String> = sqlx::query_scalar(
        "SELECT format('GRANT SELECT ON _sqlx_migrations TO %s',
                       CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END)
           FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
          WHERE c.oid = 'users_schema_migrations'::regclass
            AND acl.privilege_type = 'SELECT'
            AND acl.grantee <> c.relowner",
    )
    .fetch_all(&mut *transaction)
    .await?;
    for grant in grants {
        // Quoted by Postgres itself.
        sqlx::raw_sql(AssertSqlSafe(grant)).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

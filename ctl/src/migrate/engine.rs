//! Upgrade and downgrade.
//!
//! sqlx's migrator applies a migration and inserts its row in the table in one transaction. It holds an advisory
//! lock until the connection ends. This module adds three things for killed and concurrent runs:
//! - A run polls for the lock. A statement that waits for a lock holds a snapshot, and `CREATE INDEX CONCURRENTLY` would
//!   wait for that snapshot forever.
//! - The server checks that the client is still connected. It soon releases the locks of a killed run.
//! - An interrupted `-- no-transaction` migration leaves an invalid index and a row without success. The next run removes both
//!   before it repeats the migration.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use sqlx::migrate::{MigrateError, Migration, Migrator};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{preflight, table};
use crate::database;

/// The interval at which a run polls for the lock.
const POLL: Duration = Duration::from_millis(200);
/// The longest wait for a table lock. Every other statement on that table queues behind the waiting migration.
pub(super) const LOCK_TIMEOUT: &str = "5s";
/// The key of the advisory lock of a run. The migrator's own lock has another key.
const LOCK_KEY: i64 = 0x7573_6572_7363_746c;

/// Loads the migrations of a directory.
pub(super) async fn load(dir: &Path) -> anyhow::Result<Migrator> {
    Migrator::new(dir).await.with_context(|| format!("the migrations in {} cannot be read", dir.display()))
}

/// Applies the pending migrations in order.
pub(super) async fn upgrade(connection: &mut PgConnection, migrator: &Migrator) -> anyhow::Result<()> {
    prepare(connection, migrator).await?;
    forget_interrupted(connection).await?;
    let applied = applied(connection, table::NAME).await?;
    let pending: Vec<&Migration> = migrator
        .iter()
        .filter(|m| !m.migration_type.is_down_migration() && !applied.contains(&m.version))
        .collect();
    for migration in &pending {
        if migration.no_tx {
            drop_invalid_indexes(connection, migration.sql.as_str()).await?;
        }
        limit_lock_waits(connection, !migration.no_tx).await?;
        migrator.run_to(migration.version, &mut *connection).await.map_err(explain)?;
        println!("applied {:04} {}", migration.version, migration.description);
    }
    if pending.is_empty() {
        check_applied(connection, migrator, &applied).await?;
    }
    Ok(())
}

/// Checks that the applied migrations are the known ones. After a rollback to this release, the schema may hold migrations
/// of a newer release. That is not an error: this release works with them.
async fn check_applied(
    connection: &mut PgConnection,
    migrator: &Migrator,
    applied: &[i64],
) -> anyhow::Result<()> {
    let known_newest = migrator.iter().map(|migration| migration.version).max().unwrap_or(0);
    let newest = applied.last().copied().unwrap_or(0);
    let mut known = table::named(Migrator::with_migrations(migrator.iter().cloned().collect()));
    known.set_ignore_missing(
        newest > known_newest && applied.iter().all(|it| *it > known_newest || migrator.version_exists(*it)),
    );
    known.run(&mut *connection).await.map_err(explain)?;
    if newest > known_newest {
        println!("nothing to do: the schema is at {newest:04}, newer than this usersctl's {known_newest:04}");
    } else {
        println!("nothing to do: the schema is at {newest:04}, the newest");
    }
    Ok(())
}

/// Reverts the last `steps` migrations.
pub(super) async fn downgrade(
    connection: &mut PgConnection,
    migrator: &Migrator,
    steps: u32,
) -> anyhow::Result<()> {
    prepare(connection, migrator).await?;
    let dirty =
        sqlx::query_scalar::<_, i64>("SELECT version FROM users_schema_migrations WHERE NOT success LIMIT 1")
            .fetch_optional(&mut *connection)
            .await?;
    if let Some(version) = dirty {
        bail!(
            "migration {version:04} was interrupted: run `usersctl migrate upgrade` first, which completes it"
        );
    }
    let applied = applied(connection, table::NAME).await?;
    let reverted: Vec<i64> = applied.iter().rev().take(steps as usize).copied().collect();
    for version in &reverted {
        let Some(down) =
            migrator.iter().find(|m| m.version == *version && m.migration_type.is_down_migration())
        else {
            bail!("migration {version:04} has no down file here: use the usersctl that applied it");
        };
        limit_lock_waits(connection, !down.no_tx).await?;
        migrator.undo(&mut *connection, version - 1).await.map_err(explain)?;
        println!("reverted {version:04} {}", down.description);
    }
    if reverted.is_empty() {
        println!("nothing to do: no migration is applied");
    }
    Ok(())
}

/// The applied versions in this table, oldest first.
pub(super) async fn applied(connection: &mut PgConnection, table: &'static str) -> anyhow::Result<Vec<i64>> {
    let versions = format!("SELECT version FROM {table} WHERE success ORDER BY version");
    Ok(sqlx::query_scalar(AssertSqlSafe(versions)).fetch_all(connection).await?)
}

/// Takes the lock and creates the migrator's table, or takes over the one of an earlier release.
async fn prepare(connection: &mut PgConnection, migrator: &Migrator) -> anyhow::Result<()> {
    detect_lost_client(connection).await?;
    // The role may have a limit for the service's statements. The creation of an index may take longer.
    sqlx::query("SET statement_timeout = 0").execute(&mut *connection).await?;
    take_lock(connection).await?;
    let place = table::find(connection, migrator).await?;
    preflight::check(connection, &place).await?;
    if place.table.is_some_and(|table| table != table::NAME) {
        table::carry_over(connection).await.map_err(database::explain)?;
    }
    // A migrator without migrations only creates its table.
    let mut empty = table::named(Migrator::with_migrations(Vec::new()));
    empty.set_ignore_missing(true);
    match empty.run(&mut *connection).await {
        // `forget_interrupted` runs next and handles an interrupted migration.
        Err(MigrateError::Dirty(_)) | Ok(()) => Ok(()),
        Err(error) => Err(explain(error)),
    }
}

/// Makes the server end this session within a second after this process dies, even while it waits for a lock (Postgres
/// 14 and newer).
async fn detect_lost_client(connection: &mut PgConnection) -> anyhow::Result<()> {
    sqlx::query(
        "SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the lock. It is held until the connection ends.
async fn take_lock(connection: &mut PgConnection) -> anyhow::Result<()> {
    let mut announced = false;
    while !sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_lock($1)")
        .bind(LOCK_KEY)
        .fetch_one(&mut *connection)
        .await?
    {
        if !announced {
            match holder(connection).await? {
                Some(role) => eprintln!(
                    "another usersctl is migrating this database, as the role {role}; waiting for it. If none is, end that session: \
                     SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
                ),
                None => eprintln!("another usersctl is migrating this database; waiting for it"),
            }
            announced = true;
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

/// The role of the session that holds the lock. Every role of the database may take the lock, so a component that was taken over may, too.
async fn holder(connection: &mut PgConnection) -> anyhow::Result<Option<String>> {
    let role = sqlx::query_scalar(
        "SELECT a.usename::text
           FROM pg_locks l JOIN pg_stat_activity a USING (pid)
          WHERE l.locktype = 'advisory'
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.classid::bigint = $1 >> 32
            AND l.objid::bigint = $1 & 4294967295
            AND l.objsubid = 1
            AND l.granted
          LIMIT 1",
    )
    .bind(LOCK_KEY)
    .fetch_optional(connection)
    .await?;
    Ok(role)
}

/// Deletes the row of an interrupted migration, so that the migration runs again. Every migration allows that (see
/// migrations/README.md).
async fn forget_interrupted(connection: &mut PgConnection) -> anyhow::Result<()> {
    let interrupted: Vec<i64> =
        sqlx::query_scalar("DELETE FROM users_schema_migrations WHERE NOT success RETURNING version")
            .fetch_all(connection)
            .await?;
    for version in interrupted {
        eprintln!("migration {version:04} was interrupted; running it again");
    }
    Ok(())
}

/// Drops the invalid indexes that an interrupted `CREATE INDEX CONCURRENTLY` of this migration left. `IF NOT EXISTS` would
/// skip them.
async fn drop_invalid_indexes(connection: &mut PgConnection, sql: &str) -> anyhow::Result<()> {
    let invalid: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.relname::text, c.oid::regclass::text
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace",
    )
    .fetch_all(&mut *connection)
    .await?;
    for (name, quoted) in invalid.iter().filter(|(name, _)| mentions(sql, name)) {
        eprintln!("index {name} was left unfinished; dropping it");
        // Quoted by Postgres itself.
        sqlx::raw_sql(AssertSqlSafe(format!("DROP INDEX CONCURRENTLY IF EXISTS {quoted}")))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// True when `name` is a whole word of `sql`.
fn mentions(sql: &str, name: &str) -> bool {
    sql.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

/// Limits the wait for table locks. `CREATE INDEX CONCURRENTLY` gets no limit: it waits for old transactions by design and
/// blocks no statement.
pub(super) async fn limit_lock_waits(connection: &mut PgConnection, limited: bool) -> anyhow::Result<()> {
    let limit = if limited { LOCK_TIMEOUT } else { "0" };
    sqlx::query("SELECT set_config('lock_timeout', $1, false)").bind(limit).execute(connection).await?;
    Ok(())
}

/// The migrator's error, with the remedy.
fn explain(error: MigrateError) -> anyhow::Error {
    match error {
        MigrateError::VersionMismatch(version) => anyhow!(
            "migration {version:04} was changed after it was applied to this database: restore the file as it was and put the change into a new migration"
        ),
        MigrateError::VersionMissing(version) => anyhow!(
            "the database has migration {version:04}, which this usersctl does not know: use a usersctl at least as new as the one that applied it"
        ),
        MigrateError::ExecuteMigration(sqlx::Error::Database(error), version) => {
            match error.code().as_deref() {
                Some("55P03") => anyhow!(
                    "migration {version:04} waited {LOCK_TIMEOUT} for a lock that another transaction holds, and was undone: run it again when that one has ended"
                ),
                code => anyhow!(
                    "migration {version:04} failed and was undone: {} (SQLSTATE {})",
                    error.message(),
                    code.unwrap_or("unknown")
                ),
            }
        }
        MigrateError::Execute(error @ sqlx::Error::Database(_)) => database::explain(error),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            anyhow!(
                "the connection to Postgres was lost ({error}): run the command again, it goes on where it stopped"
            )
        }
        other => anyhow!(other),
    }
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn an_index_is_recognised_by_its_whole_name() {
        let sql = "CREATE INDEX CONCURRENTLY IF NOT EXISTS users_name_idx ON users (name);";
        assert!(mentions(sql, "users_name_idx"));
        assert!(!mentions(sql, "name_idx"));
    }
}

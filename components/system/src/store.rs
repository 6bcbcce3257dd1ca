//! The SQL of the component.

use users_db::{Db, DbError};

/// The state of the database.
#[derive(Debug)]
pub(crate) struct Database {
    /// The encoding, as Postgres names it: `UTF8`.
    pub(crate) encoding: String,
    /// The numbers of the applied migrations; empty before the first migration.
    pub(crate) applied: Vec<i64>,
    /// True while the server is a standby, which refuses every change.
    pub(crate) is_standby: bool,
    /// True on a standby, and when a setting of the server, the database or the role refuses every change.
    pub(crate) is_read_only: bool,
}

/// The statement that reads the state of the database. `$applied` is the expression for the applied migrations.
macro_rules! state {
    ($applied:literal) => {
        concat!(
            "SELECT ",
            $applied,
            " AS applied,
                    current_setting('server_encoding') AS encoding,
                    pg_is_in_recovery() AS is_standby,
                    current_setting('transaction_read_only')::bool AS is_read_only"
        )
    };
}

/// Reads the state of the database in one statement. Before the first migration, a second statement is needed.
pub(crate) async fn database(db: &Db) -> Result<Database, DbError> {
    let migrated =
        state!("ARRAY(SELECT version FROM users_schema_migrations WHERE success ORDER BY version)");
    let state = match db.read(migrated, &[]).await {
        Err(error) if error.is_undefined_table() => db.read(state!("ARRAY[]::int8[]"), &[]).await,
        state => state,
    };
    let row = state?.ok_or_else(DbError::missing_row)?;
    Ok(Database {
        encoding: row.get("encoding")?,
        applied: row.get("applied")?,
        is_standby: row.get("is_standby")?,
        is_read_only: row.get("is_read_only")?,
    })
}

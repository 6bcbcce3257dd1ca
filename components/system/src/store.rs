//! The SQL of the component.

use users_db::{Db, DbError};

/// The numbers of the applied migrations; none before the first one.
pub(crate) async fn applied_migrations(db: &Db) -> Result<Vec<i64>, DbError> {
    match db.read_all("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version", &[]).await {
        Err(error) if error.is_undefined_table() => Ok(Vec::new()),
        rows => rows?.iter().map(|row| row.get("version")).collect(),
    }
}

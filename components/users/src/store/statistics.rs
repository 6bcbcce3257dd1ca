//! Figures about the whole service.

use users_core::Statistics;
use users_db::{Db, DbError};

/// The figures at this moment. The function reads a few hundred rows, however many accounts there are: see migration 0034.
pub(crate) async fn read(db: &Db) -> Result<Statistics, DbError> {
    let row = db
        .read("SELECT statistics($1::int4)::text AS statistics", &[Statistics::HOURS.into()])
        .await?
        .ok_or_else(DbError::missing_row)?;
    row.json("statistics")
}

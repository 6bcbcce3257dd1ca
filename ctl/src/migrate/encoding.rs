//! The encoding of the database.

use anyhow::bail;
use sqlx::PgConnection;

/// The only encoding that can store every text that the API accepts.
const UTF8: &str = "UTF8";

/// Refuses a database with another encoding. Such a database accepts the schema, but later fails on the first name that it cannot
/// store.
pub(super) async fn check(connection: &mut PgConnection) -> anyhow::Result<()> {
    let (encoding, name): (String, String) =
        sqlx::query_as("SELECT current_setting('server_encoding'), current_database()::text")
            .fetch_one(connection)
            .await?;
    if encoding != UTF8 {
        bail!(
            "the database {name} has the encoding {encoding}, in which most texts cannot be stored: create another one with CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8', and name that one"
        );
    }
    Ok(())
}

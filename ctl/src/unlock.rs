//! `usersctl unlock`: lets the owner of an account log in again after too many wrong passwords.

use anyhow::bail;
use clap::Args;
use sqlx::PgConnection;

use crate::account;
use crate::database::{self, DatabaseArgs};

/// `usersctl unlock …`
#[derive(Debug, Args)]
pub(crate) struct Unlock {
    /// The account's email address.
    email: String,
}

/// Forgives the wrong passwords so far, and prints the account's id and address.
pub(crate) async fn run(command: &Unlock, database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut connection = database.connect().await?;
    let account = account::find(&mut connection, &command.email).await?;
    forgive(&mut connection, account.id).await?;
    println!("wrong passwords until now count no longer for account {} {}", account.id, account.email);
    Ok(())
}

/// The counts have keys that need a secret to compute. The account says from when on they matter.
async fn forgive(connection: &mut PgConnection, id: i32) -> anyhow::Result<()> {
    let forgiven = sqlx::query("UPDATE users SET failures_forgiven_at = clock_timestamp() WHERE id = $1")
        .bind(id)
        .execute(connection)
        .await
        .map_err(database::explain)?;
    if forgiven.rows_affected() == 0 {
        bail!("the account was deleted meanwhile, and there is nothing to unlock");
    }
    Ok(())
}

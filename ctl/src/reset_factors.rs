//! `usersctl reset-factors`: removes the second factors of somebody who has lost them, for an installation whose administrators cannot.

use anyhow::anyhow;
use clap::Args;
use sqlx::PgConnection;

use crate::account;
use crate::database::{self, DatabaseArgs};

/// `usersctl reset-factors …`
#[derive(Debug, Args)]
pub(crate) struct ResetFactors {
    /// The account's email address.
    email: String,
}

/// Removes the factors, and prints the account's id and address. If there were some, its sessions end, and `usersctl work` tells the owner.
pub(crate) async fn run(command: &ResetFactors, database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut connection = database.connect().await?;
    let account = account::find(&mut connection, &command.email).await?;
    let outcome = if reset(&mut connection, account.id).await? {
        "second factors removed, and sessions ended, of account"
    } else {
        "no second factor to remove from account"
    };
    println!("{outcome} {} {}", account.id, account.email);
    Ok(())
}

/// Returns false if the account had no factor. The statement locks the account, so that a login at the same time has either finished, and its
/// session ends, or waits.
async fn reset(connection: &mut PgConnection, id: i32) -> anyhow::Result<bool> {
    let had_factor: Option<bool> = sqlx::query_scalar(
        "WITH account AS MATERIALIZED (SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE)
         SELECT reset_factors(id) FROM account",
    )
    .bind(id)
    .fetch_optional(connection)
    .await
    .map_err(database::explain)?;
    had_factor.ok_or_else(|| anyhow!("the account was deleted meanwhile, and there is nothing to remove"))
}

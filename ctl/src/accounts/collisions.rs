//! `usersctl accounts collisions`: accounts that share an address.
//!
//! In earlier releases, the database's locale decided which addresses are the same, so two accounts may have one address. `usersctl
//! migrate upgrade` gave the key to the older account.

use std::collections::HashMap;

use sqlx::PgConnection;
use users_core::EmailKey;

use crate::database::{self, DatabaseArgs};

/// The id and the address of an account.
type Account = (i32, String);

/// Prints a line for each account without a key. The line names the account that has the key.
pub(super) async fn run(database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut connection = database.connect().await?;
    let losers = losers(&mut connection).await.map_err(database::explain)?;
    if losers.is_empty() {
        println!("no two accounts have the same address");
    }
    let keys: Vec<EmailKey> = losers.iter().map(|(_, email)| EmailKey::of(email)).collect();
    let holders = holders(&mut connection, &keys).await.map_err(database::explain)?;
    for ((id, email), key) in losers.iter().zip(&keys) {
        match holders.get(key.as_str()) {
            Some((older, older_email)) => {
                println!("account {id} {email} has the address of account {older} {older_email}");
            }
            None => {
                println!("account {id} {email} has the address alone: run `usersctl migrate upgrade`");
            }
        }
    }
    Ok(())
}

/// Accounts that an upgrade left without a key, because an older account has it.
async fn losers(connection: &mut PgConnection) -> sqlx::Result<Vec<Account>> {
    sqlx::query_as(
        "SELECT id, email FROM users WHERE email_key IS NULL AND search_text IS NOT NULL ORDER BY id",
    )
    .fetch_all(connection)
    .await
}

/// The accounts that have these keys.
async fn holders(connection: &mut PgConnection, keys: &[EmailKey]) -> sqlx::Result<HashMap<String, Account>> {
    let keys: Vec<&str> = keys.iter().map(EmailKey::as_str).collect();
    let rows: Vec<(String, i32, String)> =
        sqlx::query_as("SELECT email_key, id, email FROM users WHERE email_key = ANY ($1)")
            .bind(keys)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(key, id, email)| (key, (id, email))).collect())
}

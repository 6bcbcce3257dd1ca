//! `usersctl accounts collisions`: accounts whose address is another account's as well.
//!
//! Earlier releases left it to the database's locale which addresses are the same, so there may be two accounts with one address. `usersctl
//! migrate upgrade` gave the key to the older one.

use std::collections::HashMap;

use sqlx::PgConnection;
use users_core::EmailKey;

use crate::database::{self, DatabaseArgs};

/// An account, as an operator knows it.
type Account = (i32, String);

/// Prints a line for each account without a key: itself, and the account that has the key.
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

/// Accounts that were looked at, but got no key.
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

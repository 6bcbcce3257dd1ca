//! `usersctl set-password`: a new password for an account whose owner cannot receive a link.

use anyhow::anyhow;
use clap::Args;
use sqlx::PgConnection;
use users_core::{Email, Event};
use users_crypto::{OsRandom, PasswordHasher};

use crate::account;
use crate::database::{self, DatabaseArgs};
use crate::password::PasswordArgs;

/// `usersctl set-password …`
#[derive(Debug, Args)]
pub(crate) struct SetPassword {
    /// The account's email address.
    email: String,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Sets the password, ends all sessions, API keys and links of the account, and prints its id and address. The owner is told by e-mail.
pub(crate) async fn run(command: &SetPassword, database: &DatabaseArgs) -> anyhow::Result<()> {
    // Connect and look up the account before asking for the password: nobody should type it in vain.
    let mut connection = database.connect().await?;
    let account = account::find(&mut connection, &command.email).await?;
    // The stored address may be invalid today, because an earlier release accepted more.
    let password = command.password.read(Email::parse(&account.email).ok().as_ref(), None)?;
    let hash = PasswordHasher::new().hash(&password, &OsRandom).await?;
    let (id, email) = set(&mut connection, account.id, &hash).await?;
    println!("account {id} {email}");
    Ok(())
}

/// Locks the account first: a login with the former password has either finished, and its session ends here, or it is refused. Wrong passwords so
/// far count no longer. The trigger `users_end_api_keys` ends the API keys.
async fn set(connection: &mut PgConnection, id: i32, hash: &str) -> anyhow::Result<(i32, String)> {
    let changed = sqlx::query_as(
        "WITH account AS (
             SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE
         ), ended AS MATERIALIZED (
             SELECT end_sessions(ARRAY[id]), end_links(ARRAY[id]) FROM account
         ), told AS MATERIALIZED (
             SELECT record_event($3, account.id, NULL) FROM account CROSS JOIN ended
         ), changed AS (
             UPDATE users u
                SET password_hash = $2,
                    failures_forgiven_at = clock_timestamp(),
                    updated_at = greatest(now(), u.updated_at + interval '1 microsecond')
               FROM account
              WHERE u.id = account.id
             RETURNING u.id, u.email
         )
         SELECT changed.id, changed.email FROM changed CROSS JOIN told",
    )
    .bind(id)
    .bind(hash)
    .bind(Event::PasswordChanged.as_str())
    .fetch_optional(connection)
    .await
    .map_err(database::explain)?;
    changed.ok_or_else(|| anyhow!("the account was deleted meanwhile, and nothing was changed"))
}

//! `usersctl send-reset`: a link that sets a password, for an installation whose administrators have all forgotten theirs.

use anyhow::{anyhow, bail};
use clap::Args;
use sqlx::PgConnection;
use users_core::Event;

use crate::account;
use crate::database::{self, DatabaseArgs};

/// `usersctl send-reset …`
#[derive(Debug, Args)]
pub(crate) struct SendReset {
    /// The account's email address.
    email: String,
}

/// Records a message with the link, and prints the account's id and address. `usersctl work` sends the message.
pub(crate) async fn run(command: &SendReset, database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut connection = database.connect().await?;
    let account = account::find(&mut connection, &command.email).await?;
    let kind = send(&mut connection, account.id).await?;
    println!("{kind} to account {} {}", account.id, account.email);
    Ok(())
}

/// Records the message and returns its kind. The statement locks the account, so that a concurrent deactivation ends this link, too.
async fn send(connection: &mut PgConnection, id: i32) -> anyhow::Result<String> {
    let recorded: Option<(bool, String)> = sqlx::query_as(
        "WITH account AS (
             SELECT id, is_active, CASE WHEN password_hash = '' THEN $3 ELSE $2 END AS kind
               FROM users
              WHERE id = $1
                FOR NO KEY UPDATE
         ), told AS MATERIALIZED (
             SELECT count(record_event(kind, id, NULL)) FROM account WHERE is_active
         )
         SELECT account.is_active, account.kind FROM account CROSS JOIN told",
    )
    .bind(id)
    .bind(Event::PasswordReset.as_str())
    .bind(Event::Invitation.as_str())
    .fetch_optional(connection)
    .await
    .map_err(database::explain)?;
    match recorded {
        Some((true, kind)) => Ok(kind),
        Some((false, _)) => bail!(
            "the account is deactivated, so nothing is sent to it: let an administrator activate it, or run `usersctl create-admin --promote`"
        ),
        None => Err(anyhow!("the account was deleted meanwhile, and nothing is sent")),
    }
}

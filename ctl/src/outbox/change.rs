//! `usersctl outbox retry` and `usersctl outbox drop`.

use anyhow::bail;
use clap::Args;

use crate::database::{self, DatabaseArgs};

/// `usersctl outbox retry …`
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Retry {
    /// The message's number, as `usersctl outbox list` shows it.
    id: Option<i64>,
    /// All messages that the worker has given up.
    #[arg(long)]
    all: bool,
}

/// `usersctl outbox drop …`
#[derive(Debug, Args)]
pub(crate) struct Drop {
    /// The message's number, as `usersctl outbox list` shows it.
    id: i64,
}

/// Makes messages due, and prints how many.
pub(super) async fn retry(command: &Retry, database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut connection = database.connect().await?;
    let Some(id) = command.id else {
        let retried = users_worker::retry_all(&mut connection).await.map_err(database::explain)?;
        println!("{retried} messages are due");
        return Ok(());
    };
    if !users_worker::retry(&mut connection, id).await.map_err(database::explain)? {
        bail!("no message {id} has failed: see `usersctl outbox list`");
    }
    println!("message {id} is due");
    Ok(())
}

/// Deletes a message.
pub(super) async fn drop(command: &Drop, database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut connection = database.connect().await?;
    if !users_worker::drop_message(&mut connection, command.id).await.map_err(database::explain)? {
        bail!("no message {} waits to be sent: see `usersctl outbox list`", command.id);
    }
    println!("message {} is dropped", command.id);
    Ok(())
}

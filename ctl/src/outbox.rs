//! `usersctl outbox`: the messages that are not sent.

mod change;
mod list;

use clap::{Args, Subcommand};

use crate::database::DatabaseArgs;

/// `usersctl outbox …`
#[derive(Debug, Args)]
pub(crate) struct Outbox {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List messages that are not sent, oldest first. Addresses are not shown.
    List(list::List),
    /// Make a message that failed due at once, also one that the worker has given up.
    Retry(change::Retry),
    /// Delete a message that is not sent.
    Drop(change::Drop),
}

/// Runs one `outbox` subcommand.
pub(crate) async fn run(command: &Outbox, database: &DatabaseArgs) -> anyhow::Result<()> {
    match &command.command {
        Command::List(command) => list::run(command, database).await,
        Command::Retry(command) => change::retry(command, database).await,
        Command::Drop(command) => change::drop(command, database).await,
    }
}

//! `usersctl accounts`: accounts that need an operator.

mod collisions;

use clap::{Args, Subcommand};

use crate::database::DatabaseArgs;

/// `usersctl accounts …`
#[derive(Debug, Args)]
pub(crate) struct Accounts {
    #[command(subcommand)]
    report: Report,
}

#[derive(Debug, Subcommand)]
enum Report {
    /// List accounts that cannot log in, because an older account has their address in another spelling.
    ///
    /// Delete one of the two accounts, and run `usersctl migrate upgrade`. Then the remaining account can log in.
    Collisions,
}

/// Runs one `accounts` subcommand.
pub(crate) async fn run(command: &Accounts, database: &DatabaseArgs) -> anyhow::Result<()> {
    match command.report {
        Report::Collisions => collisions::run(database).await,
    }
}

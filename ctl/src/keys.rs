//! `usersctl keys`: the keys that sign access tokens.

mod list;
mod revoke;
mod rotate;

use std::fmt;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use users_crypto::KeySecret;
use users_worker::keys::RotateError;

use crate::database::{self, DatabaseArgs};

/// `usersctl keys …`
#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the keys, the newest first: which one signs, which is planned, and which only verify.
    List,
    /// Plan the next key, which signs in a day, or have it sign at once. Needs KEY_SECRET.
    ///
    /// Repeating the command changes nothing: there is one planned key at most.
    Rotate(rotate::Rotate),
    /// Revoke a key that has leaked: its tokens are refused from the next request on.
    ///
    /// If it is the key that signs, the planned one signs at once. Without a planned one, this command makes a key if it has KEY_SECRET;
    /// otherwise the next login does. Sessions go on: clients get new access tokens with their refresh tokens.
    Revoke(revoke::Revoke),
}

/// Runs one `keys` subcommand.
pub(crate) async fn run(command: &Keys, database: &DatabaseArgs) -> anyhow::Result<()> {
    match &command.command {
        Command::List => list::run(database).await,
        Command::Rotate(command) => rotate::run(command, database).await,
        Command::Revoke(command) => revoke::run(command, database).await,
    }
}

/// The secret that encrypts signing keys. It has no option of its own name, because every user of a machine can read a command line.
#[derive(Default, Args)]
pub(crate) struct KeySecretArgs {
    #[arg(long, hide = true, env = "KEY_SECRET", hide_env_values = true)]
    key_secret: Option<String>,
}

impl KeySecretArgs {
    /// The secret; `None` if it is not set, or empty.
    ///
    /// # Errors
    /// One sentence for the operator, when it is too short.
    pub(crate) fn read(&self) -> anyhow::Result<Option<KeySecret>> {
        let filled = self.key_secret.as_ref().filter(|text| !text.is_empty());
        filled
            .map(|text| {
                KeySecret::new(text.as_bytes()).map_err(|_| {
                    anyhow!(
                        "KEY_SECRET has fewer than 32 bytes: set it to the value of the variable key_secret of the service"
                    )
                })
            })
            .transpose()
    }
}

/// Does not show the secret.
impl fmt::Debug for KeySecretArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySecretArgs").finish_non_exhaustive()
    }
}

fn explain(error: RotateError) -> anyhow::Error {
    match error {
        RotateError::OtherSecret(other) => anyhow!("{other}, and nothing was changed"),
        RotateError::Database(error) => database::explain(error),
    }
}

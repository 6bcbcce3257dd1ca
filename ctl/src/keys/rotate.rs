//! `usersctl keys rotate`.

use anyhow::Context;
use clap::Args;
use users_worker::keys::Begin;

use super::{KeySecretArgs, explain};
use crate::database::DatabaseArgs;

/// `usersctl keys rotate …`
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Have the next key sign at once. Services that keep a copy of the public keys need to fetch them again.
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    key_secret: KeySecretArgs,
}

/// Plans the next key, and prints from when it signs.
pub(super) async fn run(command: &Rotate, database: &DatabaseArgs) -> anyhow::Result<()> {
    let secret = command.key_secret.read()?;
    let secret = secret
        .context("KEY_SECRET is not set: set it to the value of the variable key_secret of the service")?;
    let mut connection = database.connect().await?;
    let begin = if command.now { Begin::Now } else { Begin::Tomorrow };
    let planned = users_worker::keys::rotate(&mut connection, &secret, begin).await.map_err(explain)?;
    let already = if planned.is_changed { "" } else { " already, and nothing was changed" };
    println!("key {} signs from {}{already}", planned.kid, planned.signs_from);
    Ok(())
}

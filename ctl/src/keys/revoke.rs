//! `usersctl keys revoke`.

use anyhow::bail;
use clap::Args;
use users_worker::keys::{self, RotateError};

use super::KeySecretArgs;
use crate::database::{self, DatabaseArgs};

/// `usersctl keys revoke …`
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The key's id, as `usersctl keys list` shows it, and as the member `kid` of a token's header.
    // An id may begin with a hyphen.
    #[arg(allow_hyphen_values = true)]
    kid: String,
    #[command(flatten)]
    key_secret: KeySecretArgs,
}

/// Revokes a key, and prints which one signs now.
pub(super) async fn run(command: &Revoke, database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut secret = command.key_secret.read()?;
    let mut connection = database.connect().await?;
    // A wrong secret must not keep a leaked key in use.
    if let Some(given) = &secret {
        match keys::check_secret(&mut connection, given).await {
            Ok(()) => {}
            Err(RotateError::OtherSecret(other)) => {
                eprintln!("{other}; this run makes no key");
                secret = None;
            }
            Err(RotateError::Database(error)) => return Err(database::explain(error)),
        }
    }
    let revoked =
        keys::revoke(&mut connection, &command.kid, secret.as_ref()).await.map_err(database::explain)?;
    let Some(revoked) = revoked else {
        bail!("no key has this id, and no token of such a key is accepted: see `usersctl keys list`");
    };
    let next = match &revoked.signs_now {
        Some(kid) => format!("key {kid} signs"),
        None => "no key signs, and the next login makes one".to_owned(),
    };
    println!("key {} is revoked since {}; {next}", command.kid, revoked.at);
    Ok(())
}

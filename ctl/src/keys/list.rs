//! `usersctl keys list`.

use users_worker::keys::{Entry, State};

use crate::database::{self, DatabaseArgs};

/// Prints a line for each key.
pub(super) async fn run(database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut connection = database.connect().await?;
    let keys = users_worker::keys::list(&mut connection).await.map_err(database::explain)?;
    if keys.is_empty() {
        println!("there is no key: the first login makes one");
    }
    for key in &keys {
        println!("{}", line(key));
    }
    Ok(())
}

fn line(key: &Entry) -> String {
    let Entry { kid, since, .. } = key;
    let until = key.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
    match key.state {
        State::Signs => format!("{kid} signs since {since}{until}"),
        State::Planned => format!("{kid} planned from {since}{until}"),
        State::Verifies => format!("{kid} verifies since {since}{until}"),
        State::Revoked => format!("{kid} revoked since {since}"),
    }
}

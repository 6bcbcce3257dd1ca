//! `usersctl outbox list`.

use std::time::Duration;

use clap::Args;
use users_worker::Entry;

use crate::database::{self, DatabaseArgs};

/// `usersctl outbox list …`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only messages that the worker has given up.
    #[arg(long)]
    dead: bool,
    /// The maximum number of messages to list.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// Prints a line for each message.
pub(super) async fn run(command: &List, database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut connection = database.connect().await?;
    let limit = i64::from(command.limit);
    // The command reads one message more than it shows, to know whether there are more.
    let entries =
        users_worker::list(&mut connection, command.dead, limit + 1).await.map_err(database::explain)?;
    if entries.is_empty() {
        println!(
            "{}",
            if command.dead { "the worker has given up no message" } else { "every message is sent" }
        );
    }
    let shown = usize::try_from(command.limit).unwrap_or(usize::MAX);
    for entry in entries.iter().take(shown) {
        println!("{}", line(entry));
    }
    if entries.len() > shown {
        eprintln!("there are more: raise --limit to see them");
    }
    Ok(())
}

fn line(entry: &Entry) -> String {
    let account = entry.user_id.map_or_else(|| "account unknown".to_owned(), |id| format!("account {id}"));
    let state = match entry.due_in {
        _ if entry.is_dead => "given up".to_owned(),
        seconds if seconds > 0 => format!("next attempt in {}", time(seconds)),
        _ => "due".to_owned(),
    };
    let error = entry.last_error.as_deref().map(|error| format!(": {error}")).unwrap_or_default();
    format!(
        "{} {} {account}, {} old, {} attempts, {state}{error}",
        entry.id,
        entry.kind,
        time(entry.age),
        entry.attempts
    )
}

fn time(seconds: i64) -> String {
    let seconds = u64::try_from(seconds).unwrap_or_default();
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}

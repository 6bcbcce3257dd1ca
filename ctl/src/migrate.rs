//! `usersctl migrate`: schema migrations by sqlx's migrator, with its lock and checksums.

mod embedded;
mod encoding;
mod engine;
mod keys;
mod new;
mod preflight;
mod roles;
mod show;
mod table;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sqlx::PgConnection;

pub(crate) use self::roles::RoleArgs;
use crate::database::DatabaseArgs;

/// `usersctl migrate …`
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Use the migrations in this directory instead of the built-in ones.
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Apply every pending migration, give the roles of the components their rights, and compute the keys of accounts and names that have none.
    ///
    /// Creates missing roles, or prints the statements when it may not.
    Upgrade(RoleArgs),
    /// Revert the last N applied migrations, newest first.
    Downgrade {
        /// The number of migrations to revert.
        #[arg(default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// Show the schema version and the number of pending migrations.
    Current,
    /// Show every migration with the time when it was applied.
    History,
    /// Create the files of the next migration in ./migrations (or --dir).
    New {
        /// A few words that say what it does.
        name: String,
    },
}

/// The schema of a database, compared with the migrations of this build.
#[derive(Debug)]
pub(crate) struct State {
    /// The newest applied migration; 0 before the first migration.
    pub(crate) version: i64,
    /// The number of migrations that are not applied.
    pub(crate) pending: usize,
}

/// Reads the state of the schema, and changes nothing in the database.
pub(crate) async fn state(connection: &mut PgConnection) -> anyhow::Result<State> {
    let migrator = embedded::migrator();
    let applied = match table::find(connection, &migrator).await?.table {
        Some(table) => engine::applied(connection, table).await?,
        None => Vec::new(),
    };
    let pending = show::ups(&migrator).filter(|migration| !applied.contains(&migration.version)).count();
    Ok(State { version: applied.last().copied().unwrap_or(0), pending })
}

/// Runs one `migrate` subcommand.
pub(crate) async fn run(command: Migrate, database: &DatabaseArgs) -> anyhow::Result<()> {
    if let Step::New { name } = &command.step {
        return new::run(command.dir.as_deref(), name);
    }
    let migrator = &table::named(match &command.dir {
        None => embedded::migrator(),
        Some(dir) => engine::load(dir).await?,
    });
    let mut connection = database.connect().await?;
    match command.step {
        Step::Upgrade(names) => {
            encoding::check(&mut connection).await?;
            engine::upgrade(&mut connection, migrator).await?;
            // The components need their rights while the keys are computed, which takes long on many accounts.
            roles::prepare(&mut connection, &names).await?;
            keys::fill(&mut connection).await
        }
        Step::Downgrade { steps } => engine::downgrade(&mut connection, migrator, steps).await,
        Step::Current => show::current(&mut connection, migrator).await,
        Step::History => show::history(&mut connection, migrator).await,
        Step::New { .. } => Ok(()),
    }
}

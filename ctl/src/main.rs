//! The operator's command: migrations now, and set-up as the service grows. One file per subcommand.

mod database;
mod migrate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Looks after the users service's database.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    database: database::DatabaseArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the database's schema to a version.
    Migrate(migrate::Migrate),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("usersctl: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Migrate(command) => migrate::run(command, &cli.database).await,
        }
    })
}

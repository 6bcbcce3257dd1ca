//! The operator's command: migrations and set-up. One file per subcommand.

mod create_admin;
mod database;
mod migrate;
mod seed;
mod setup_rbac;

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
    /// Make the first permissions and roles, those of them that are not there yet.
    SetupRbac,
    /// Make an account that is an administrator, or one of an account that exists.
    CreateAdmin(create_admin::CreateAdmin),
    /// Fill an empty database with made-up accounts, to measure with; not for production.
    ///
    /// The accounts look like real ones to a search, are the same in every run, and no password matches theirs. One in 20
    /// is inactive, one in 20,000 is an administrator.
    Seed(seed::Seed),
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
            Command::SetupRbac => setup_rbac::run(&cli.database).await,
            Command::CreateAdmin(command) => create_admin::run(&command, &cli.database).await,
            Command::Seed(command) => seed::run(&command, &cli.database).await,
        }
    })
}

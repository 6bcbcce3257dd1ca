//! `usersctl`, the operator's command. A file or a folder per subcommand.

mod account;
mod accounts;
mod check_config;
mod component_roles;
mod create_admin;
mod database;
mod keys;
mod migrate;
mod outbox;
mod password;
mod reset_factors;
mod seed;
mod send_reset;
mod set_password;
mod setup_rbac;
mod unlock;
mod work;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Set up and migrate the database of the users service.
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
    /// Upgrade, downgrade or show the database schema.
    Migrate(migrate::Migrate),
    /// Create the first permissions and roles. Each is set up once: a later run does not undo your changes.
    SetupRbac(setup_rbac::SetupRbac),
    /// Check the settings of the service, the database and its schema before a start.
    ///
    /// Reads the variables of the service (SPIN_VARIABLE_…), or DATABASE_URL for the database. Prints a line for each check, and changes
    /// nothing.
    CheckConfig(Box<check_config::CheckConfig>),
    /// Show accounts that need an operator.
    Accounts(accounts::Accounts),
    /// Create an administrator account, or promote an existing account.
    CreateAdmin(create_admin::CreateAdmin),
    /// Show, replace or revoke the keys that sign access tokens.
    ///
    /// Keys replace themselves every 90 days: the worker plans the next one a day before it signs. These commands are for everything else.
    /// They show no secret.
    Keys(keys::Keys),
    /// Send e-mails that the service has recorded, delete what has expired, and replace signing keys. Runs until it is stopped.
    Work(work::Work),
    /// Show, retry or drop e-mails that are not sent.
    Outbox(outbox::Outbox),
    /// Set a new password for an account, and end its sessions and its links. Its owner is told by e-mail.
    SetPassword(set_password::SetPassword),
    /// Send the owner of an account a link that sets a new password. An account without a password gets another invitation.
    SendReset(send_reset::SendReset),
    /// Remove the second factors of an account, after you have made sure who asks. Its sessions end, and its owner is told by e-mail.
    ResetFactors(reset_factors::ResetFactors),
    /// Let the owner of an account log in again at once after too many wrong passwords.
    Unlock(unlock::Unlock),
    /// Fill an empty database with generated accounts for measurements. Not for production.
    ///
    /// Every run creates the same accounts. Their names and addresses vary as real ones do, and no password matches. One
    /// account in 20 is inactive, one in 20,000 is an administrator.
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
            Command::SetupRbac(command) => setup_rbac::run(&command, &cli.database).await,
            Command::CheckConfig(command) => check_config::run(&command, &cli.database).await,
            Command::Accounts(command) => accounts::run(&command, &cli.database).await,
            Command::CreateAdmin(command) => create_admin::run(&command, &cli.database).await,
            Command::Keys(command) => keys::run(&command, &cli.database).await,
            Command::Work(command) => work::run(&command, &cli.database).await,
            Command::Outbox(command) => outbox::run(&command, &cli.database).await,
            Command::SetPassword(command) => set_password::run(&command, &cli.database).await,
            Command::SendReset(command) => send_reset::run(&command, &cli.database).await,
            Command::ResetFactors(command) => reset_factors::run(&command, &cli.database).await,
            Command::Unlock(command) => unlock::run(&command, &cli.database).await,
            Command::Seed(command) => seed::run(&command, &cli.database).await,
        }
    })
}

//! `cargo xtask migrate …`: `usersctl migrate …` on the development database.

use std::process::Command;

use clap::Args;

use crate::cargo::{self, built, root};
use crate::database::Database;
use crate::process;

/// `cargo xtask migrate …`
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Migrate {
    /// What `usersctl migrate` is to do: upgrade, downgrade [N], current, history, new NAME.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    arguments: Vec<String>,
}

/// Builds usersctl, starts the database if it does not run, and forwards.
pub(crate) fn run(command: &Migrate) -> anyhow::Result<()> {
    cargo::build_programs(&["usersctl"])?;
    let arguments: Vec<&str> = command.arguments.iter().map(String::as_str).collect();
    // These two touch no database.
    let offline =
        arguments.iter().any(|word| ["new", "help", "--help", "-h"].contains(word)) || arguments.is_empty();
    if offline {
        let mut usersctl = Command::new(built("usersctl")?);
        usersctl.arg("migrate").args(arguments).current_dir(root());
        return process::run(&mut usersctl, "usersctl failed: see its message above");
    }
    let database = Database::open_or_join()?;
    let done = usersctl(&database, &arguments);
    database.stop()?;
    done
}

/// Runs `usersctl migrate …` on `database`.
pub(crate) fn usersctl(database: &Database, arguments: &[&str]) -> anyhow::Result<()> {
    let mut usersctl = Command::new(built("usersctl")?);
    usersctl.arg("migrate").args(arguments).current_dir(root());
    usersctl.env_remove("DATABASE_URL").envs(database.address().variables());
    process::run(&mut usersctl, "the migrations did not run: see usersctl's message above")
}

//! `cargo xtask migrate|setup-rbac|create-admin|keys|check-config …`: `usersctl` on the development database.

use std::env;
use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::bail;
use clap::Args;

use crate::cargo::{self, built, root};
use crate::database::{Database, Secrets};
use crate::process;

/// The arguments of a usersctl command.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Forwarded {
    /// The arguments of `usersctl`; --help lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    arguments: Vec<String>,
}

/// Builds usersctl, starts the database if necessary, and forwards the terminal: usersctl may ask for a password.
pub(crate) fn run(name: &str, forwarded: &Forwarded) -> anyhow::Result<()> {
    cargo::build_programs(&["usersctl"])?;
    let arguments: Vec<&str> =
        [name].into_iter().chain(forwarded.arguments.iter().map(String::as_str)).collect();
    if touches_no_database(&arguments) {
        let mut usersctl = Command::new(built("usersctl")?);
        usersctl.args(arguments).current_dir(root());
        return process::run(&mut usersctl, "usersctl failed: see its message above");
    }
    let database = Database::open_or_join()?;
    let done = on(&database, &arguments);
    database.stop()?;
    done
}

/// Runs `usersctl keys …` with the secret that `up` encrypts signing keys with. Another database has another secret: the one of the
/// environment.
pub(crate) fn keys(forwarded: &Forwarded) -> anyhow::Result<()> {
    cargo::build_programs(&["usersctl"])?;
    let mut arguments = vec!["keys"];
    arguments.extend(forwarded.arguments.iter().map(String::as_str));
    let failure = "usersctl keys failed: see its message above";
    if touches_no_database(&arguments) {
        let mut usersctl = Command::new(built("usersctl")?);
        return process::run(usersctl.args(&arguments).current_dir(root()), failure);
    }
    let database = Database::open_or_join()?;
    let mut usersctl = command(&database, &arguments)?;
    if !is_named("DATABASE_URL") {
        usersctl.envs([Secrets::kept()?.of_worker()]);
    }
    let done = process::run(&mut usersctl, failure);
    database.stop()?;
    done
}

/// Checks the configuration in the environment, as `spin up` would use it. Without one, checks the configuration of `cargo xtask up`.
pub(crate) fn check_config(forwarded: &Forwarded) -> anyhow::Result<()> {
    cargo::build_programs(&["usersctl"])?;
    let mut arguments = vec!["check-config"];
    arguments.extend(forwarded.arguments.iter().map(String::as_str));
    let failure = "usersctl check-config failed: see its lines above";
    if touches_no_database(&arguments) || is_named("DATABASE_URL") || is_named("SPIN_VARIABLE_DB_HOST") {
        let mut usersctl = Command::new(built("usersctl")?);
        return process::run(usersctl.args(arguments).current_dir(root()), failure);
    }
    let database = Database::open_or_join()?;
    let mut usersctl = command(&database, &arguments)?;
    usersctl.envs(database.address().of_components());
    let done = process::run(usersctl.envs(Secrets::kept()?.variables()), failure);
    database.stop()?;
    done
}

fn is_named(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// Returns true if the command needs no database.
fn touches_no_database(arguments: &[&str]) -> bool {
    let any = |words: &[&str]| arguments.iter().any(|argument| words.contains(argument));
    any(&["--help", "-h"])
        || match arguments {
            ["migrate" | "create-admin" | "keys"] => true,
            ["migrate", ..] => any(&["new", "help"]),
            _ => false,
        }
}

/// Migrates `database` to the newest schema, and creates the first permissions and roles.
pub(crate) fn prepare(database: &Database) -> anyhow::Result<()> {
    on(database, &["migrate", "upgrade"])?;
    on(database, &["setup-rbac"])
}

/// Runs `usersctl …` on `database`.
pub(crate) fn on(database: &Database, arguments: &[&str]) -> anyhow::Result<()> {
    let failure = format!("usersctl {} failed: see its message above", arguments.first().unwrap_or(&""));
    process::run(&mut command(database, arguments)?, &failure)
}

/// The command `usersctl …` on `database`.
pub(crate) fn command(database: &Database, arguments: &[&str]) -> anyhow::Result<Command> {
    let mut usersctl = Command::new(built("usersctl")?);
    usersctl.args(arguments).current_dir(root());
    usersctl.env_remove("DATABASE_URL").envs(database.address().variables());
    Ok(usersctl)
}

/// Creates an administrator, as an operator does. Returns the output of usersctl.
pub(crate) fn create_admin(database: &Database, email: &str, password: &str) -> anyhow::Result<String> {
    let mut command = command(database, &["create-admin", email, "--password-stdin"])?;
    let mut child = process::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
    if let Some(mut stdin) = child.stdin.take() {
        writeln!(stdin, "{password}")?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("usersctl create-admin failed: see its message above");
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::touches_no_database;

    #[test]
    fn help_and_new_files_need_no_database() {
        for offline in [
            &["migrate"][..],
            &["migrate", "--help"],
            &["migrate", "help", "upgrade"],
            &["migrate", "new", "add roles"],
            &["create-admin"],
            &["create-admin", "-h"],
            &["keys"],
            &["keys", "rotate", "--help"],
            &["setup-rbac", "--help"],
        ] {
            assert!(touches_no_database(offline), "{offline:?}");
        }
    }

    #[test]
    fn everything_else_does() {
        for online in [
            &["migrate", "upgrade"][..],
            &["setup-rbac"],
            &["keys", "list"],
            &["create-admin", "new@example.com", "--full-name", "new"],
        ] {
            assert!(!touches_no_database(online), "{online:?}");
        }
    }
}

//! `cargo xtask deny`: licences, origins and known weaknesses of the dependencies, by cargo-deny and `deny.toml`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use clap::Args;

use crate::cargo::{cargo, root};
use crate::process;
use crate::tools::installed;

/// Pinned, so that a new release changes nothing here by itself.
const CARGO_DENY: (&str, &str) = ("cargo-deny", "0.20.2");
/// What this release calls its copy of the default database: the repository's name and a hash of its address.
const DEFAULT_DATABASE: &str = "advisory-db-3157b0e258782691";
/// The variable in `deny.toml` that says where databases are.
const DATABASES: &str = "ADVISORY_DBS";

/// `cargo xtask deny …`
#[derive(Debug, Args)]
pub(crate) struct Deny {
    /// A checkout of the RustSec database, for a machine that cannot fetch one.
    #[arg(long, value_name = "DIR")]
    advisories: Option<PathBuf>,
}

/// Checks everything, also after something has failed.
///
/// # Errors
/// What is not as `deny.toml` wants it, or that the database cannot be had.
pub(crate) fn run(deny: &Deny) -> anyhow::Result<()> {
    let rules = check().map(|()| println!("bans, licences and sources: nothing to tell"));
    let advisories = match &deny.advisories {
        Some(checkout) => known_advisories(checkout),
        None => newest_advisories(),
    };
    let failed: Vec<String> =
        [rules, advisories].into_iter().filter_map(Result::err).map(|it| format!("{it:#}")).collect();
    if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join("; ")) }
}

/// Checks what can be told without a database: bans, licences and sources.
///
/// # Errors
/// What is not as `deny.toml` wants it.
pub(crate) fn check() -> anyhow::Result<()> {
    // It looks at every target's packages, and then needs no network.
    process::run(cargo().args(["fetch", "--quiet", "--locked"]), "cargo cannot fetch the dependencies")?;
    let mut command = cargo_deny()?;
    command.args(["--offline", "check", "bans", "licenses", "sources"]);
    passes(&mut command, "dependencies break the rules of deny.toml")
}

/// Known weaknesses, by a database that cargo-deny fetches.
fn newest_advisories() -> anyhow::Result<()> {
    let mut command = cargo_deny()?;
    command.args(["check", "advisories"]).env_remove(DATABASES);
    let failure = "dependencies have known weaknesses, or the database cannot be fetched: name a checkout of it with --advisories";
    passes(&mut command, failure)?;
    println!("advisories: nothing to tell");
    Ok(())
}

/// Known weaknesses, by a database that is there.
fn known_advisories(checkout: &Path) -> anyhow::Result<()> {
    let databases = root().join("target/tools/advisory-checkout");
    arrange(checkout, &databases)?;
    let mut command = cargo_deny()?;
    command.args(["--offline", "check", "advisories"]).env(DATABASES, &databases);
    passes(&mut command, "dependencies have known weaknesses")?;
    let day = day(checkout).unwrap_or_else(|| "an unknown day".to_owned());
    println!("advisories, by the database of {day}: nothing to tell");
    Ok(())
}

/// Makes a checkout look like a database that cargo-deny has just fetched: one that was fetched long ago is refused, and how old
/// this one is was decided by who named it.
fn arrange(checkout: &Path, databases: &Path) -> anyhow::Result<()> {
    let unwritable = || format!("{} cannot be written", databases.display());
    let advisories = checkout.join("crates").canonicalize().with_context(|| {
        format!("{} is no checkout of the RustSec database: it has no crates/", checkout.display())
    })?;
    if databases.exists() {
        fs::remove_dir_all(databases).with_context(unwritable)?;
    }
    let database = databases.join(DEFAULT_DATABASE);
    fs::create_dir_all(database.join(".git")).with_context(unwritable)?;
    fs::write(database.join(".git/FETCH_HEAD"), "").with_context(unwritable)?;
    symlink(advisories, database.join("crates")).with_context(unwritable)
}

/// The day of a checkout's commit.
fn day(checkout: &Path) -> Option<String> {
    let git = Command::new("git")
        .arg("-C")
        .arg(checkout)
        .args(["log", "-1", "--format=%cs"])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let day = String::from_utf8(git.stdout).ok()?.trim().to_owned();
    (!day.is_empty()).then_some(day)
}

/// cargo-deny, which is installed under `target/` the first time.
fn cargo_deny() -> anyhow::Result<Command> {
    let mut command = Command::new(installed(CARGO_DENY)?);
    command.current_dir(root()).arg("--locked");
    Ok(command)
}

/// Runs it; what it finds is shown, and not how many checks found nothing.
fn passes(command: &mut Command, failure: &str) -> anyhow::Result<()> {
    process::run(command.stdout(Stdio::null()), failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_is_arranged_as_a_fetched_database_each_time_anew() {
        let place = tempfile::tempdir().unwrap();
        let (checkout, databases) = (place.path().join("checkout"), place.path().join("databases"));
        fs::create_dir_all(checkout.join("crates/x")).unwrap();
        for _ in 0..2 {
            arrange(&checkout, &databases).unwrap();
            let database = databases.join(DEFAULT_DATABASE);
            assert!(database.join("crates/x").is_dir() && database.join(".git/FETCH_HEAD").is_file());
        }
        assert!(checkout.join("crates/x").is_dir(), "what is taken away are links");
    }

    #[test]
    fn what_is_no_checkout_is_told() {
        let place = tempfile::tempdir().unwrap();
        let told = arrange(place.path(), &place.path().join("databases")).unwrap_err().to_string();
        assert!(told.ends_with("is no checkout of the RustSec database: it has no crates/"), "{told}");
    }
}

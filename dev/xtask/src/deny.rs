//! `cargo xtask deny`: licences, origins and known vulnerabilities of the dependencies, by cargo-deny and `deny.toml`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use clap::Args;

use crate::cargo::{cargo, root};
use crate::process;
use crate::tools::installed;

/// The version is pinned, so that a new release of the tool cannot change the results.
const CARGO_DENY: (&str, &str) = ("cargo-deny", "0.20.2");
/// The directory in which this version of cargo-deny looks for the default database: the repository's name, and a hash of its address.
const DEFAULT_DATABASE: &str = "advisory-db-3157b0e258782691";
/// The variable in `deny.toml` that names the directory of databases.
const DATABASES: &str = "ADVISORY_DBS";

/// `cargo xtask deny …`
#[derive(Debug, Args)]
pub(crate) struct Deny {
    /// A checkout of the RustSec database, for a machine that cannot fetch one.
    #[arg(long, value_name = "DIR")]
    advisories: Option<PathBuf>,
}

/// Checks everything, even after a failure.
///
/// # Errors
/// A rule of `deny.toml` is broken, or the database cannot be fetched.
pub(crate) fn run(deny: &Deny) -> anyhow::Result<()> {
    let rules = check().map(|()| println!("ok      bans, licences and sources"));
    let advisories = advisories(deny.advisories.as_deref()).map(|()| println!("ok      advisories"));
    let failed: Vec<String> =
        [rules, advisories].into_iter().filter_map(Result::err).map(|it| format!("{it:#}")).collect();
    if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join("; ")) }
}

/// Checks bans, licences and sources. These checks need no database.
///
/// # Errors
/// A rule of `deny.toml` is broken.
pub(crate) fn check() -> anyhow::Result<()> {
    // cargo-deny reads the packages of every target. After this download, it needs no network.
    process::run(cargo().args(["fetch", "--quiet", "--locked"]), "cargo cannot fetch the dependencies")?;
    let mut command = cargo_deny()?;
    command.args(["--offline", "check", "bans", "licenses", "sources"]);
    passes(&mut command, "dependencies break the rules of deny.toml")
}

/// Checks for known vulnerabilities, in a checkout of the database or in the newest database.
fn advisories(checkout: Option<&Path>) -> anyhow::Result<()> {
    let mut command = cargo_deny()?;
    let Some(checkout) = checkout else {
        command.args(["check", "advisories"]).env_remove(DATABASES);
        let failure = "dependencies have known vulnerabilities, or the database cannot be fetched: name a checkout of it with --advisories";
        return passes(&mut command, failure);
    };
    let databases = root().join("target/tools/advisory-checkout");
    arrange(checkout, &databases)?;
    command.args(["--offline", "check", "advisories"]).env(DATABASES, &databases);
    passes(&mut command, "dependencies have known vulnerabilities")
}

/// Makes a checkout look like a database that cargo-deny has just fetched. cargo-deny refuses an old database, but the caller decides
/// how old a checkout may be.
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

/// cargo-deny, which is installed under `target/` the first time.
fn cargo_deny() -> anyhow::Result<Command> {
    let mut command = Command::new(installed(CARGO_DENY)?);
    command.current_dir(root()).arg("--locked");
    Ok(command)
}

/// Runs the command and shows its findings, but not the number of checks without findings.
fn passes(command: &mut Command, failure: &str) -> anyhow::Result<()> {
    process::run(command.stdout(Stdio::null()), failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_is_arranged_as_a_fetched_database() {
        let place = tempfile::tempdir().unwrap();
        let (checkout, databases) = (place.path().join("checkout"), place.path().join("databases"));
        fs::create_dir_all(checkout.join("crates/x")).unwrap();
        for _ in 0..2 {
            arrange(&checkout, &databases).unwrap();
            let database = databases.join(DEFAULT_DATABASE);
            assert!(database.join("crates/x").is_dir() && database.join(".git/FETCH_HEAD").is_file());
        }
        assert!(checkout.join("crates/x").is_dir(), "expected the second run to remove links only");
        let error = arrange(place.path(), &databases).unwrap_err().to_string();
        assert!(error.ends_with("is no checkout of the RustSec database: it has no crates/"), "{error}");
    }
}

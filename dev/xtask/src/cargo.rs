//! Calls of cargo from a program that cargo itself runs.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process;

/// The prefixes of the variables in which cargo describes xtask. They are removed, because a build script that watches such a variable
/// would run again whenever `cargo` and `cargo xtask` alternate.
const ABOUT_US: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    // xtask runs on the machine that built it, so this path exists.
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."))
}

/// The path of a built program of this workspace. It is in the directory of this program.
pub(crate) fn built(program: &str) -> anyhow::Result<PathBuf> {
    let own = env::current_exe().context("the directory of built programs cannot be found")?;
    Ok(own.with_file_name(program))
}

/// `cargo`, in the repository's root.
pub(crate) fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program that calls cargo, in the repository's root.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        if ABOUT_US.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
    command
}

/// Builds programs of this workspace for this machine. Every call uses the features of the whole workspace, so that no
/// dependency is built twice.
pub(crate) fn build_programs(programs: &[&str]) -> anyhow::Result<()> {
    let mut command = cargo();
    command.args(["build", "--workspace"]);
    for program in programs {
        command.args(["--bin", program]);
    }
    process::run(&mut command, "the build failed: see cargo's messages above")
}

/// The output of `cargo metadata`. With `deep`, it includes the dependencies.
pub(crate) fn metadata(deep: bool) -> anyhow::Result<serde_json::Value> {
    let mut command = cargo();
    command.args(["metadata", "--format-version=1"]);
    if !deep {
        command.arg("--no-deps");
    }
    let said = command.output().context("cargo cannot be started")?;
    if !said.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&said.stderr).trim());
    }
    serde_json::from_slice(&said.stdout).context("cargo metadata is not JSON")
}

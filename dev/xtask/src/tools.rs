//! Programs from other worlds that some commands and tests run: under `target/tools`, pinned with all that they need, or as
//! Debian has them, installed where that can be done.

mod contract;
mod deploy;
mod postgres;
mod rust;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context;

use crate::cargo::root;
use crate::{process, say};

pub(crate) use deploy::{kubectl, validator};
pub(crate) use postgres::postgres;
pub(crate) use rust::{CargoLlvmCov, cargo_llvm_cov, cargo_nextest, installed, said_by};

/// The oldest version that the pinned packages run on: that of Debian 12.
const PYTHON: Version = Version(3, 11);
/// How long a program may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32);

/// Something that is kept under `target/tools`, and made anew when what it was made from has changed.
struct Kept {
    dir: PathBuf,
    /// What it is made from. A copy beside it, written last, tells that it is complete.
    made_from: String,
}

/// Makes the tools ready that the chosen suites need; what the suites are told of them.
///
/// # Errors
/// A sentence that says what to install.
pub(crate) fn ready(chosen: &[String]) -> anyhow::Result<Vec<(&'static str, OsString)>> {
    let needs = |suite: &str| chosen.iter().any(|it| it == suite);
    let mut told = Vec::new();
    if needs("contract") {
        told.extend(contract::ready()?);
    }
    if needs("deploy") {
        told.extend(deploy::ready()?);
    }
    Ok(told)
}

/// A Python that is new enough and can make environments. Debian's own may be hidden by one that cannot.
fn python() -> Option<PathBuf> {
    let pythons = in_path("python3").into_iter().chain([PathBuf::from("/usr/bin/python3")]);
    pythons.into_iter().find(|python| makes_environments(python))
}

/// Makes an environment with the packages that a file pins; returns the directory of its programs.
fn python_packages(python: &Path, name: &str, requirements: &Path, what: &str) -> anyhow::Result<PathBuf> {
    // Its programs know where they are, and which Python they belong to.
    let which = version(python).map(|Version(major, minor)| format!("Python {major}.{minor}"));
    let place = format!("{} for {}\n", which.unwrap_or_default(), root().display());
    let kept = Kept::new(name, place + &read(requirements)?);
    let bin = kept.dir.join("bin");
    if kept.is_complete() {
        return Ok(bin);
    }
    say(format_args!("installing {what} under target/tools"));
    kept.clear()?;
    let failure = format!("{what} cannot be installed: see the messages above");
    process::run(Command::new(python).args(["-m", "venv"]).arg(&kept.dir), &failure)?;
    let mut pip = Command::new(bin.join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]);
    // Nothing that is not in the file, and nothing that runs code of its own to be installed.
    pip.args(["--require-hashes", "--only-binary", ":all:", "--no-deps", "--requirement"]).arg(requirements);
    process::run(&mut pip, &failure)?;
    kept.complete()?;
    Ok(bin)
}

/// Installs the packages of `package.json` and `package-lock.json` in `pins`; returns the directory of `node_modules`.
fn node_packages(npm: &Path, name: &str, pins: &Path, what: &str) -> anyhow::Result<PathBuf> {
    let files = ["package.json", "package-lock.json"];
    let texts = files.iter().map(|file| read(&pins.join(file))).collect::<anyhow::Result<Vec<_>>>()?;
    let kept = Kept::new(name, texts.concat());
    if kept.is_complete() {
        return Ok(kept.dir);
    }
    say(format_args!("installing {what} under target/tools"));
    kept.clear()?;
    for (file, text) in files.iter().zip(texts) {
        fs::write(kept.dir.join(file), text).context("target/tools cannot be written")?;
    }
    let mut command = Command::new(npm);
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    // npm's messages are progress, not output.
    command.current_dir(&kept.dir).stdout(Stdio::null());
    process::run(&mut command, &format!("{what} cannot be installed: see npm's messages above"))?;
    kept.complete()?;
    Ok(kept.dir)
}

impl Kept {
    fn new(name: &str, made_from: String) -> Self {
        Self { dir: root().join("target/tools").join(name), made_from }
    }

    fn note(&self) -> PathBuf {
        self.dir.join("made-from")
    }

    fn is_complete(&self) -> bool {
        fs::read_to_string(self.note()).is_ok_and(|made_from| made_from == self.made_from)
    }

    /// Leaves an empty directory, whatever was there.
    fn clear(&self) -> anyhow::Result<()> {
        if self.dir.exists() {
            fs::remove_dir_all(&self.dir).with_context(|| format!("{} is in the way", self.dir.display()))?;
        }
        fs::create_dir_all(&self.dir).with_context(|| format!("{} cannot be made", self.dir.display()))
    }

    fn complete(&self) -> anyhow::Result<()> {
        fs::write(self.note(), &self.made_from).context("target/tools cannot be written")
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// A program as the shell would find it.
fn in_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// Whether a Python is new enough and can make environments with pip, which Debian has in a package of its own.
fn makes_environments(python: &Path) -> bool {
    let mut imports = Command::new(python);
    imports.args(["-c", "import ensurepip, venv"]);
    version(python).is_some_and(|it| it >= PYTHON)
        && process::quietly(&mut imports, PATIENCE).is_some_and(|said| said.status.success())
}

fn version(program: &Path) -> Option<Version> {
    let said = process::quietly(Command::new(program).arg("--version"), PATIENCE)?;
    parse_version(&String::from_utf8_lossy(&said.stdout))
}

/// The version in `Python 3.11.2` or `v20.19.2`.
fn parse_version(said: &str) -> Option<Version> {
    let number = said.trim().rsplit([' ', 'v']).next()?;
    let mut parts = number.split('.');
    Some(Version(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_programs_tell_it() {
        assert_eq!(parse_version("Python 3.11.2\n"), Some(Version(3, 11)));
        assert_eq!(parse_version("v20.19.2\n"), Some(Version(20, 19)));
        assert_eq!(parse_version("command not found"), None);
        assert!(Version(3, 9) < PYTHON);
    }

    #[test]
    fn other_suites_need_no_tools() {
        assert!(ready(&["auth".to_owned()]).unwrap().is_empty());
    }
}

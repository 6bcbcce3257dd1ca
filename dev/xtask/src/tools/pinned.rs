//! Programs that are pinned under `target/tools`, and the search for others.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context;

use crate::cargo::root;
use crate::{apt, process, say};

/// The oldest Python that the pinned packages run on: the version of Debian 12.
const PYTHON: Version = Version(3, 11);
/// The longest time that a program may take to print its version.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u32, pub(super) u32);

/// A directory under `target/tools`. It is created again when its source has changed.
pub(super) struct Kept {
    pub(super) dir: PathBuf,
    /// The source of the directory. A copy in the directory, which is written last, shows that the directory is complete.
    made_from: String,
}

/// A Python that is new enough and can create environments. In `PATH`, another Python may hide such a Python of Debian.
pub(super) fn python() -> anyhow::Result<PathBuf> {
    let pythons = || in_path("python3").into_iter().chain([PathBuf::from("/usr/bin/python3")]);
    let find = || pythons().find(|python| makes_environments(python));
    apt::find_or_install(find, &["python3", "python3-venv"], "this needs Python 3.11 or newer")
}

/// Creates an environment with the packages that a file pins. Returns the directory of its programs.
pub(super) fn python_packages(
    python: &Path,
    name: &str,
    requirements: &Path,
    what: &str,
) -> anyhow::Result<PathBuf> {
    // The programs of the environment contain their own path and the path of their Python.
    let which = version(python).map(|Version(major, minor)| format!("Python {major}.{minor}"));
    let place = format!("{} for {}\n", which.unwrap_or_default(), root().display());
    let kept = Kept::new(name, place + read(requirements)?.as_str());
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
    // pip installs no package that is missing in the file, and runs no code of a package.
    pip.args(["--require-hashes", "--only-binary", ":all:", "--no-deps", "--requirement"]).arg(requirements);
    process::run(&mut pip, &failure)?;
    kept.complete()?;
    Ok(bin)
}

/// Installs the packages of `package.json` and `package-lock.json` in `pins`. Returns the directory that contains `node_modules`.
pub(super) fn node_packages(npm: &Path, name: &str, pins: &Path, what: &str) -> anyhow::Result<PathBuf> {
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
    // npm's messages report progress. They are not output of this program.
    command.current_dir(&kept.dir).stdout(Stdio::null());
    process::run(&mut command, &format!("{what} cannot be installed: see npm's messages above"))?;
    kept.complete()?;
    Ok(kept.dir)
}

impl Kept {
    pub(super) fn new(name: &str, made_from: String) -> Self {
        Self { dir: root().join("target/tools").join(name), made_from }
    }

    fn note(&self) -> PathBuf {
        self.dir.join("made-from")
    }

    pub(super) fn is_complete(&self) -> bool {
        fs::read_to_string(self.note()).is_ok_and(|made_from| made_from == self.made_from)
    }

    /// Replaces the directory by an empty one.
    pub(super) fn clear(&self) -> anyhow::Result<()> {
        if self.dir.exists() {
            fs::remove_dir_all(&self.dir).with_context(|| format!("{} is in the way", self.dir.display()))?;
        }
        fs::create_dir_all(&self.dir).with_context(|| format!("{} cannot be made", self.dir.display()))
    }

    pub(super) fn complete(&self) -> anyhow::Result<()> {
        fs::write(self.note(), &self.made_from).context("target/tools cannot be written")
    }
}

pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Finds a program in `PATH`.
pub(super) fn in_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// Returns true if a Python is new enough and can create environments with pip. Debian has these modules in separate packages.
fn makes_environments(python: &Path) -> bool {
    let mut imports = Command::new(python);
    imports.args(["-c", "import ensurepip, venv"]);
    version(python).is_some_and(|it| it >= PYTHON)
        && process::quietly(&mut imports, PATIENCE).is_some_and(|said| said.status.success())
}

pub(super) fn version(program: &Path) -> Option<Version> {
    let said = process::quietly(Command::new(program).arg("--version"), PATIENCE)?;
    parse_version(&String::from_utf8_lossy(&said.stdout))
}

/// Reads the version from `Python 3.11.2` or `v20.19.2`.
pub(super) fn parse_version(said: &str) -> Option<Version> {
    let number = said.trim().rsplit([' ', 'v']).next()?;
    let mut parts = number.split('.');
    Some(Version(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_programs_are_read() {
        assert_eq!(parse_version("Python 3.11.2\n"), Some(Version(3, 11)));
        assert_eq!(parse_version("v20.19.2\n"), Some(Version(20, 19)));
        assert_eq!(parse_version("command not found"), None);
        assert!(Version(3, 9) < PYTHON);
    }
}

//! Programs from other worlds that some tests run: Python's and Node's under `target/tools`, pinned with all that they
//! need, and a browser. What Debian has is installed where that can be done.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::cargo::root;
use crate::{apt, process, say};

/// The suites that need them.
const SUITES: [&str; 1] = ["contract"];
/// Where the files are that pin them.
const PINS: &str = "tests/contract";
/// The oldest versions that the pinned packages run on: those of Debian 12.
const PYTHON: Version = Version(3, 11);
const NODE: Version = Version(18, 0);
/// Whatever calls itself a browser and understands Chromium's commands.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
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

/// What was found of what is needed.
#[derive(Default)]
struct Found {
    python: Option<PathBuf>,
    node: Option<PathBuf>,
    npm: Option<PathBuf>,
    chromium: Option<PathBuf>,
}

/// Makes the tools ready that the chosen suites need; what the suites are told of them.
///
/// # Errors
/// A sentence that says what to install.
pub(crate) fn ready(chosen: &[String]) -> anyhow::Result<Vec<(&'static str, OsString)>> {
    if !chosen.iter().any(|suite| SUITES.contains(&suite.as_str())) {
        return Ok(Vec::new());
    }
    let found = find_or_install()?;
    let (Some(python), Some(node), Some(npm), Some(chromium)) =
        (found.python, found.node, found.npm, found.chromium)
    else {
        bail!("the tools of the contract tests are not complete");
    };
    let python = python_packages(&python)?;
    let node_modules = node_packages(&npm)?;
    Ok(vec![
        ("USERS_TEST_PYTHON_BIN", python.into()),
        ("USERS_TEST_NODE_BIN", node.into()),
        ("USERS_TEST_NODE_MODULES", node_modules.into()),
        ("USERS_TEST_CHROMIUM_BIN", chromium.into()),
    ])
}

fn find_or_install() -> anyhow::Result<Found> {
    let found = Found::here();
    let missing = found.missing();
    if missing.is_empty() {
        return Ok(found);
    }
    if apt::can_install() {
        apt::update()?;
        apt::install(&missing)?;
    }
    let found = Found::here();
    let missing = found.missing();
    if missing.is_empty() {
        return Ok(found);
    }
    bail!(
        "the contract tests need Python {}.{}, Node {} and Chromium: install {} (Debian's names) and try again, or name the suites that you want without `--contract`",
        PYTHON.0,
        PYTHON.1,
        NODE.0,
        missing.join(" ")
    )
}

impl Found {
    fn here() -> Self {
        // Debian's own may be hidden by one that cannot make environments.
        let pythons = in_path("python3").into_iter().chain([PathBuf::from("/usr/bin/python3")]);
        Self {
            python: pythons.into_iter().find(|python| makes_environments(python)),
            node: in_path("node").filter(|node| version(node).is_some_and(|it| it >= NODE)),
            npm: in_path("npm"),
            chromium: BROWSERS.into_iter().find_map(in_path),
        }
    }

    /// Debian's names of what is not there.
    fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.python.is_none() {
            missing.extend(["python3", "python3-venv"]);
        }
        if self.node.is_none() {
            missing.push("nodejs");
        }
        if self.npm.is_none() {
            missing.push("npm");
        }
        if self.chromium.is_none() {
            missing.push("chromium");
        }
        missing
    }
}

/// Makes the environment with the packages of `requirements.txt`; returns the directory of its programs.
fn python_packages(python: &Path) -> anyhow::Result<PathBuf> {
    let requirements = root().join(PINS).join("requirements.txt");
    // Its programs know where they are, and which Python they belong to.
    let which = version(python).map(|Version(major, minor)| format!("Python {major}.{minor}"));
    let place = format!("{} for {}\n", which.unwrap_or_default(), root().display());
    let kept = Kept::new("python", place + &read(&requirements)?);
    let bin = kept.dir.join("bin");
    if kept.is_complete() {
        return Ok(bin);
    }
    say("installing schemathesis and openapi-python-client under target/tools");
    kept.clear()?;
    let failure = "the Python packages of the contract tests cannot be installed: see the messages above";
    process::run(Command::new(python).args(["-m", "venv"]).arg(&kept.dir), failure)?;
    let mut pip = Command::new(bin.join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]);
    // Nothing that is not in the file, and nothing that runs code of its own to be installed.
    pip.args(["--require-hashes", "--only-binary", ":all:", "--requirement"]).arg(requirements);
    process::run(&mut pip, failure)?;
    kept.complete()?;
    Ok(bin)
}

/// Installs the packages of `package-lock.json`; returns the directory where they are.
fn node_packages(npm: &Path) -> anyhow::Result<PathBuf> {
    let files = ["package.json", "package-lock.json"];
    let mut texts = Vec::new();
    for file in files {
        texts.push(read(&root().join(PINS).join(file))?);
    }
    let kept = Kept::new("node", texts.concat());
    let modules = kept.dir.join("node_modules");
    if kept.is_complete() {
        return Ok(modules);
    }
    say("installing Redocly CLI and Playwright under target/tools");
    kept.clear()?;
    for (file, text) in files.iter().zip(texts) {
        fs::write(kept.dir.join(file), text).context("target/tools cannot be written")?;
    }
    let mut command = Command::new(npm);
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    // What npm says belongs to the progress, not to the output.
    command.current_dir(&kept.dir).stdout(Stdio::null());
    process::run(
        &mut command,
        "the Node packages of the contract tests cannot be installed: see npm's messages above",
    )?;
    kept.complete()?;
    Ok(modules)
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
        assert!(Version(3, 9) < PYTHON && Version(20, 0) > NODE);
    }

    #[test]
    fn what_is_missing_is_told_by_debians_names() {
        let found = Found { node: Some("/usr/bin/node".into()), ..Found::default() };
        assert_eq!(found.missing(), ["python3", "python3-venv", "npm", "chromium"]);
    }

    #[test]
    fn other_suites_need_no_tools() {
        assert!(ready(&["auth".to_owned()]).unwrap().is_empty());
    }
}

//! What the contract tests run: schemathesis and openapi-python-client, Redocly CLI and Playwright, and a browser.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::{Kept, PYTHON, Version, in_path, python, python_packages, read, version};
use crate::cargo::root;
use crate::{apt, process, say};

/// Where the files are that pin them.
const PINS: &str = "tests/contract";
/// The oldest version that the pinned packages run on: that of Debian 12.
const NODE: Version = Version(18, 0);
/// Whatever calls itself a browser and understands Chromium's commands.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// What was found of what is needed.
#[derive(Default)]
struct Found {
    python: Option<PathBuf>,
    node: Option<PathBuf>,
    npm: Option<PathBuf>,
    chromium: Option<PathBuf>,
}

/// Makes them ready; what the tests are told of them.
pub(super) fn ready() -> anyhow::Result<Vec<(&'static str, OsString)>> {
    let found = find_or_install()?;
    let (Some(python), Some(node), Some(npm), Some(chromium)) =
        (found.python, found.node, found.npm, found.chromium)
    else {
        bail!("the tools of the contract tests are not complete");
    };
    let requirements = root().join(PINS).join("requirements.txt");
    let what = "schemathesis and openapi-python-client";
    let python = python_packages(&python, "python", &requirements, what)?;
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
        Self {
            python: python(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_by_debians_names() {
        let found = Found { node: Some("/usr/bin/node".into()), ..Found::default() };
        assert_eq!(found.missing(), ["python3", "python3-venv", "npm", "chromium"]);
    }
}

//! What the contract tests run: schemathesis and openapi-python-client, Redocly CLI and Playwright, and a browser.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::bail;

use super::{PYTHON, Version, in_path, node_packages, python, python_packages, version};
use crate::apt;
use crate::cargo::root;

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
    let node_modules =
        node_packages(&npm, "node", &root().join(PINS), "Redocly CLI and Playwright")?.join("node_modules");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_by_debians_names() {
        let found = Found { node: Some("/usr/bin/node".into()), ..Found::default() };
        assert_eq!(found.missing(), ["python3", "python3-venv", "npm", "chromium"]);
    }
}

//! The tools of the contract tests: schemathesis, openapi-python-client and httplint, Redocly CLI, Spectral and Playwright, and a browser.

use std::ffi::OsString;

use super::pinned::{Version, in_path, node_packages, python, python_packages, version};
use crate::apt;
use crate::cargo::root;

/// The directory with the files that pin the packages.
const PINS: &str = "tests/contract";
/// The variable that names the directory of the Python programs.
pub(crate) const PYTHON_BIN: &str = "USERS_TEST_PYTHON_BIN";
/// The oldest Node.js that the pinned packages run on: the version of Debian 12.
const NODE: Version = Version(18, 0);
/// Browsers that understand Chromium's commands.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Prepares the tools. Returns the variables that tell the tests where the tools are.
///
/// # Errors
/// A sentence that says what to install.
pub(crate) fn contract() -> anyhow::Result<Vec<(&'static str, OsString)>> {
    let node = || in_path("node").filter(|node| version(node).is_some_and(|it| it >= NODE));
    let node = apt::find_or_install(node, &["nodejs"], "the contract tests need Node 18 or newer")?;
    let npm = apt::find_or_install(|| in_path("npm"), &["npm"], "the contract tests need npm")?;
    let browser = || BROWSERS.into_iter().find_map(in_path);
    let browser = apt::find_or_install(browser, &["chromium"], "the contract tests need Chromium")?;
    let pins = root().join(PINS);
    let what = "schemathesis, openapi-python-client and httplint";
    let python = python_packages(&python()?, "python", &pins.join("requirements.txt"), what)?;
    let node_packages = node_packages(&npm, "node", &pins, "Redocly CLI, Spectral and Playwright")?;
    Ok(vec![
        (PYTHON_BIN, python.into()),
        ("USERS_TEST_NODE_BIN", node.into()),
        ("USERS_TEST_NODE_MODULES", node_packages.join("node_modules").into()),
        ("USERS_TEST_CHROMIUM_BIN", browser.into()),
    ])
}

//! The tools of the browser tests: Node with Playwright and axe-core, and a browser.

use std::ffi::OsString;
use std::path::PathBuf;

use super::pinned::{Version, in_path, node_packages, version};
use crate::apt;
use crate::cargo::root;

/// The directory with the files that pin the packages of Node.
const PINS: &str = "tests/contract";
/// The oldest Node.js that the pinned packages run on: the version of Debian 12.
const NODE: Version = Version(18, 0);
/// Browsers that understand Chromium's commands.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Prepares the tools. Returns the variables that tell the tests where the tools are. After the first time, this needs no network.
///
/// # Errors
/// A sentence that says what to install.
pub(crate) fn browser() -> anyhow::Result<Vec<(&'static str, OsString)>> {
    let node = || in_path("node").filter(|node| version(node).is_some_and(|it| it >= NODE));
    let node = apt::find_or_install(node, &["nodejs"], "the tests need Node 18 or newer")?;
    let chromium = || BROWSERS.into_iter().find_map(in_path);
    let chromium = apt::find_or_install(chromium, &["chromium"], "the tests need Chromium")?;
    Ok(vec![
        ("USERS_TEST_NODE_BIN", node.into()),
        ("USERS_TEST_NODE_MODULES", modules()?.into()),
        ("USERS_TEST_CHROMIUM_BIN", chromium.into()),
    ])
}

/// The directory of the packages, which npm installs if they are missing.
fn modules() -> anyhow::Result<PathBuf> {
    let npm = apt::find_or_install(|| in_path("npm"), &["npm"], "the tests need npm")?;
    let what = "Playwright, axe-core, Redocly CLI and Spectral";
    Ok(node_packages(&npm, "node", &root().join(PINS), what)?.join("node_modules"))
}

//! The programs that `cargo xtask test` has made ready, each in a version of our choice.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use users_contract::Document;
use users_tests::environment;

/// How much of what a program says is shown when it fails: so many lines, the last ones, and so much of each.
const LINES: usize = 400;
const COLUMNS: usize = 2_000;

/// The contract.
pub(crate) fn document() -> Document {
    Document::read(&document_path()).unwrap_or_else(|error| panic!("expected the contract: {error}"))
}

/// Where it is.
pub(crate) fn document_path() -> PathBuf {
    environment().root().join("openapi.json")
}

/// A file beside these tests.
pub(crate) fn file(name: &str) -> PathBuf {
    environment().root().join("tests/contract").join(name)
}

/// A Python program of `requirements.txt`.
pub(crate) fn python(name: &str) -> Command {
    let mut command = Command::new(told("USERS_TEST_PYTHON_BIN").join(name));
    // The repository stays as it is.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// A script run by Node.
pub(crate) fn node(script: &Path) -> Command {
    let mut command = Command::new(told("USERS_TEST_NODE_BIN"));
    command.arg(script);
    command
}

/// Where the packages of `package.json` are.
pub(crate) fn node_modules() -> PathBuf {
    told("USERS_TEST_NODE_MODULES")
}

/// The browser.
pub(crate) fn chromium() -> PathBuf {
    told("USERS_TEST_CHROMIUM_BIN")
}

fn told(name: &str) -> PathBuf {
    env::var_os(name).map_or_else(|| panic!("run the tests with `cargo xtask test`"), PathBuf::from)
}

/// Runs a program to its end and returns whether it succeeded, and all that it said.
///
/// # Panics
/// When it cannot be run.
pub(crate) fn outcome(command: &mut Command) -> (bool, String) {
    let said = command.stdin(Stdio::null()).output();
    let said = said.unwrap_or_else(|error| panic!("{command:?} does not run: {error}"));
    let text = [said.stdout, said.stderr].map(|octets| String::from_utf8_lossy(&octets).into_owned());
    (said.status.success(), end_of(&text.concat()))
}

fn end_of(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    last.iter().map(|line| line.chars().take(COLUMNS).chain(['\n']).collect::<String>()).collect()
}

/// Runs a program to success and returns what it said.
///
/// # Panics
/// When it fails.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let (succeeded, said) = outcome(command);
    assert!(succeeded, "expected {:?} to succeed; it said:\n{said}", command.get_program());
    said
}

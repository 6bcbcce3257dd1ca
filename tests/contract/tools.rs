//! The external programs that `cargo xtask test` has installed, each in a pinned version.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use users_tests::environment;

/// The last lines of a failed program that are shown, and the most characters of each.
const LINES: usize = 400;
const COLUMNS: usize = 2_000;

/// The path of `openapi.json`.
pub(crate) fn document_path() -> PathBuf {
    environment().root().join("openapi.json")
}

/// A file in the folder of these tests.
pub(crate) fn file(name: &str) -> PathBuf {
    environment().root().join("tests/contract").join(name)
}

/// A Python program of `requirements.txt`.
pub(crate) fn python(name: &str) -> Command {
    let mut command = Command::new(variable("USERS_TEST_PYTHON_BIN").join(name));
    // The repository stays as it is.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// A script run by Node.
pub(crate) fn node(script: &Path) -> Command {
    let mut command = Command::new(variable("USERS_TEST_NODE_BIN"));
    command.arg(script);
    command
}

/// The folder with the packages of `package.json`.
pub(crate) fn node_modules() -> PathBuf {
    variable("USERS_TEST_NODE_MODULES")
}

/// The browser.
pub(crate) fn chromium() -> PathBuf {
    variable("USERS_TEST_CHROMIUM_BIN")
}

fn variable(name: &str) -> PathBuf {
    env::var_os(name).map_or_else(|| panic!("run the tests with `cargo xtask test`"), PathBuf::from)
}

/// Runs a program to its end. Returns whether it succeeded, and its output.
///
/// # Panics
/// When it cannot be run.
pub(crate) fn outcome(command: &mut Command) -> (bool, String) {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?} does not run: {error}"));
    let text = [output.stdout, output.stderr].map(|octets| String::from_utf8_lossy(&octets).into_owned());
    (output.status.success(), end_of(&text.concat()))
}

fn end_of(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    last.iter().map(|line| line.chars().take(COLUMNS).chain(['\n']).collect::<String>()).collect()
}

/// Runs a program to success. Returns its output.
///
/// # Panics
/// When it fails.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let (succeeded, output) = outcome(command);
    assert!(succeeded, "expected {:?} to succeed; its output:\n{output}", command.get_program());
    output
}

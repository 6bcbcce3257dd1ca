//! The external programs that `cargo xtask test` installs. Each has a pinned version.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use users_tests::environment;

/// How much of a failed program's output is shown: the number of last lines, and the maximum characters of each line.
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

/// A Python program from `requirements.txt`.
pub(crate) fn python(name: &str) -> Command {
    let mut command = Command::new(variable("USERS_TEST_PYTHON_BIN").join(name));
    // Python must write no files into the repository.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// A script for Node.
pub(crate) fn node(script: &Path) -> Command {
    let mut command = Command::new(variable("USERS_TEST_NODE_BIN"));
    command.arg(script);
    command
}

/// The folder with the packages of `package.json`.
pub(crate) fn node_modules() -> PathBuf {
    variable("USERS_TEST_NODE_MODULES")
}

/// The path of the browser.
pub(crate) fn chromium() -> PathBuf {
    variable("USERS_TEST_CHROMIUM_BIN")
}

fn variable(name: &str) -> PathBuf {
    env::var_os(name).map_or_else(|| panic!("run the tests with `cargo xtask test`"), PathBuf::from)
}

/// Runs a program to its end. Returns true if it succeeded, and its output.
///
/// # Panics
/// When the program cannot be started.
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

/// Runs a program, which must succeed. Returns its output.
///
/// # Panics
/// When the program fails.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let (succeeded, output) = outcome(command);
    assert!(succeeded, "expected {:?} to succeed; its output:\n{output}", command.get_program());
    output
}

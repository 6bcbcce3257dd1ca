//! The tools of the contract tests: schemathesis, openapi-python-client and httplint, Redocly CLI and Spectral, and those of the browser
//! tests.

use std::ffi::OsString;

use super::browser;
use super::pinned::{python, python_packages};
use crate::cargo::root;

/// The file that pins the packages of Python.
const PINS: &str = "tests/contract/requirements.txt";
/// The variable that names the directory of the Python programs.
pub(crate) const PYTHON_BIN: &str = "USERS_TEST_PYTHON_BIN";

/// Prepares the tools. Returns the variables that tell the tests where the tools are.
///
/// # Errors
/// A sentence that says what to install.
pub(crate) fn contract() -> anyhow::Result<Vec<(&'static str, OsString)>> {
    let mut variables = browser()?;
    let what = "schemathesis, openapi-python-client and httplint";
    let python = python_packages(&python()?, "python", &root().join(PINS), what)?;
    variables.push((PYTHON_BIN, python.into()));
    Ok(variables)
}

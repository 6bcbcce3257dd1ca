//! What `cargo xtask sqlmap` runs: sqlmap, and a driver of Postgres for the server that it tries itself on.

use std::path::PathBuf;

use anyhow::{Context, bail};

use super::{PYTHON, python, python_packages};
use crate::apt;
use crate::cargo::root;

/// Where the file is that pins them.
const PINS: &str = "tests/sqlmap/requirements.txt";

/// Makes them ready; the directory of their programs.
///
/// # Errors
/// A sentence that says what to install.
pub(crate) fn sqlmap() -> anyhow::Result<PathBuf> {
    let python = match python() {
        Some(python) => python,
        None => installed_python()?,
    };
    python_packages(&python, "sqlmap", &root().join(PINS), "sqlmap")
}

fn installed_python() -> anyhow::Result<PathBuf> {
    let needed = || {
        let (major, minor) = (PYTHON.0, PYTHON.1);
        format!(
            "sqlmap needs Python {major}.{minor}: install python3 and python3-venv (Debian's names) and try again"
        )
    };
    if !apt::can_install() {
        bail!("{}", needed());
    }
    apt::update()?;
    apt::install(&["python3", "python3-venv"])?;
    python().with_context(needed)
}

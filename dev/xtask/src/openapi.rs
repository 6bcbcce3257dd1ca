//! `cargo xtask openapi`: writes the OpenAPI document from the components' descriptions.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, bail};

use crate::cargo::{cargo, root};
use crate::{process, say};

/// The document is in the repository: `components/docs` serves it, and a diff shows changes of the API.
fn file() -> PathBuf {
    root().join("openapi.json")
}

/// Writes the document.
pub(crate) fn run() -> anyhow::Result<()> {
    let document = generated()?;
    std::fs::write(file(), &document).context("openapi.json cannot be written")?;
    say(format_args!("openapi.json has {} KiB", document.len() / 1024));
    Ok(())
}

/// Checks that the document in the repository is up to date.
pub(crate) fn check() -> anyhow::Result<()> {
    let kept = std::fs::read_to_string(file()).unwrap_or_default();
    if kept == generated()? { Ok(()) } else { bail!("it is out of date: run `cargo xtask openapi`") }
}

fn generated() -> anyhow::Result<String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "users-openapi"]).stdout(Stdio::piped());
    let child = process::start(&mut command)?;
    let output = child.wait_with_output().context("the document cannot be read")?;
    process::go_on()?;
    if !output.status.success() {
        bail!("the components cannot be described: see above");
    }
    String::from_utf8(output.stdout).context("the document is not text")
}

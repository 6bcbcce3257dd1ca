//! `cargo xtask build`: every component to WebAssembly, in one cargo call, so that what they share is built once.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::cargo::{cargo, root};
use crate::toolchain::{TARGET, Toolchain};
use crate::{process, say};

/// Separate from the native build, since the two would rebuild each other.
const TARGET_DIR: &str = "target/wasm";
/// In the workspace's Cargo.toml.
const PROFILE: &str = "component";

/// Builds, and shows what came out.
pub(crate) fn run() -> anyhow::Result<()> {
    components()?;
    for name in names()? {
        let path = file(&name);
        let size = path.metadata().with_context(|| format!("{} is missing", path.display()))?.len();
        println!(
            "{name:10} {:>5} KiB  {}",
            size / 1024,
            path.strip_prefix(root()).unwrap_or(&path).display()
        );
    }
    Ok(())
}

/// Builds every component.
pub(crate) fn components() -> anyhow::Result<()> {
    packages(&names()?)
}

/// Builds every component, and those that only tests use.
pub(crate) fn components_and_guests() -> anyhow::Result<()> {
    packages(&[names()?, packages_in("tests/guests")?].concat())
}

fn packages(names: &[String]) -> anyhow::Result<()> {
    let toolchain = Toolchain::find()?;
    say(format_args!("building the components {} with {}", names.join(", "), toolchain.name()));
    let mut command = cargo();
    command.args(["build", "--profile", PROFILE, "--target-dir", TARGET_DIR]);
    toolchain.apply(&mut command);
    for name in names {
        command.args(["--package", name]);
    }
    process::run(&mut command, "the components do not build: see cargo's messages above")
}

/// The packages in components/, each named as its directory.
pub(crate) fn names() -> anyhow::Result<Vec<String>> {
    packages_in("components")
}

fn packages_in(folder: &str) -> anyhow::Result<Vec<String>> {
    let dir = root().join(folder);
    let entries = dir.read_dir().with_context(|| format!("{} cannot be read", dir.display()))?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    if names.is_empty() {
        bail!("{} holds no component: this is not the repository xtask was built in", dir.display());
    }
    Ok(names)
}

fn file(name: &str) -> PathBuf {
    root().join(TARGET_DIR).join(TARGET).join(PROFILE).join(format!("{}.wasm", name.replace('-', "_")))
}

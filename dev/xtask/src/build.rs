//! `cargo xtask build`: every component to WebAssembly.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::Value;

use crate::cargo::{self, cargo, root};
use crate::toolchain::{TARGET, Toolchain};
use crate::{process, say};

/// Separate from the native build, since the two would rebuild each other.
const TARGET_DIR: &str = "target/wasm";
/// In the workspace's Cargo.toml.
const PROFILE: &str = "component";
/// What is built only when it is named, and for tests.
const EXAMPLES: &str = "examples";
/// Components that only tests use.
const GUESTS: &str = "tests/guests";

/// `cargo xtask build …`
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// Only these: packages of components/, examples/ or tests/guests/ [default: all of components/]
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
}

/// Builds, and shows what came out.
pub(crate) fn run(build: &Build) -> anyhow::Result<()> {
    let names = chosen(&build.packages)?;
    packages(&names)?;
    let width = names.iter().map(String::len).max().unwrap_or_default();
    for name in names {
        let path = file(&name);
        let size = path.metadata().with_context(|| format!("{} is missing", path.display()))?.len();
        println!(
            "{name:width$} {:>5} KiB  {}",
            size / 1024,
            path.strip_prefix(root()).unwrap_or(&path).display()
        );
    }
    Ok(())
}

/// The packages asked for, if they can be built this way; every component when none was.
fn chosen(asked: &[String]) -> anyhow::Result<Vec<String>> {
    if asked.is_empty() {
        return names();
    }
    let known = everything()?;
    match asked.iter().find(|name| !known.contains(name)) {
        Some(unknown) => bail!("there is no component {unknown}: there are {}", known.join(", ")),
        None => Ok(asked.to_vec()),
    }
}

/// Builds every component.
pub(crate) fn components() -> anyhow::Result<()> {
    packages(&names()?)
}

/// Builds every component, and those that only tests use, among them the examples.
pub(crate) fn components_and_guests() -> anyhow::Result<()> {
    packages(&everything()?)
}

/// In one cargo call what has a standard library, so that it is built once, and in another what has none: features are
/// shared within a call, and with wit-bindgen's `std` a component without one does not build.
fn packages(names: &[String]) -> anyhow::Result<()> {
    let toolchain = Toolchain::find()?;
    say(format_args!("building the components {} with {}", names.join(", "), toolchain.name()));
    for mut command in cargo_calls(toolchain, "build", names)? {
        command.args(["--profile", PROFILE]);
        process::run(&mut command, "the components do not build: see cargo's messages above")?;
    }
    Ok(())
}

/// The calls that run a cargo command on packages for WebAssembly, each on those that may share features.
pub(crate) fn cargo_calls(
    toolchain: Toolchain,
    subcommand: &str,
    names: &[String],
) -> anyhow::Result<Vec<Command>> {
    let without_std = without_std(&cargo::metadata(false)?);
    let (bare, others): (Vec<_>, Vec<_>) = names.iter().partition(|name| without_std.contains(name));
    let calls = [others, bare].into_iter().filter(|names| !names.is_empty()).map(|names| {
        let mut command = cargo();
        command.args([subcommand, "--target-dir", TARGET_DIR]);
        toolchain.apply(&mut command);
        command.args(names.iter().flat_map(|name| ["--package", name]));
        command
    });
    Ok(calls.collect())
}

/// The packages that say so in their Cargo.toml: `[package.metadata.component]`, `no-std = true`.
fn without_std(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let bare = packages.filter(|package| package["metadata"]["component"]["no-std"] == true);
    bare.filter_map(|package| package["name"].as_str().map(str::to_owned)).collect()
}

/// The packages in components/, each named as its directory.
pub(crate) fn names() -> anyhow::Result<Vec<String>> {
    packages_in("components")
}

/// Everything that is built for WebAssembly.
fn everything() -> anyhow::Result<Vec<String>> {
    Ok([names()?, packages_in(EXAMPLES)?, packages_in(GUESTS)?].concat())
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

//! `cargo xtask build`: compiles components to WebAssembly.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::Value;

use crate::cargo::{self, cargo, root};
use crate::toolchain::{TARGET, Toolchain};
use crate::{process, say};

/// The target directory of the components. If the native build used the same directory, the two builds would undo each other.
const TARGET_DIR: &str = "target/wasm";
/// The profile of the components in the workspace's Cargo.toml.
const PROFILE: &str = "component";
/// The folder of the examples. They are built for tests and when they are named.
const EXAMPLES: &str = "examples";
/// The folder of the components that only tests use.
const GUESTS: &str = "tests/guests";

/// `cargo xtask build …`
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// Only these: packages of components/, examples/ or tests/guests/ [default: all of components/]
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
}

/// Builds the components, and prints their sizes.
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

/// The named packages, or every component.
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

/// Builds every component, and the guests and examples that only tests use.
pub(crate) fn components_and_guests() -> anyhow::Result<()> {
    packages(&everything()?)
}

/// Builds the packages. Packages that must not share features are built in separate cargo calls: a package without a standard library
/// does not build with wit-bindgen's feature `std`, and spin-sdk's feature for middleware would add an import to every component.
///
/// A component has the same features whether it is built alone or with others, so nothing is built twice.
fn packages(names: &[String]) -> anyhow::Result<()> {
    let toolchain = Toolchain::find()?;
    say(format_args!("building the components {} with {}", names.join(", "), toolchain.name()));
    for mut command in cargo_calls(toolchain, "build", names)? {
        command.args(["--profile", PROFILE]);
        process::run(&mut command, "the components do not build: see cargo's messages above")?;
    }
    Ok(())
}

/// The cargo calls that run a subcommand on packages for WebAssembly, one for each set of packages that share features.
pub(crate) fn cargo_calls(
    toolchain: Toolchain,
    subcommand: &str,
    names: &[String],
) -> anyhow::Result<Vec<Command>> {
    let metadata = cargo::metadata(false)?;
    let mut groups: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for name in names {
        groups.entry(group(&metadata, name)).or_default().push(name);
    }
    let calls = groups.into_values().map(|names| {
        let mut command = cargo();
        command.args([subcommand, "--target-dir", TARGET_DIR]);
        toolchain.apply(&mut command);
        command.args(names.iter().flat_map(|name| ["--package", name]));
        command
    });
    Ok(calls.collect())
}

/// The name of the set of packages with which a package shares features. `[package.metadata.component]` in its Cargo.toml may contain
/// `no-std = true`, or `separate = true` for a separate set.
fn group(metadata: &Value, name: &str) -> String {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let component = packages.filter(|it| it["name"] == name).map(|it| &it["metadata"]["component"]).next();
    match component {
        Some(it) if it["no-std"] == true => "no-std".to_owned(),
        Some(it) if it["separate"] == true => format!("separate {name}"),
        _ => String::new(),
    }
}

/// The packages in components/. A package has the name of its directory.
pub(crate) fn names() -> anyhow::Result<Vec<String>> {
    packages_in("components")
}

/// Every package that compiles to WebAssembly.
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
        bail!("{} holds no component: xtask was built in another repository", dir.display());
    }
    Ok(names)
}

fn file(name: &str) -> PathBuf {
    root().join(TARGET_DIR).join(TARGET).join(PROFILE).join(format!("{}.wasm", name.replace('-', "_")))
}

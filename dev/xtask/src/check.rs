//! `cargo xtask check`: the checks that need no running service. The command prints a line for each check.

mod dependencies;
mod source;
mod unused;

use std::time::Instant;

use anyhow::bail;

use crate::cargo::{self, cargo};
use crate::toolchain::Toolchain;
use crate::{build, demo, deny, k8s, openapi, process};

type Check = (&'static str, fn() -> anyhow::Result<()>);

/// The name of the check that needs rustup's toolchain.
const CLIPPY_FOR_WASM: &str = "clippy for wasm";

/// All checks, the fast ones first.
const CHECKS: [Check; 11] = [
    ("format", format),
    ("dependency direction", direction),
    ("unused dependencies", unused::check),
    ("licences and sources", deny::check),
    ("no transactions in components", source::no_transactions),
    ("no registry hosts", source::no_registry_hosts),
    ("docs/API.md and README.md", demo::check),
    ("k8s", k8s::check),
    ("clippy", clippy),
    ("openapi.json", openapi::check),
    (CLIPPY_FOR_WASM, clippy_for_wasm),
];

/// Runs every check, even after a failure.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        if name == CLIPPY_FOR_WASM && Toolchain::find()? == Toolchain::Debian {
            println!(
                "skipped {name}: Debian's compiler has no clippy; only `cargo xtask build` compiles that code"
            );
            continue;
        }
        let begun = Instant::now();
        let outcome = check();
        let seconds = begun.elapsed().as_secs_f32();
        match outcome {
            Ok(()) => println!("ok      {name} ({seconds:.1} s)"),
            Err(error) if error.is::<process::Interrupted>() => return Err(error),
            Err(error) => {
                println!("FAILED  {name}: {error:#}");
                failed.push(name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("{} failed: see above", failed.join(", ")) }
}

fn format() -> anyhow::Result<()> {
    process::run(cargo().args(["fmt", "--all", "--", "--check", "-l"]), "run `cargo fmt --all`")
}

fn direction() -> anyhow::Result<()> {
    dependencies::check(&cargo::metadata(true)?)
}

fn clippy() -> anyhow::Result<()> {
    let mut command = cargo();
    command.args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    process::run(&mut command, "see clippy's messages above")
}

/// Lints the code that compiles for WebAssembly only.
fn clippy_for_wasm() -> anyhow::Result<()> {
    for mut command in build::cargo_calls(Toolchain::find()?, "clippy", &build::names()?)? {
        process::run(command.args(["--quiet", "--", "-D", "warnings"]), "see clippy's messages above")?;
    }
    Ok(())
}

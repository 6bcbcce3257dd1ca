//! The parts that need neither a host nor a database. Criterion measures them, in `dev/bench`, and prints the results.

use std::process::Stdio;

use crate::cargo::cargo;
use crate::{machine, process, say};

/// Measures the parts with a word in their name, or all parts.
pub(super) fn run(word: Option<&str>) -> anyhow::Result<()> {
    let bench = ["bench", "--quiet", "--package", "users-bench"];
    let failure = "the bench does not build: see cargo's messages above";
    process::run(cargo().args(bench).arg("--no-run"), failure)?;
    println!("{}", machine::describe()?);
    say("measuring for two to three minutes");
    let mut measure = cargo();
    // The measured code logs requests on standard error.
    measure.args(bench).args(["--", "--noplot"]).args(word).stderr(Stdio::null());
    process::run(&mut measure, "the bench failed: `cargo bench -p users-bench` shows where")
}

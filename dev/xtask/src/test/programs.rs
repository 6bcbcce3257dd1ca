//! Test programs: building and running them.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};
use serde_json::Value;

use super::UNIT;
use super::tally::{Tally, result};
use crate::cargo::root;
use crate::process;

/// A built test program and where it belongs.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) suite: String,
    title: String,
    path: PathBuf,
    package: PathBuf,
}

/// How programs are run.
#[derive(Debug)]
pub(super) struct Run<'a> {
    /// What they are told.
    pub(super) environment: &'a [(OsString, OsString)],
    /// Only tests with this word in their name.
    pub(super) word: Option<&'a str>,
    /// Whether what they print is shown, and not only that of those that fail.
    pub(super) verbose: bool,
}

/// Builds with a call of cargo's; the test programs that came out of it.
pub(super) fn build(command: &mut Command) -> anyhow::Result<Vec<Program>> {
    command.arg("--message-format=json-render-diagnostics");
    let mut child = process::start(command.stdout(Stdio::piped()))?;
    let stdout = child.stdout.take().context("cargo's messages cannot be read")?;
    let messages = BufReader::new(stdout).lines().map_while(Result::ok);
    let mut programs: Vec<Program> = messages.filter_map(|line| program(&line)).collect();
    if !process::wait(&mut child)?.success() {
        bail!("the tests do not build: see cargo's messages above");
    }
    programs.sort_by(|a, b| a.title.cmp(&b.title));
    Ok(programs)
}

/// The test program that a message of cargo's announces.
fn program(message: &str) -> Option<Program> {
    let message: Value = serde_json::from_str(message).ok()?;
    let path = PathBuf::from(message["executable"].as_str()?);
    if message["profile"]["test"] != true {
        return None;
    }
    let manifest = PathBuf::from(message["manifest_path"].as_str()?);
    let package = manifest.parent()?.to_owned();
    let target = message["target"]["name"].as_str()?;
    let kind = message["target"]["kind"][0].as_str()?;
    let end_to_end = package == root().join("tests");
    let suite = if end_to_end && kind == "test" { target } else { UNIT };
    let place = package.strip_prefix(root()).unwrap_or(&package).display();
    Some(Program { suite: suite.to_owned(), title: format!("{place}: {target} ({kind})"), path, package })
}

/// Runs the programs of a suite.
pub(super) fn run_suite(suite: &str, programs: &[Program], run: &Run<'_>) -> anyhow::Result<Tally> {
    let begun = Instant::now();
    let mut tally = Tally::default();
    for program in programs.iter().filter(|program| program.suite == suite) {
        println!("\n{suite}: {}", program.title);
        let mut command = Command::new(&program.path);
        command.current_dir(&program.package).envs(run.environment.iter().map(|(name, value)| (name, value)));
        // As under `cargo test`.
        command.env("CARGO_MANIFEST_DIR", &program.package);
        command.args(run.word.map(OsStr::new));
        if run.verbose {
            command.arg("--nocapture");
        }
        run_program(&mut command, &mut tally)?;
    }
    tally.took = begun.elapsed();
    Ok(tally)
}

/// Runs one program, shows what it prints, and counts.
fn run_program(command: &mut Command, tally: &mut Tally) -> anyhow::Result<()> {
    let mut child = process::start(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let stdout = child.stdout.take().context("a test's output cannot be read")?;
    let reader = std::thread::spawn(move || {
        let (mut passed, mut failed) = (0, 0);
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some((p, f)) = result(&line) {
                passed += p;
                failed += f;
            }
            println!("{line}");
        }
        (passed, failed)
    });
    let status = process::wait(&mut child)?;
    let (passed, failed) = reader.join().unwrap_or_default();
    tally.passed += passed;
    tally.failed += failed;
    tally.crashed += usize::from(!status.success() && failed == 0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::program;

    #[test]
    fn a_test_program_is_told_from_an_ordinary_one() {
        let message = |test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"{}/tests/Cargo.toml","executable":"/x/auth-1",
                   "target":{{"name":"auth","kind":["test"]}},"profile":{{"test":{test}}}}}"#,
                crate::cargo::root().display()
            )
        };
        assert_eq!(program(&message(true)).map(|program| program.suite).as_deref(), Some("auth"));
        assert!(program(&message(false)).is_none());
        assert!(program("not json").is_none());
    }
}

//! `cargo xtask test`: unit tests and the suites in tests/, against one Postgres server made for the run.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Args};
use local_postgres::Cluster;
use serde_json::Value;

use crate::cargo::{self, built, cargo, root};
use crate::coverage::Coverage;
use crate::{Host, build, database, process, say, spin, tools};

/// The suite that is not a file in tests/: every other package's own tests.
const UNIT: &str = "unit";
/// The package of the end-to-end tests.
const END_TO_END: &str = "users-tests";

/// `cargo xtask test …`
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Only tests with this word in their name.
    #[arg(short = 'k', value_name = "WORD")]
    word: Option<String>,
    /// What runs the components.
    #[arg(long, value_enum, default_value_t)]
    host: Host,
    /// Show what the tests print.
    #[arg(short)]
    verbose: bool,
}

/// A built test program and where it belongs.
#[derive(Debug)]
struct Program {
    suite: String,
    title: String,
    path: PathBuf,
    package: PathBuf,
}

/// What a suite's programs reported.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Tally {
    passed: usize,
    failed: usize,
    /// Programs that ended badly without saying how many tests failed.
    crashed: usize,
    took: Duration,
}

/// The names of all suites: `unit` and every test target of tests/.
pub(crate) fn suites() -> anyhow::Result<Vec<String>> {
    let metadata = cargo::metadata(false)?;
    let mut names = vec![UNIT.to_owned()];
    names.extend(test_targets(&metadata, END_TO_END));
    Ok(names)
}

/// The flag that chooses a suite.
pub(crate) fn flag(suite: &str) -> Arg {
    let help = match suite {
        UNIT => "Run every package's own tests".to_owned(),
        suite => format!("Run the suite {suite} of tests/"),
    };
    Arg::new(suite.to_owned()).long(suite.to_owned()).action(ArgAction::SetTrue).help(help)
}

/// The suites that were asked for; all when none was.
pub(crate) fn chosen(suites: &[String], matches: &ArgMatches) -> Vec<String> {
    let named: Vec<String> = suites.iter().filter(|suite| matches.get_flag(suite)).cloned().collect();
    if named.is_empty() { suites.to_vec() } else { named }
}

/// Builds everything, runs the chosen ones of all suites, and sums up.
pub(crate) fn run(test: &Test, suites: &[String], chosen: &[String]) -> anyhow::Result<()> {
    if test.host == Host::Spin {
        spin::check()?;
    }
    // Before the long steps, so that whoever has to install something learns it at once.
    let tools = tools::ready(chosen)?;
    let is_complete = chosen == suites && test.word.is_none();
    let coverage = is_complete.then(Coverage::begin).transpose()?;
    build::components_and_guests()?;
    let programs = build_programs(chosen)?;
    let cluster = database::temporary_cluster()?;
    let mut environment = environment(&cluster, test.host)?;
    environment.extend(tools);
    environment.extend(coverage.as_ref().map(Coverage::environment));
    let mut tallies = Vec::new();
    for suite in chosen {
        tallies.push((suite.as_str(), run_suite(suite, &programs, &environment, test)?));
    }
    drop(cluster);
    // A test that failed may be why an answer was not seen: it is told last.
    let covered = coverage.map_or(Ok(()), |coverage| coverage.compare());
    sum_up(&tallies, test.word.as_deref()).and(covered)
}

/// What the tests are told; see tests/README or `users_tests`.
fn environment(cluster: &Cluster, host: Host) -> anyhow::Result<Vec<(&'static str, OsString)>> {
    Ok(vec![
        ("USERS_TEST_DATABASE_URL", cluster.url("postgres").into()),
        ("USERS_TEST_HOST_BIN", built("users-host")?.into()),
        ("USERS_TEST_CTL_BIN", built("usersctl")?.into()),
        ("USERS_TEST_HOST_KIND", host.name().into()),
        ("USERS_TEST_MANIFEST", root().join("spin.toml").into()),
    ])
}

/// Builds the host, usersctl and the chosen suites' programs in one cargo call, for the whole workspace whatever is
/// chosen: the features, and with them the built dependencies, stay the same.
fn build_programs(chosen: &[String]) -> anyhow::Result<Vec<Program>> {
    say("building the host, usersctl and the tests");
    let mut command = cargo();
    command.args(["build", "--workspace", "--bin", "users-host", "--bin", "usersctl"]);
    if chosen.iter().any(|suite| suite == UNIT) {
        // There is no narrower word for the tests within libraries.
        command.arg("--tests");
    } else {
        command.args(chosen.iter().flat_map(|suite| ["--test", suite]));
    }
    command.arg("--message-format=json-render-diagnostics");
    let mut child = process::start(command.stdout(Stdio::piped()))?;
    let stdout = child.stdout.take().context("cargo's messages cannot be read")?;
    let messages = BufReader::new(stdout).lines().map_while(Result::ok);
    let mut programs: Vec<Program> = messages.filter_map(|line| program(&line)).collect();
    if !process::wait(&mut child)?.success() {
        bail!("the tests do not build: see cargo's messages above");
    }
    programs.retain(|program| chosen.contains(&program.suite));
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

/// The names of a package's integration tests.
fn test_targets(metadata: &Value, package: &str) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let mut names: Vec<String> = packages
        .filter(|found| found["name"] == package)
        .flat_map(|found| found["targets"].as_array().into_iter().flatten())
        .filter(|target| target["kind"][0] == "test")
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn run_suite(
    suite: &str,
    programs: &[Program],
    environment: &[(&'static str, OsString)],
    test: &Test,
) -> anyhow::Result<Tally> {
    let begun = Instant::now();
    let mut tally = Tally::default();
    for program in programs.iter().filter(|program| program.suite == suite) {
        println!("\n{suite}: {}", program.title);
        let mut command = Command::new(&program.path);
        command.current_dir(&program.package).envs(environment.iter().map(|(name, value)| (name, value)));
        // As under `cargo test`.
        command.env("CARGO_MANIFEST_DIR", &program.package);
        command.args(test.word.as_deref());
        if test.verbose {
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

/// The numbers of `test result: ok. 5 passed; 0 failed; …`.
fn result(line: &str) -> Option<(usize, usize)> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |word: &str| {
        let part = counts.split("; ").find_map(|part| part.strip_suffix(word))?;
        part.trim().parse().ok()
    };
    Some((count("passed")?, count("failed")?))
}

/// One line per suite, and an error when something failed or nothing ran.
fn sum_up(tallies: &[(&str, Tally)], word: Option<&str>) -> anyhow::Result<()> {
    println!();
    for (suite, tally) in tallies {
        let crashed = if tally.crashed > 0 { format!(", {} crashed", tally.crashed) } else { String::new() };
        let (passed, failed, seconds) = (tally.passed, tally.failed, tally.took.as_secs_f32());
        println!("{suite:12} {passed:>4} passed, {failed} failed{crashed} in {seconds:.1} s");
    }
    let total = |count: fn(&Tally) -> usize| tallies.iter().map(|(_, tally)| count(tally)).sum::<usize>();
    let (passed, failed) = (total(|tally| tally.passed), total(|tally| tally.failed + tally.crashed));
    println!("{passed} passed, {failed} failed");
    match (passed, failed, word) {
        (_, 1.., _) => bail!("some tests failed: see above, or run one alone with -k"),
        (0, 0, Some(word)) => bail!("no test has \"{word}\" in its name"),
        (0, 0, None) => bail!("there was no test to run"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{program, result};

    #[test]
    fn the_last_line_of_a_test_program_is_counted() {
        let line = "test result: FAILED. 41 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 1.2s";
        assert_eq!(result(line), Some((41, 2)));
        assert_eq!(result("test a_test ... ok"), None);
    }

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

//! Which lines of the components, and of the crates that they are made of, the tests reach.
//!
//! WebAssembly does not tell, so the suites that ask the components over HTTP run once more, against the same routers
//! as a program of this machine (`native/`), compiled with `-C instrument-coverage` into a target directory of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

use super::programs::{self, Run};
use super::tally::Tally;
use super::{END_TO_END, UNIT};
use crate::cargo::{cargo, metadata, root};
use crate::tools::{CargoLlvmCov, cargo_llvm_cov, said_by};
use crate::{process, say};

/// Lines that have to be reached, per cent.
const ENOUGH: f64 = 90.0;
/// What is measured.
const MEASURED: [&str; 2] = ["components/", "crates/"];
/// What stands in for the host.
const NATIVE: &str = "users-native";
/// The suites that run, and the tests of each: those that ask the components, and what the rules of the manifests find.
const SUITES: [(&str, Option<&str>); 10] = [
    (UNIT, None),
    ("auth", None),
    ("deploy", Some("manifests::")),
    ("docs", None),
    ("profile", None),
    ("rbac", None),
    ("security", None),
    ("service", None),
    ("users", None),
    ("walkthrough", None),
];

/// How many lines of a file are reached.
#[derive(Debug, PartialEq)]
struct File {
    path: String,
    lines: u64,
    reached: u64,
}

/// A measurement.
pub(super) struct Coverage {
    tool: CargoLlvmCov,
    /// What cargo and the programs are told.
    environment: Vec<(OsString, OsString)>,
}

impl Coverage {
    /// Makes the tools ready. Before the long steps, so that whoever has to install something learns it at once.
    pub(super) fn begin() -> anyhow::Result<Self> {
        let tool = cargo_llvm_cov()?;
        let mut environment = tool.environment(&target_dir())?;
        // Every process adds to one of four files, of which hundreds would be as many megabytes.
        environment.push(("LLVM_PROFILE_FILE".into(), target_dir().join("users-%4m.profraw").into()));
        Ok(Self { tool, environment })
    }

    /// Builds and runs the chosen ones of the suites that measure. `told` is what the tests are told otherwise.
    pub(super) fn measure(
        &self,
        chosen: &[String],
        told: &[(OsString, OsString)],
        run: &Run<'_>,
    ) -> anyhow::Result<Tally> {
        say("building the components for this machine, and the tests, to measure coverage");
        self.run_tool(&["clean", "--workspace"])?;
        let mut command = cargo();
        command.envs(self.variables()).args(["build", "--tests", "--lib", "--bins"]);
        command.args(packages()?.iter().flat_map(|package| ["--package", package]));
        let programs = programs::build(&mut command)?;
        let mut environment = told.to_vec();
        environment.extend(self.environment.iter().cloned());
        environment.push(("USERS_TEST_HOST_BIN".into(), target_dir().join("debug").join(NATIVE).into()));
        let mut all = Tally::default();
        for (suite, only) in SUITES.iter().filter(|(suite, _)| chosen.iter().any(|it| it == suite)) {
            let run = Run { environment: &environment, word: run.word.or(*only), verbose: run.verbose };
            all.add(&programs::run_suite(suite, &programs, &run)?);
        }
        Ok(all)
    }

    /// What was reached, in words; an error when it is not enough and everything was run.
    pub(super) fn judge(&self, is_complete: bool) -> anyhow::Result<()> {
        let mut command = self.tool.command();
        command.envs(self.variables()).args(["report", "--json", "--summary-only"]);
        let report = serde_json::from_str(&said_by(&mut command)?);
        let report = report.context("cargo-llvm-cov's report is not JSON")?;
        let mut files = files(&report);
        let total = |count: fn(&File) -> u64| files.iter().map(count).sum::<u64>();
        let (lines, reached) = (total(|file| file.lines), total(|file| file.reached));
        let share = percent(reached, lines);
        println!("coverage: {share:.1} % of {lines} lines in {} are reached", MEASURED.join(" and "));
        files.sort_by_key(|file| std::cmp::Reverse(file.lines - file.reached));
        for file in files.iter().take(5).filter(|file| file.reached < file.lines) {
            let share = percent(file.reached, file.lines);
            println!("  {}: {share:.1} % of {}", file.path, file.lines);
        }
        if is_complete && share < ENOUGH {
            bail!(
                "the tests reach {share:.1} % of the lines, and {ENOUGH} % have to be reached: test what is new"
            );
        }
        Ok(())
    }

    /// Writes target/coverage: pages to read, and lcov.info for other programs.
    pub(super) fn report(&self) -> anyhow::Result<()> {
        let place = root().join("target/coverage");
        let (html, lcov) = (place.display().to_string(), place.join("lcov.info").display().to_string());
        let others = "/(native|openapi|tests|target|xtask|host|ctl)/";
        self.run_tool(&["report", "--html", "--output-dir", &html, "--ignore-filename-regex", others])?;
        // It says where each of them is.
        self.run_tool(&["report", "--lcov", "--output-path", &lcov, "--ignore-filename-regex", others])?;
        Ok(())
    }

    fn variables(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.environment.iter().map(|(name, value)| (name, value))
    }

    fn run_tool(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = self.tool.command();
        command.envs(self.variables()).args(arguments).arg("--quiet");
        process::run(&mut command, "cargo-llvm-cov failed: see its messages above")
    }
}

/// Where it builds: the compiler's options differ from those of everything else.
fn target_dir() -> PathBuf {
    root().join("target/covered")
}

/// What is measured, what stands in for the host, what describes the API, and the tests.
fn packages() -> anyhow::Result<Vec<String>> {
    let metadata = metadata(false)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let is_needed = |package: &&Value| {
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let place = Path::new(manifest).strip_prefix(root()).unwrap_or(Path::new(""));
        MEASURED.iter().chain(&["dev/"]).any(|dir| place.starts_with(dir))
            || package["name"] == END_TO_END
    };
    Ok(packages.filter(is_needed).filter_map(|it| it["name"].as_str().map(str::to_owned)).collect())
}

/// The measured files of a report.
fn files(report: &Value) -> Vec<File> {
    let files = report["data"][0]["files"].as_array().into_iter().flatten();
    let file = |file: &Value| {
        let path = Path::new(file["filename"].as_str()?).strip_prefix(root()).ok()?;
        let lines = &file["summary"]["lines"];
        MEASURED.iter().any(|dir| path.starts_with(dir)).then_some(())?;
        Some(File {
            path: path.display().to_string(),
            lines: lines["count"].as_u64()?,
            reached: lines["covered"].as_u64()?,
        })
    };
    files.filter_map(file).collect()
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer lines than 2^52")]
fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{File, files, percent};
    use crate::cargo::root;

    #[test]
    fn only_what_is_measured_counts() {
        let file = |path: &str| json!({"filename": root().join(path), "summary": {"lines": {"count": 10, "covered": 9}}});
        let report =
            json!({"data": [{"files": [file("crates/core/src/user.rs"), file("dev/native/src/main.rs")]}]});
        let expected = File { path: "crates/core/src/user.rs".to_owned(), lines: 10, reached: 9 };
        assert_eq!(files(&report), [expected]);
        assert!((percent(9, 10) - 90.0).abs() < f64::EPSILON);
    }
}

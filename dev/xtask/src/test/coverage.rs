//! Line coverage of the product: the components and their crates.
//!
//! WebAssembly code cannot be measured. The suites that send requests to the components therefore run against the same
//! routers in a native program (`dev/native`). It is compiled with `-C instrument-coverage` into a separate target directory.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

use super::nextest::{END_TO_END, Nextest, UNIT, filterset};
use crate::cargo::{cargo, metadata, root};
use crate::tools::{CargoLlvmCov, cargo_llvm_cov, output_of};
use crate::{process, say};

/// The share of lines that the tests have to reach, per cent.
const ENOUGH: f64 = 90.0;
/// The folders that are measured.
const MEASURED: [&str; 2] = ["components", "crates"];
/// The program that takes the place of the host.
const NATIVE: &str = "users-native";
/// The program that writes the OpenAPI document. It runs the parts of the components that describe the API.
const OPENAPI: &str = "users-openapi";
/// The suites that send requests to the components, and the packages' own tests.
const SUITES: [&str; 11] = [
    UNIT,
    "account",
    "auth",
    "console",
    "docs",
    "profile",
    "rbac",
    "security",
    "service",
    "users",
    "walkthrough",
];

/// The test that measures the file of a component. A run for coverage does not build that file.
const NEEDS_WASM: &str = "cost::the_component_is_small";

/// The coverage of a file.
#[derive(Debug, PartialEq)]
struct File {
    path: String,
    lines: u64,
    reached: u64,
}

/// A measurement.
pub(super) struct Coverage {
    tool: CargoLlvmCov,
    /// The variables for cargo, and for the programs that it builds.
    environment: Vec<(OsString, OsString)>,
}

impl Coverage {
    /// Makes the tools ready. Call it before the long steps, so that a missing tool is reported at once.
    pub(super) fn start() -> anyhow::Result<Self> {
        let tool = cargo_llvm_cov()?;
        let mut environment = tool.environment(&target_dir())?;
        // Processes share four files. A file for each process would take hundreds of megabytes.
        environment.push(("LLVM_PROFILE_FILE".into(), target_dir().join("users-%4m.profraw").into()));
        Ok(Self { tool, environment })
    }

    /// Builds and runs those of the chosen suites that measure something. `environment` holds the variables of the tests.
    pub(super) fn measure(
        &self,
        nextest: &Nextest,
        chosen: &[String],
        environment: &[(OsString, OsString)],
    ) -> anyhow::Result<()> {
        let suites: Vec<&str> =
            SUITES.into_iter().filter(|suite| chosen.iter().any(|it| it == suite)).collect();
        if suites.is_empty() {
            bail!("none of these suites measures coverage: choose among {}", SUITES.join(", "));
        }
        say("building the components for this machine, and the tests, to measure coverage");
        share_dependencies()?;
        self.run_tool(&["clean", "--workspace"])?;
        let packages: Vec<String> =
            packages()?.into_iter().flat_map(|package| ["--package".to_owned(), package]).collect();
        let mut command = cargo();
        command.envs(self.variables()).args(["build", "--tests", "--lib", "--bins"]).args(&packages);
        process::run(&mut command, "the tests do not build: see cargo's messages above")?;
        let mut environment = environment.to_vec();
        environment.extend(self.environment.iter().cloned());
        environment.push(("USERS_TEST_HOST_BIN".into(), target_dir().join("debug").join(NATIVE).into()));
        say(format_args!("leaving out {NEEDS_WASM}, which measures a file and runs no code"));
        let filterset = format!("({}) - test(={NEEDS_WASM})", filterset(suites));
        nextest.run(&packages, &filterset, &environment).context("while coverage was measured")
    }

    /// Prints the share of lines that were reached.
    ///
    /// # Errors
    /// The share is too small, and every suite was run.
    pub(super) fn summarize(&self, is_complete: bool) -> anyhow::Result<()> {
        let mut command = self.tool.command();
        command.envs(self.variables()).args(["report", "--json", "--summary-only"]);
        let report = serde_json::from_str(&output_of(&mut command)?);
        let report = report.context("cargo-llvm-cov's report is not JSON")?;
        let mut files = files(&report);
        let total = |count: fn(&File) -> u64| files.iter().map(count).sum::<u64>();
        let (lines, reached) = (total(|file| file.lines), total(|file| file.reached));
        let share = percent(reached, lines);
        println!("coverage: {share:.1} % of {lines} lines in {}", MEASURED.join(" and "));
        files.sort_by_key(|file| std::cmp::Reverse(file.lines - file.reached));
        for file in files.iter().take(5).filter(|file| file.reached < file.lines) {
            let share = percent(file.reached, file.lines);
            println!("  {}: {share:.1} % of {}", file.path, file.lines);
        }
        if is_complete && share < ENOUGH {
            bail!("the tests reach {share:.1} % of the lines and must reach {ENOUGH} %: test the new code");
        }
        Ok(())
    }

    /// Writes target/coverage: HTML pages, and lcov.info for other programs.
    pub(super) fn report(&self) -> anyhow::Result<()> {
        let place = root().join("target/coverage");
        let (html, lcov) = (place.display().to_string(), place.join("lcov.info").display().to_string());
        let others = "/(ctl|dev|host|target|tests)/";
        self.run_tool(&["report", "--html", "--output-dir", &html, "--ignore-filename-regex", others])?;
        self.run_tool(&["report", "--lcov", "--output-path", &lcov, "--ignore-filename-regex", others])
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

/// The target directory. It is separate, because the compiler's options differ from those of other builds.
fn target_dir() -> PathBuf {
    root().join("target/covered")
}

/// Links the previous build results into the empty target directory of the coverage. Dependencies are not instrumented, so cargo need
/// not build them again. The packages of the workspace are instrumented, so the caller removes them from the new directory.
fn share_dependencies() -> anyhow::Result<()> {
    let (from, to) = (root().join("target/debug"), target_dir().join("debug"));
    if to.exists() {
        return Ok(());
    }
    fs::create_dir_all(&to).with_context(|| format!("{} cannot be created", to.display()))?;
    for name in [".fingerprint", "build", "deps"].iter().filter(|name| from.join(name).exists()) {
        // Hard links take no time and no space.
        let mut command = Command::new("cp");
        command.args(["--archive", "--link"]).arg(from.join(name)).arg(&to);
        process::run(&mut command, "the built dependencies cannot be linked: see cp's message above")?;
    }
    Ok(())
}

/// The measured packages, and the packages that run them.
fn packages() -> anyhow::Result<Vec<String>> {
    let metadata = metadata(false)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let is_needed = |package: &&Value| {
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let place = Path::new(manifest).strip_prefix(root()).unwrap_or(Path::new(""));
        MEASURED.iter().any(|dir| place.starts_with(dir))
            || package["name"].as_str().is_some_and(|name| [END_TO_END, NATIVE, OPENAPI].contains(&name))
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
    fn only_the_product_is_measured() {
        let file = |path: &str| json!({"filename": root().join(path), "summary": {"lines": {"count": 10, "covered": 9}}});
        let report =
            json!({"data": [{"files": [file("crates/core/src/user.rs"), file("dev/native/src/main.rs")]}]});
        let expected = File { path: "crates/core/src/user.rs".to_owned(), lines: 10, reached: 9 };
        assert_eq!(files(&report), [expected]);
        assert!((percent(9, 10) - 90.0).abs() < f64::EPSILON);
    }
}

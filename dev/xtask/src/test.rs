//! `cargo xtask test`: unit tests and the suites in tests/, against a new Postgres server for the run.

mod coverage;
mod nextest;
mod promises;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Args};
use local_postgres::{Cluster, Settings};
use serde_json::Value;

use crate::cargo::{self, built, cargo, root};
use crate::database::{self, Database};
use crate::tools::PYTHON_BIN;
use crate::{Host, build, check, k8s, process, say, spin, tools, usersctl};
use coverage::Coverage;
use nextest::{END_TO_END, Nextest, UNIT, filterset};
use promises::Promises;

/// The suites that test the pages for people: over HTTP, and in a browser. The name of the first chooses both.
const PAGES: [&str; 2] = ["console", "browser"];
/// The test that runs pg_dump. pg_dump must have the server's version.
const NEEDS_PG_DUMP: &str = "backup::a_backup_can_be_restored";

/// `cargo xtask test …`
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Run every suite. This is the default without a suite's name, and without --lint, --setup-db or --clean.
    #[arg(long)]
    all: bool,
    /// Run every suite of tests/, but not the packages' own tests.
    #[arg(long)]
    integration: bool,
    /// Only tests with this word in their name.
    #[arg(short = 'k', value_name = "WORD")]
    word: Option<String>,
    /// The program that runs the components.
    #[arg(long, value_enum, default_value_t)]
    host: Host,
    /// Run on this major version of PostgreSQL instead of the machine's. npm installs it (dev/xtask/postgres).
    #[arg(long, value_name = "MAJOR")]
    postgres: Option<u32>,
    /// Show the output of tests that pass, too.
    #[arg(short)]
    verbose: bool,
    /// Measure line coverage: run the suites that send requests to the components, or the chosen ones of them, against a build of
    /// the components for this machine.
    #[arg(long, conflicts_with = "host")]
    coverage: bool,
    /// As --coverage, and write target/coverage (HTML and lcov).
    #[arg(long, conflicts_with = "host")]
    coverage_report: bool,
    /// Try the tests' database: install Postgres where it is missing, create the database, and remove it.
    #[arg(long)]
    setup_db: bool,
    /// Remove the files that tests leave under target/.
    #[arg(long)]
    clean: bool,
    /// Check formatting, lints, and the rules between the packages, as `cargo xtask check` does.
    #[arg(long)]
    lint: bool,
}

impl Test {
    /// True if something other than tests was asked for.
    fn is_errand(&self) -> bool {
        self.setup_db || self.clean || self.lint
    }
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
        suite if suite == PAGES[0] => format!("Run the suites {} of tests/", PAGES.join(" and ")),
        suite => format!("Run the suite {suite} of tests/"),
    };
    Arg::new(suite.to_owned()).long(suite.to_owned()).action(ArgAction::SetTrue).help(help)
}

/// Runs the requested errands, then the suites that `matches` names.
pub(crate) fn run(test: &Test, suites: &[String], matches: &ArgMatches) -> anyhow::Result<()> {
    if test.clean {
        clean()?;
    }
    if test.setup_db {
        set_up_database()?;
    }
    if test.lint {
        check::run()?;
    }
    let chosen = chosen(test, suites, |suite| matches.get_flag(suite));
    if chosen.is_empty() {
        Ok(())
    } else if test.coverage || test.coverage_report {
        measure_coverage(test, suites, &chosen)
    } else {
        run_suites(test, suites, &chosen)
    }
}

/// The suites that were asked for, or all of them.
fn chosen(test: &Test, suites: &[String], is_named: impl Fn(&str) -> bool) -> Vec<String> {
    let wanted = |suite: &&String| {
        let [pages, browser] = PAGES;
        test.all
            || (test.integration && suite.as_str() != UNIT)
            || is_named(suite.as_str())
            || (suite.as_str() == browser && suites.iter().any(|it| it == pages) && is_named(pages))
    };
    let named: Vec<String> = suites.iter().filter(wanted).cloned().collect();
    if named.is_empty() && !test.is_errand() { suites.to_vec() } else { named }
}

/// Builds everything, and runs the chosen suites.
fn run_suites(test: &Test, suites: &[String], chosen: &[String]) -> anyhow::Result<()> {
    if test.host == Host::Spin {
        spin::check()?;
    }
    // Before the long steps, so that a missing tool is reported at once.
    let tools = tools_for(chosen)?;
    let nextest = Nextest::find(test.word.as_deref(), test.verbose)?;
    let binaries = database::binaries(test.postgres)?;
    let is_complete = chosen == suites && test.word.is_none() && test.postgres.is_none();
    let promises = is_complete.then(Promises::start).transpose()?;
    build::components_and_guests()?;
    build_programs(chosen)?;
    let cluster = Cluster::temporary(&binaries, &Settings::for_tests())?;
    let mut environment = environment(&cluster, test.host)?;
    environment.push(("PATH".into(), path_from(binaries.dir())?));
    environment.extend(tools);
    let examples =
        if chosen.iter().any(|suite| suite == UNIT) && test.word.is_none() { examples() } else { Ok(()) };
    environment.extend(promises.as_ref().map(Promises::environment));
    let mut filterset = filterset(chosen.iter().map(String::as_str));
    if test.postgres.is_some() {
        say(format_args!("leaving out {NEEDS_PG_DUMP}: the package of PostgreSQL has no pg_dump"));
        filterset = format!("({filterset}) - test(={NEEDS_PG_DUMP})");
    }
    let passed = nextest.run(&targets(chosen), &filterset, &environment);
    drop(cluster);
    // An answer may be missing because a test failed.
    let seen = match promises {
        Some(promises) if passed.is_ok() => {
            promises.compare().and_then(|()| promises.lint(Path::new(variable(&environment, PYTHON_BIN)?)))
        }
        _ => Ok(()),
    };
    let failed: Vec<String> =
        [examples, passed, seen].into_iter().filter_map(Result::err).map(|it| format!("{it:#}")).collect();
    if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join("; ")) }
}

/// Runs those of the chosen suites that measure something. If all suites ran, the share of reached lines must be large enough.
fn measure_coverage(test: &Test, suites: &[String], chosen: &[String]) -> anyhow::Result<()> {
    // Before the long steps, so that a missing tool is reported at once.
    let nextest = Nextest::find(test.word.as_deref(), test.verbose)?;
    let binaries = database::binaries(test.postgres)?;
    let coverage = Coverage::start()?;
    cargo::build_programs(&["usersctl"])?;
    let cluster = Cluster::temporary(&binaries, &Settings::for_tests())?;
    let mut environment = environment(&cluster, Host::Embedded)?;
    environment.push(("PATH".into(), path_from(binaries.dir())?));
    coverage.measure(&nextest, chosen, &environment)?;
    let enough = coverage.summarize(chosen == suites && test.word.is_none());
    if test.coverage_report { coverage.report().and(enough) } else { enough }
}

/// A variable of the tests' environment.
fn variable<'a>(environment: &'a [(OsString, OsString)], name: &str) -> anyhow::Result<&'a OsString> {
    let found = environment.iter().find(|(it, _)| it == name).map(|(_, value)| value);
    found.with_context(|| format!("{name} is not set"))
}

/// Prepares the tools of the chosen suites. Returns the variables that tell the tests where the tools are.
fn tools_for(chosen: &[String]) -> anyhow::Result<Vec<(OsString, OsString)>> {
    let needs = |suite: &str| chosen.iter().any(|it| it == suite);
    let mut variables = match (needs("contract"), needs("browser")) {
        (true, _) => tools::contract()?,
        (false, true) => tools::browser()?,
        (false, false) => Vec::new(),
    };
    if needs("deploy") {
        variables.push(("USERS_TEST_HAPROXY_BIN", tools::haproxy()?.into()));
        variables.push(("USERS_TEST_K8S_DIR", k8s::render_all()?.into()));
    }
    Ok(variables.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// The variables of `users_tests::Environment`.
fn environment(cluster: &Cluster, host: Host) -> anyhow::Result<Vec<(OsString, OsString)>> {
    Ok(vec![
        ("USERS_TEST_DATABASE_URL".into(), cluster.url("postgres").into()),
        ("USERS_TEST_HOST_BIN".into(), built("users-host")?.into()),
        ("USERS_TEST_CTL_BIN".into(), built("usersctl")?.into()),
        ("USERS_TEST_HOST_KIND".into(), host.name().into()),
        ("USERS_TEST_MANIFEST".into(), root().join("spin.toml").into()),
    ])
}

/// `PATH` with a directory in front. Tests that start their own Postgres server find its programs there.
fn path_from(dir: &Path) -> anyhow::Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(dir.to_owned()).chain(env::split_paths(&path));
    env::join_paths(dirs).context("the path of the Postgres programs holds a colon")
}

/// Builds the host, usersctl and the chosen suites' programs in one cargo call.
fn build_programs(chosen: &[String]) -> anyhow::Result<()> {
    say("building the host, usersctl and the tests");
    let mut command = cargo();
    command.args(["build", "--bin", "users-host", "--bin", "usersctl"]).args(targets(chosen));
    process::run(&mut command, "the tests do not build: see cargo's messages above")
}

/// The arguments that make cargo build the chosen suites. They always name the whole workspace, so that the features and the built
/// dependencies stay the same.
fn targets(chosen: &[String]) -> Vec<String> {
    let mut arguments = vec!["--workspace".to_owned()];
    if chosen.iter().any(|suite| suite == UNIT) {
        // cargo has no narrower argument for the tests in libraries.
        arguments.push("--tests".to_owned());
    } else {
        arguments.extend(chosen.iter().flat_map(|suite| ["--test".to_owned(), suite.clone()]));
    }
    arguments
}

/// Runs the examples in doc comments. cargo-nextest does not run them.
fn examples() -> anyhow::Result<()> {
    let output = cargo()
        .args(["test", "--quiet", "--workspace", "--doc"])
        .output()
        .context("cargo cannot be started")?;
    if output.status.success() {
        println!("the examples in doc comments pass");
        return Ok(());
    }
    println!("{}", String::from_utf8_lossy(&output.stdout));
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    bail!("an example in a doc comment fails: see above")
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

/// Creates a database and removes it, to try the installation. Each test run creates its own database.
fn set_up_database() -> anyhow::Result<()> {
    cargo::build_programs(&["usersctl"])?;
    let database = Database::temporary()?;
    let prepared = usersctl::prepare(&database);
    database.stop()?;
    prepared?;
    println!("the tests' database works; each run makes its own and removes it");
    Ok(())
}

/// Removes the files of tests. Keeps build artifacts and tools.
fn clean() -> anyhow::Result<()> {
    for name in ["seen", "screenshots", "k8s", "covered", "coverage"] {
        let dir = root().join("target").join(name);
        if dir.exists() {
            fs::remove_dir_all(&dir).with_context(|| format!("{} cannot be removed", dir.display()))?;
        }
    }
    println!("removed the files that tests left under target/; `cargo clean` removes build artifacts, too");
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches, Parser};

    use super::{Test, chosen};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        test: Test,
    }

    fn chosen_by(arguments: &[&str], named: &[&str]) -> Vec<String> {
        chosen_among(&["unit", "auth", "users"], arguments, named)
    }

    fn chosen_among(suites: &[&str], arguments: &[&str], named: &[&str]) -> Vec<String> {
        let line = std::iter::once(&"test").chain(arguments);
        let test = Line::from_arg_matches(&Line::command().get_matches_from(line)).unwrap().test;
        let suites: Vec<String> = suites.iter().map(|it| (*it).to_owned()).collect();
        chosen(&test, &suites, |suite| {
            assert!(suites.iter().any(|it| it == suite), "clap knows no flag --{suite}");
            named.contains(&suite)
        })
    }

    #[test]
    fn all_suites_run_unless_some_are_named() {
        assert_eq!(chosen_by(&[], &[]), ["unit", "auth", "users"]);
        assert_eq!(chosen_by(&["--all"], &["auth"]), ["unit", "auth", "users"]);
        assert_eq!(chosen_by(&["--integration"], &[]), ["auth", "users"]);
        assert_eq!(chosen_by(&[], &["auth"]), ["auth"]);
    }

    #[test]
    fn the_console_is_tested_in_a_browser_too() {
        let suites = ["auth", "browser", "console"];
        assert_eq!(chosen_among(&suites, &[], &["console"]), ["browser", "console"]);
        assert_eq!(chosen_among(&suites, &[], &["browser"]), ["browser"]);
        assert_eq!(chosen_among(&suites, &[], &["auth"]), ["auth"]);
    }

    #[test]
    fn errands_run_no_suite_that_was_not_named() {
        assert!(chosen_by(&["--lint"], &[]).is_empty());
        assert_eq!(chosen_by(&["--clean", "--all"], &[]).len(), 3);
        assert_eq!(chosen_by(&["--setup-db"], &["users"]), ["users"]);
    }
}

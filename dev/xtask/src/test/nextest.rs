//! Test runs by cargo-nextest, which also prints the results. Its settings are in `.config/nextest.toml`.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;

use crate::{cargo, process, tools};

/// The suite of the tests in all other packages.
pub(super) const UNIT: &str = "unit";
/// The package of the end-to-end tests.
pub(super) const END_TO_END: &str = "users-tests";

/// The options of a test run.
#[derive(Debug)]
pub(super) struct Nextest {
    program: PathBuf,
    /// Only tests with this word in their name.
    word: Option<String>,
    /// Show the output of tests that pass, too.
    verbose: bool,
}

impl Nextest {
    /// Finds cargo-nextest, or installs it.
    pub(super) fn find(word: Option<&str>, verbose: bool) -> anyhow::Result<Self> {
        Ok(Self { program: tools::cargo_nextest()?, word: word.map(str::to_owned), verbose })
    }

    /// Runs the tests that match `filterset`, in these targets.
    ///
    /// # Errors
    /// A test failed, or no test was selected.
    pub(super) fn run(
        &self,
        targets: &[String],
        filterset: &str,
        environment: &[(OsString, OsString)],
    ) -> anyhow::Result<()> {
        let mut command = cargo::command(&self.program);
        command.args(["nextest", "run", "--no-tests", "fail", "--test-threads", &at_once().to_string()]);
        command.args(targets).args(["-E", filterset]);
        command.args(&self.word).envs(environment.iter().map(|(name, value)| (name, value)));
        if self.verbose {
            command.args(["--success-output", "immediate"]);
        }
        process::run(&mut command, "the tests did not pass: see above, or run one alone with -k")
    }
}

/// The number of tests that run at once: half as many again as there are processors. A test waits for its database, for its host to start
/// and for time-outs, and leaves its processor idle meanwhile.
fn at_once() -> usize {
    let processors = available_parallelism().map_or(1, NonZero::get);
    processors + processors.div_ceil(2)
}

/// The tests of these suites, as a filterset.
pub(super) fn filterset<'a>(suites: impl IntoIterator<Item = &'a str>) -> String {
    let suite = |suite| match suite {
        UNIT => format!("not package(={END_TO_END})"),
        suite => format!("binary_id(={END_TO_END}::{suite})"),
    };
    suites.into_iter().map(suite).collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use super::filterset;

    #[test]
    fn a_suite_is_a_target_of_the_end_to_end_tests_or_everything_else() {
        assert_eq!(filterset(["unit", "auth"]), "not package(=users-tests) | binary_id(=users-tests::auth)");
    }
}

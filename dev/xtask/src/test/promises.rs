//! Compares the answers that the tests saw with the answers that `openapi.json` promises. A linter checks one answer of each kind.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use tempfile::TempDir;
use users_contract::{ANSWERS, Document, Note, differences};

use crate::cargo::root;
use crate::process;

/// The directory in which the suites note their answers while they run.
#[derive(Debug)]
pub(super) struct Promises {
    document: Document,
    dir: TempDir,
}

impl Promises {
    /// Starts to record the answers of a run. Only a run of all tests can see every promised answer.
    pub(super) fn start() -> anyhow::Result<Self> {
        let document = Document::read(&root().join("openapi.json")).map_err(anyhow::Error::msg)?;
        let dir = root().join("target/seen");
        fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        Ok(Self { document, dir: tempfile::tempdir_in(dir)? })
    }

    /// The environment variable with the directory in which the tests record the answers that they see.
    pub(super) fn environment(&self) -> (OsString, OsString) {
        ("USERS_TEST_SEEN".into(), self.dir.path().into())
    }

    /// Compares the answers, and prints a line for each difference.
    pub(super) fn compare(&self) -> anyhow::Result<()> {
        let mut seen = BTreeSet::new();
        for file in fs::read_dir(self.dir.path()).context("the notes of the tests cannot be read")? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == ANSWERS) {
                continue;
            }
            for line in fs::read_to_string(path)?.lines() {
                seen.insert(line.parse::<Note>().map_err(anyhow::Error::msg)?);
            }
        }
        let wrong = differences(&self.document, &seen);
        if wrong.is_empty() {
            let operations = self.document.operations();
            let answers: usize = operations.iter().map(|operation| operation.answers.len()).sum();
            println!("openapi.json: all {answers} answers of {} operations were seen", operations.len());
            return Ok(());
        }
        println!("openapi.json: the tests and the document differ:");
        for difference in &wrong {
            println!("  {difference}");
        }
        bail!("{} answers are promised and not tested, or seen and not documented: see above", wrong.len())
    }

    /// Lets httplint read one answer of each status of every operation. `python` is the directory of the contract tests' programs.
    pub(super) fn lint(&self, python: &Path) -> anyhow::Result<()> {
        let mut lint = Command::new(python.join("python"));
        // Python must not write files into the repository.
        lint.env("PYTHONDONTWRITEBYTECODE", "1");
        lint.arg(root().join("tests/contract/answers/lint.py")).arg(self.dir.path());
        process::run(&mut lint, "httplint finds fault with answers: see above")
    }
}

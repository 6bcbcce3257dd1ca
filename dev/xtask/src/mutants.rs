//! `cargo xtask mutants`: breaks the code of tokens, guard and policy, one thing at a time. A test has to notice each mutant.
//!
//! cargo-mutants does the work and prints the results. `.cargo/mutants.toml` names the files, and the mutants that no test can
//! notice.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use clap::Args;

use crate::cargo::{build_programs, built, root};
use crate::tools::installed;
use crate::{database, machine, process, say};

const CONFIG: &str = ".cargo/mutants.toml";
/// The version is pinned, so that a new release of the tool cannot change the results.
const CARGO_MUTANTS: (&str, &str) = ("cargo-mutants", "27.1.0");

/// `cargo xtask mutants …`
#[derive(Debug, Args)]
pub(crate) struct Mutants {
    /// Only mutants whose names match this regular expression, such as guard.rs or bearer.
    #[arg(short = 'k', value_name = "WORD")]
    word: Option<String>,
}

/// Tries the mutants on a temporary Postgres.
///
/// # Errors
/// A mutant survives, or makes a test run for too long.
pub(crate) fn run(mutants: &Mutants) -> anyhow::Result<()> {
    files_exist()?;
    let program = installed(CARGO_MUTANTS)?;
    let place = root().join("target/mutants");
    let copies = place.join("copies");
    remove(&place)?;
    fs::create_dir_all(&copies).with_context(|| format!("{} cannot be made", copies.display()))?;
    build_programs(&["usersctl"])?;
    let cluster = database::temporary_cluster()?;
    println!("{}", machine::describe()?);
    say(
        "trying mutants, a quarter of an hour for all; target/mutants/mutants.out/log has the output of each",
    );
    let mut command = Command::new(program);
    command.args(["mutants", "--workspace", "--output"]).arg(&place).current_dir(root());
    command.args(mutants.word.as_ref().map(|word| format!("--re={word}")));
    // cargo-mutants copies the tree to this directory.
    command.env("TMPDIR", &copies).env("USERS_TEST_DATABASE_URL", cluster.url("postgres"));
    command.env("USERS_TEST_CTL_BIN", built("usersctl")?);
    let failure = format!(
        "mutants survive, see above: write a test that notices, or exclude them in {CONFIG} with the reason why none can"
    );
    let tried = process::run(&mut command, &failure);
    drop(cluster);
    remove(&copies)?;
    tried
}

/// Checks that the named files exist, because cargo-mutants ignores a name that matches no file.
fn files_exist() -> anyhow::Result<()> {
    let text = fs::read_to_string(root().join(CONFIG)).with_context(|| format!("{CONFIG} cannot be read"))?;
    let config: toml::Table = text.parse().with_context(|| format!("{CONFIG} is not TOML"))?;
    let files = config.get("examine_globs").and_then(toml::Value::as_array).into_iter().flatten();
    let mut files = files.filter_map(toml::Value::as_str);
    match files.find(|file| !root().join(file).is_file()) {
        Some(file) => {
            bail!("{CONFIG} names {file}, which does not exist: name the file that has its code now")
        }
        None => Ok(()),
    }
}

fn remove(dir: &Path) -> anyhow::Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("{} cannot be removed", dir.display()))?;
    }
    Ok(())
}

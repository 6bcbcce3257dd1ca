//! `cargo xtask mutants`: whether a test notices when the code breaks that makes tokens, knows callers and decides about rights.
//!
//! cargo-mutants breaks one thing at a time in a copy of the tree, and runs the tests of that package. Which files it breaks is
//! in `.cargo/mutants.toml`, why no test can notice one or the other mutant in `.cargo/mutants.txt`.

mod explained;
mod outcomes;

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;

use crate::bench::here;
use crate::cargo::root;
use crate::tools::installed;
use crate::{database, process, say};

/// Which files it breaks.
const CONFIG: &str = ".cargo/mutants.toml";
/// Pinned, so that a new release changes nothing here by itself.
const CARGO_MUTANTS: (&str, &str) = ("cargo-mutants", "27.1.0");
/// What it exits with after it has tried every mutant: all were noticed, some were not, some made a test run for too long.
const TRIED_ALL: [i32; 3] = [0, 2, 3];

/// `cargo xtask mutants …`
#[derive(Debug, Args)]
pub(crate) struct Mutants {
    /// Only mutants with this in their name, such as guard.rs or bearer: a regular expression. Besides, the few that leave out a
    /// field of a struct, which this release of cargo-mutants cannot be told to leave alone.
    #[arg(short = 'k', value_name = "WORD")]
    word: Option<String>,
}

/// Tries the mutants, prints a table, and lists the survivors.
///
/// # Errors
/// A mutant survives that is not explained, or one is explained that does not survive.
pub(crate) fn run(mutants: &Mutants) -> anyhow::Result<()> {
    let explained = explained::read()?;
    files_are_there()?;
    let begun = Instant::now();
    let outcomes = outcomes::of(&try_all(mutants.word.as_deref())?)?;
    // The ones that `-k` cannot leave alone come in any case.
    let is_chosen = |outcome: &outcomes::Outcome| !outcome.name.contains(": delete field ");
    if mutants.word.is_some() && !outcomes.iter().any(is_chosen) {
        bail!("no mutant has that in its name: `cargo xtask mutants` tries all");
    }
    println!("{}", here()?);
    println!("\n{} mutants in {} minutes\n", outcomes.len(), begun.elapsed().as_secs().div_ceil(60));
    outcomes::print(&outcomes);
    let judged = explained::judge(&outcomes, &explained, mutants.word.is_none());
    if judged.is_empty() {
        return Ok(());
    }
    println!("\n{}", judged.join("\n"));
    bail!(
        "{} mutants are not as expected, see above: write a test that notices, or say in {} why there can be none",
        judged.len(),
        explained::FILE
    )
}

/// cargo-mutants says nothing of a file that is not there any more.
fn files_are_there() -> anyhow::Result<()> {
    let text = fs::read_to_string(root().join(CONFIG)).with_context(|| format!("{CONFIG} cannot be read"))?;
    let config: toml::Table = text.parse().with_context(|| format!("{CONFIG} is not TOML"))?;
    let files = config.get("examine_globs").and_then(toml::Value::as_array).into_iter().flatten();
    let files = files.filter_map(toml::Value::as_str);
    match files.into_iter().find(|file| !root().join(file).is_file()) {
        Some(file) => bail!("{CONFIG} names {file}, which is not there: say where its code is now"),
        None => Ok(()),
    }
}

/// Runs cargo-mutants against a Postgres that goes when it ends; what it says of each mutant.
fn try_all(word: Option<&str>) -> anyhow::Result<String> {
    let program = installed(CARGO_MUTANTS)?;
    let place = root().join("target/mutants");
    let copies = place.join("copies");
    remove(&place)?;
    fs::create_dir_all(&copies).with_context(|| format!("{} cannot be made", copies.display()))?;
    let cluster = database::temporary_cluster()?;
    say("trying mutants, a quarter of an hour for all; target/mutants/mutants.out/log has what each did");
    let mut command = Command::new(program);
    command.args(["mutants", "--workspace", "--output"]).arg(&place).current_dir(root());
    command.args(word.map(|word| format!("--re={word}")));
    // Where the copy of the tree is made.
    command.env("TMPDIR", &copies).env("USERS_TEST_DATABASE_URL", cluster.url("postgres"));
    // How far it is belongs to the progress, not to the output.
    command.stdout(io::stderr());
    let status = process::start(&mut command).and_then(|mut child| process::wait(&mut child));
    let removed = remove(&copies);
    drop(cluster);
    finished(status?)?;
    removed?;
    let outcomes = place.join("mutants.out/outcomes.json");
    fs::read_to_string(&outcomes).with_context(|| format!("{} cannot be read", outcomes.display()))
}

fn finished(status: ExitStatus) -> anyhow::Result<()> {
    if status.code().is_some_and(|code| TRIED_ALL.contains(&code)) {
        return Ok(());
    }
    bail!(
        "cargo-mutants could not try the mutants: see its messages above, and target/mutants/mutants.out/log"
    )
}

fn remove(dir: &Path) -> anyhow::Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("{} cannot be removed", dir.display()))?;
    }
    Ok(())
}

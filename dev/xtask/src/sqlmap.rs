//! `cargo xtask sqlmap`: whether sqlmap gets a statement of its own into the database, by any parameter of any operation.
//!
//! First it has to find what is injectable on purpose, in `tests/sqlmap`: its silence counts only then.

mod attack;
mod control;
mod log;
mod report;
mod run;
mod said;
mod sample;
mod scene;

use std::time::Instant;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use users_contract::{Document, Operation};

use crate::bench::{World, here};
use crate::cargo::root;
use crate::{Host, build, http, process, say, up};
use report::Row;
use run::Sqlmap as Runner;
use scene::Scene;

/// Accounts besides those that an attack is about, so that lists have something in them.
const ACCOUNTS: u32 = 50;

/// `cargo xtask sqlmap …`
#[derive(Debug, Args)]
pub(crate) struct Sqlmap {
    /// How many payloads sqlmap tries; 3 takes about twice as long as 2.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=5))]
    level: u8,
    /// How much a payload may do to the database, which goes when this ends.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=3))]
    risk: u8,
    /// Only operations with this word in their name, such as login or `DELETE /users`.
    #[arg(short = 'k', value_name = "WORD")]
    word: Option<String>,
}

/// Attacks every operation, and prints a table.
///
/// # Errors
/// Something is injectable or was not tested, or the service failed.
pub(crate) fn run(sqlmap: &Sqlmap) -> anyhow::Result<()> {
    let operations = sqlmap.operations()?;
    let runner = Runner::ready(sqlmap.level, sqlmap.risk)?;
    build::components()?;
    up::build_programs(Host::Embedded)?;
    say("starting a service with a Postgres of its own, which go when this ends");
    let world = World::make(Host::Embedded, ACCOUNTS)?;
    let attacked = attack_all(sqlmap, &runner, &world, &operations);
    let stopped = world.stop();
    attacked.and(stopped)
}

impl Sqlmap {
    fn operations(&self) -> anyhow::Result<Vec<Operation>> {
        let document = Document::read(&root().join("openapi.json")).map_err(|error| anyhow!("{error}"))?;
        let is_chosen =
            |it: &&Operation| self.word.as_ref().is_none_or(|word| it.title().contains(word.as_str()));
        let chosen: Vec<Operation> = document.operations().iter().filter(is_chosen).cloned().collect();
        if chosen.is_empty() {
            bail!("no operation has that in its name: `cargo xtask sqlmap` attacks all");
        }
        Ok(chosen)
    }
}

fn attack_all(
    sqlmap: &Sqlmap,
    runner: &Runner,
    world: &World,
    operations: &[Operation],
) -> anyhow::Result<()> {
    let begun = Instant::now();
    say("letting sqlmap find what is injectable on purpose");
    control::check(runner, world)?;
    let mut scenes = 0;
    let mut rows = Vec::new();
    for (place, operation) in operations.iter().enumerate() {
        say(format_args!("{} of {}: {}", place + 1, operations.len(), operation.title()));
        rows.push(attack(runner, world, operation, &mut scenes)?);
    }
    let minutes = begun.elapsed().as_secs().div_ceil(60);
    println!("{}, level {}, risk {}, {minutes} minutes\n", here()?, sqlmap.level, sqlmap.risk);
    report::print(&rows);
    judge(world, &rows)
}

/// Everything that one operation reads.
fn attack(runner: &Runner, world: &World, operation: &Operation, scenes: &mut usize) -> anyhow::Result<Row> {
    let host = world.server.address().to_string();
    let mut row = Row::new(operation.title());
    for (number, tested) in attack::plan(operation).iter().enumerate() {
        process::go_on()?;
        *scenes += 1;
        let scene = Scene::make(world, *scenes).context("the accounts of an attack cannot be made")?;
        let attack = attack::attack(operation, tested, &host, &scene.token, &scene.values);
        let said = runner.run(&format!("{} {number}", operation.title()), &attack)?;
        row.add(&attack, &said);
    }
    Ok(row)
}

fn judge(world: &World, rows: &[Row]) -> anyhow::Result<()> {
    let mut wrong: Vec<String> = rows.iter().flat_map(Row::wrong).collect();
    wrong.extend(log::failures(&world.log)?.into_iter().map(|it| format!("the service's log: {it}")));
    if http::status(world.server.address(), "/readyz") != Some(200) {
        wrong.push("the service is not ready any more".to_owned());
    }
    if wrong.is_empty() {
        return Ok(());
    }
    println!("\n{}", wrong.join("\n"));
    bail!(
        "{} things are not as they should be: see above, and what sqlmap said in target/sqlmap",
        wrong.len()
    )
}

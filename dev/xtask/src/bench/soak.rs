//! Sends requests to all hot routes at once, for a long time. The run fails when memory grows or a request fails. A table shows
//! latencies, Postgres sessions, and the size of the database.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use local_postgres::Binaries;

use super::load::{self, Outcome, Peak};
use super::routes::Route;
use super::world::World;
use crate::{process, say};

/// The number of clients of each route, all of which send requests without pause.
const CLIENTS: [(Route, u32); 6] = [
    (Route::Me, 4),
    (Route::Profile, 4),
    (Route::CheckPermission, 2),
    (Route::Users, 2),
    (Route::Refresh, 2),
    (Route::Login, 1),
];
/// The length of a measurement.
const PERIOD: Duration = Duration::from_secs(60);
/// The limit for the host's memory in the last minute, as a multiple of its memory in minute 2. Caches and pools are warm by then.
const GROWTH: f64 = 1.2;

/// The measurements of a minute.
#[derive(Debug, Clone, Copy, Default)]
struct Minute {
    /// The sum of all clients. The latencies are those of the slowest route, except login, which hashes a password.
    outcome: Outcome,
    /// The number of Postgres sessions.
    sessions: u64,
    /// The size of the database in MiB.
    database: u64,
}

impl Minute {
    fn print(&self, number: usize) {
        let Self { outcome: Outcome { requests, p50, p99, p999, errors, memory }, sessions, database } = self;
        println!(
            "| {number} | {requests:.0} | {p50:.2} | {p99:.2} | {p999:.2} | {errors} | {memory} | {sessions} | {database} |"
        );
    }
}

/// Keeps the service busy for this many minutes, and prints a line for each.
///
/// # Errors
/// When a request failed, or memory grew.
pub(super) fn run(world: &mut World, minutes: usize) -> anyhow::Result<()> {
    println!(
        "\n| minute | requests/s | p50 ms | p99 ms | p99.9 ms | errors | memory MiB | sessions | database MiB |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut all = Vec::new();
    for number in 1..=minutes {
        say(format_args!("minute {number} of {minutes}"));
        let minute = minute(world)?;
        minute.print(number);
        all.push(minute);
    }
    validate(&all)
}

fn minute(world: &mut World) -> anyhow::Result<Minute> {
    process::go_on()?;
    let peak = Peak::watch(world.server.process());
    // An access token expires before a soak ends.
    world.renew()?;
    let mut loads = Vec::new();
    for (route, clients) in CLIENTS {
        let request = world.request(route, clients)?;
        loads.push((route, load::start(world.server.address(), &request, clients, PERIOD)?));
    }
    let mut outcome = Outcome::default();
    for (route, child) in loads {
        let one = load::outcome(&load::finish(child)?)?;
        if one.requests == 0.0 {
            bail!("{} was not answered for a whole minute", route.name());
        }
        outcome = together(outcome, one, route != Route::Login);
    }
    outcome.memory = peak.stop();
    let (sessions, database) = postgres(world)?;
    Ok(Minute { outcome, sessions, database })
}

/// Adds the outcome of one route to the sum of the others.
fn together(all: Outcome, one: Outcome, counts_for_latency: bool) -> Outcome {
    let slower = |all: f64, one: f64| if counts_for_latency { all.max(one) } else { all };
    Outcome {
        requests: all.requests + one.requests,
        errors: all.errors + one.errors,
        p50: slower(all.p50, one.p50),
        p99: slower(all.p99, one.p99),
        p999: slower(all.p999, one.p999),
        memory: all.memory,
    }
}

/// The number of Postgres sessions, and the size of the database in MiB.
fn postgres(world: &World) -> anyhow::Result<(u64, u64)> {
    const STATEMENT: &str =
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
        pg_database_size(current_database()) / 1048576";
    let mut command = Command::new(Binaries::find()?.program("psql"));
    command.args(["--no-psqlrc", "--tuples-only", "--no-align", "--command", STATEMENT]);
    let said = command.envs(world.database.address().libpq()).output().context("psql cannot be started")?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let numbers = text.trim().split_once('|').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    numbers.with_context(|| format!("psql failed: {}", String::from_utf8_lossy(&said.stderr).trim()))
}

fn validate(minutes: &[Minute]) -> anyhow::Result<()> {
    let errors: u64 = minutes.iter().map(|minute| minute.outcome.errors).sum();
    if errors > 0 {
        bail!("{errors} requests failed: see the table");
    }
    // The first minute fills caches and pools.
    let [_, warm, .., last] = minutes else { return Ok(()) };
    let (warm, last) = (warm.outcome.memory as f64, last.outcome.memory as f64);
    if last > warm * GROWTH {
        bail!("the host's memory grew from {warm} to {last} MiB: see the table");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(memory: u64, errors: u64) -> Minute {
        Minute { outcome: Outcome { memory, errors, ..Outcome::default() }, ..Minute::default() }
    }

    #[test]
    fn memory_may_vary_but_not_grow_and_no_request_may_fail() {
        assert!(validate(&[minute(50, 0), minute(100, 0), minute(130, 0), minute(119, 0)]).is_ok());
        assert!(validate(&[minute(50, 0), minute(100, 0), minute(100, 0), minute(121, 0)]).is_err());
        assert!(validate(&[minute(50, 1)]).is_err());
        assert!(validate(&[minute(50, 0), minute(100, 0)]).is_ok());
    }

    #[test]
    fn requests_add_up_and_the_slowest_route_tells_the_latency() {
        let one = |requests, p99| Outcome { requests, p99, ..Outcome::default() };
        let all = together(together(one(10.0, 5.0), one(5.0, 7.0), true), one(1.0, 500.0), false);
        assert!((all.requests - 16.0).abs() < 1e-9 && (all.p99 - 7.0).abs() < 1e-9);
    }
}

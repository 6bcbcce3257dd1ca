//! `cargo xtask bench`: the speed of the service, compared with its runtime and with Postgres alone.

mod load;
mod postgres;
mod pure;
mod report;
mod routes;
mod soak;
mod world;

use std::time::Duration;

use anyhow::bail;
use clap::Args;

use crate::{Host, build, process, say, spin, up};
use load::{Outcome, Peak};
use report::Row;
use routes::Route;
use world::World;

/// `cargo xtask bench …`
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// The host that runs the components.
    #[arg(long, value_enum, default_value_t)]
    host: Host,
    /// The number of accounts in the database; several numbers are measured one after the other.
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1000")]
    users: Vec<u32>,
    /// The number of clients, each of which sends requests without pause; several numbers are measured one after the other.
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "16")]
    clients: Vec<u32>,
    /// The number of access tokens that are sent in turn, each of a session of its own. An instance verifies the signature of a token once.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    tokens: u16,
    /// The length of each measurement, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 4)]
    seconds: u64,
    /// The number of repetitions: the median counts.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// Only routes with this word in their name, such as me or login.
    #[arg(short = 'k', value_name = "WORD")]
    word: Option<String>,
    /// Measure reads while 16 clients log in without pause, and starts, instead of routes.
    #[arg(long)]
    neighbours: bool,
    /// Measure reads while 256 clients log in without pause and in the seconds afterwards, instead of routes. Fails when the host takes more
    /// than 1 GiB.
    #[arg(long, conflicts_with_all = ["neighbours", "soak"])]
    flood: bool,
    /// Run everything at once for this many minutes, instead of routes. Fails when a request fails or memory grows.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u16).range(3..), conflicts_with = "neighbours")]
    soak: Option<u16>,
    /// Measure the parts that need neither a host nor a database with Criterion, instead of routes.
    #[arg(long, conflicts_with_all = ["host", "users", "clients", "seconds", "rounds", "neighbours", "flood", "soak"])]
    pure: bool,
}

/// Measures, and prints tables.
pub(crate) fn run(bench: &Bench) -> anyhow::Result<()> {
    if bench.pure {
        return pure::run(bench.word.as_deref());
    }
    if bench.host == Host::Spin {
        spin::check()?;
    }
    load::ready()?;
    build::components()?;
    up::build_programs(bench.host)?;
    report::machine(bench.host)?;
    for users in &bench.users {
        say(format_args!("making a database with {users} accounts"));
        let mut world = World::make(bench.host, *users, bench.tokens)?;
        let measured = match bench.soak {
            Some(minutes) => soak::run(&mut world, usize::from(minutes)),
            None if bench.neighbours => neighbours(bench, &mut world),
            None if bench.flood => flood(bench, &world),
            None => bench.clients.iter().try_for_each(|clients| routes(bench, &world, *users, *clients)),
        };
        let stopped = world.stop();
        measured.and(stopped)?;
    }
    Ok(())
}

impl Bench {
    fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    fn routes(&self) -> Vec<Route> {
        let has_word = |route: &Route| self.word.as_ref().is_none_or(|word| route.name().contains(word));
        // The other routes are compared with this route.
        Route::ALL.into_iter().filter(|route| *route == Route::Healthz || has_word(route)).collect()
    }
}

/// Prints a table of the routes. Each round measures every route once, so that other work on the machine affects all of them.
fn routes(bench: &Bench, world: &World, users: u32, clients: u32) -> anyhow::Result<()> {
    let routes = bench.routes();
    let mut outcomes: Vec<Vec<Outcome>> = vec![Vec::new(); routes.len()];
    let mut alone: Vec<Vec<f64>> = vec![Vec::new(); routes.len()];
    let mut statements = Vec::new();
    for route in &routes {
        statements.push(if route.only_reads() { world.statements(*route)? } else { Vec::new() });
    }
    for round in 0..bench.rounds {
        say(format_args!("{clients} clients, round {} of {}", round + 1, bench.rounds));
        for (place, route) in routes.iter().enumerate() {
            process::go_on()?;
            let request = world.request(*route, clients)?;
            let (address, host) = (world.server.address(), world.server.process());
            outcomes[place].push(load::run(address, host, &request, clients, bench.time())?);
            if !statements[place].is_empty() {
                let rate = postgres::run(&world.database, *route, &statements[place], clients, bench.time())?;
                alone[place].push(rate);
            }
        }
    }
    // The other routes are compared with the first route.
    let ceiling = &outcomes[0];
    let measured = routes.iter().zip(outcomes.iter().zip(&alone));
    let rows: Vec<Row> =
        measured.map(|(route, (outcomes, alone))| Row::of(route.name(), outcomes, ceiling, alone)).collect();
    report::routes(users, clients, &rows);
    Ok(())
}

/// Measures reads during logins, and the time of a start.
fn neighbours(bench: &Bench, world: &mut World) -> anyhow::Result<()> {
    const READERS: u32 = 8;
    const LOGINS: u32 = 16;
    let (profile, login) = (world.request(Route::Profile, READERS)?, world.request(Route::Login, LOGINS)?);
    let (mut reads, mut logins) = (Vec::new(), Vec::new());
    for round in 0..bench.rounds {
        say(format_args!("reads beside logins, round {} of {}", round + 1, bench.rounds));
        let peak = Peak::watch(world.server.process());
        let beside =
            load::start(world.server.address(), &login, LOGINS, bench.time() + Duration::from_secs(2))?;
        std::thread::sleep(Duration::from_secs(1));
        let read =
            load::run(world.server.address(), world.server.process(), &profile, READERS, bench.time())?;
        reads.push(read);
        logins.push(Outcome { memory: peak.stop(), ..load::outcome(&load::finish(beside)?)? });
    }
    report::neighbours(READERS, &reads, LOGINS, &logins);
    let mut starts = Vec::new();
    for _ in 0..bench.rounds {
        starts.push(world.restart()?.as_secs_f64() * 1e3);
    }
    report::starts(&starts);
    Ok(())
}

/// The most memory that a flood of logins may take, in MiB.
const FLOOD_MEMORY: u64 = 1024;

/// Measures reads beside a flood of logins and after it. A login that is refused with 503 counts as an error of the table.
fn flood(bench: &Bench, world: &World) -> anyhow::Result<()> {
    const READERS: u32 = 8;
    const LOGINS: u32 = 256;
    const AFTERWARDS: Duration = Duration::from_secs(3);
    let (me, login) = (world.request(Route::Me, READERS)?, world.request(Route::Login, LOGINS)?);
    let (address, host) = (world.server.address(), world.server.process());
    let (mut during, mut after, mut logins) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..bench.rounds {
        say(format_args!("a flood of logins, round {} of {}", round + 1, bench.rounds));
        let peak = Peak::watch(host);
        let beside = load::start(address, &login, LOGINS, bench.time() + Duration::from_secs(2))?;
        std::thread::sleep(Duration::from_secs(1));
        during.push(load::run(address, host, &me, READERS, bench.time())?);
        let flood = load::outcome(&load::finish(beside)?)?;
        after.push(load::run(address, host, &me, READERS, AFTERWARDS)?);
        logins.push(Outcome { memory: peak.stop(), ..flood });
    }
    let memory = report::flood(READERS, &during, &after, LOGINS, &logins);
    if memory > FLOOD_MEMORY {
        bail!("the host took {memory} MiB in a flood of logins, and may take {FLOOD_MEMORY}");
    }
    Ok(())
}

//! `cargo xtask bench`: how fast the service is, beside its own runtime and beside Postgres alone.

mod load;
mod postgres;
mod pure;
mod report;
mod routes;
mod soak;
mod world;

use std::process::Command;
use std::time::Duration;

use clap::Args;

use crate::{Host, build, process, say, spin, up};
use load::{Outcome, Peak};
use report::Row;
pub(crate) use report::here;
use routes::Route;
pub(crate) use world::{World, text};

/// `cargo xtask bench …`
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// What runs the components.
    #[arg(long, value_enum, default_value_t)]
    host: Host,
    /// How many accounts the database has; several are measured one after the other.
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1000")]
    users: Vec<u32>,
    /// How many clients ask at once, each without pause; several are measured one after the other.
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "16")]
    clients: Vec<u32>,
    /// How long each measurement takes, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 4)]
    seconds: u64,
    /// How often each is repeated: the median counts.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// Only routes with this word in their name, such as me or login.
    #[arg(short = 'k', value_name = "WORD")]
    word: Option<String>,
    /// Reads while 16 clients log in without pause, and starts, instead of routes.
    #[arg(long)]
    neighbours: bool,
    /// Everything at once for so many minutes, instead of routes: fails when a request does, or when memory grows.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u16).range(3..), conflicts_with = "neighbours")]
    soak: Option<u16>,
    /// The parts that need neither a host nor a database, instead of routes; `-k` chooses among them.
    #[arg(long, conflicts_with_all = ["host", "users", "clients", "seconds", "rounds", "neighbours", "soak"])]
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
        let mut world = World::make(bench.host, *users)?;
        let measured = match bench.soak {
            Some(minutes) => soak::run(&mut world, usize::from(minutes)),
            None if bench.neighbours => neighbours(bench, &mut world),
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
        // What the others are compared with is always measured.
        Route::ALL.into_iter().filter(|route| *route == Route::Healthz || has_word(route)).collect()
    }
}

/// A table of the routes: in each round every route once, so that what else the machine does meets all of them alike.
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
    // The first one is what the others are compared with.
    let ceiling = &outcomes[0];
    let measured = routes.iter().zip(outcomes.iter().zip(&alone));
    let rows: Vec<Row> =
        measured.map(|(route, (outcomes, alone))| Row::of(route.name(), outcomes, ceiling, alone)).collect();
    report::routes(users, clients, &rows);
    Ok(())
}

/// Reads while others log in without pause, and how long a start takes.
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

/// What a command says in one line; empty when it is not there.
fn said(program: &str, arguments: &[&str]) -> String {
    let said = Command::new(program).args(arguments).current_dir(crate::cargo::root()).output();
    said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned()).unwrap_or_default()
}

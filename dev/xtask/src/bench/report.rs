//! Tables in Markdown, as in docs/PERFORMANCE.md.

use super::load::Outcome;
use crate::{Host, machine};

/// A line of the table of routes: medians of all rounds.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    name: &'static str,
    outcome: Outcome,
    /// The share of the rate of `/healthz`, which shows the cost of the runtime alone.
    of_ceiling: f64,
    /// The share of the rate at which pgbench runs the same statements.
    of_postgres: Option<f64>,
}

impl Row {
    /// Compares each round with `/healthz` and Postgres in the same round.
    pub(super) fn of(name: &'static str, outcomes: &[Outcome], ceiling: &[Outcome], alone: &[f64]) -> Self {
        let by_round = |all: &mut dyn Iterator<Item = f64>| {
            median(outcomes.iter().zip(all).map(|(own, other)| own.requests / other))
        };
        let of_ceiling = by_round(&mut ceiling.iter().map(|it| it.requests));
        let of_postgres = (!alone.is_empty()).then(|| by_round(&mut alone.iter().copied()));
        Self { name, outcome: medians(outcomes), of_ceiling, of_postgres }
    }
}

/// Prints the machine, the day, the commit, the version of Postgres, and the name of the host.
pub(super) fn machine(host: Host) -> anyhow::Result<()> {
    let postgres = local_postgres::Binaries::find()?.program("postgres");
    let postgres = machine::output(&postgres.to_string_lossy(), &["--version"]);
    println!("{}, {postgres}, {} host", machine::describe()?, host.name());
    Ok(())
}

/// Prints the table of routes.
pub(super) fn routes(users: u32, clients: u32, rows: &[Row]) {
    println!("\n{users} accounts, {clients} clients\n");
    println!(
        "| | requests/s | p50 ms | p99 ms | p99.9 ms | errors | memory MiB | of /healthz | of Postgres alone |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for row in rows {
        let Outcome { requests, p50, p99, p999, errors, memory } = row.outcome;
        let of_postgres = row.of_postgres.map_or_else(String::new, percent);
        let of_ceiling = percent(row.of_ceiling);
        println!(
            "| `{}` | {requests:.0} | {p50:.2} | {p99:.2} | {p999:.2} | {errors} | {memory} | {of_ceiling} | {of_postgres} |",
            row.name
        );
    }
}

/// Prints the rates of reads during logins.
pub(super) fn neighbours(readers: u32, reads: &[Outcome], clients: u32, logins: &[Outcome]) {
    println!("\n| at the same time | requests/s | p50 ms | p99 ms | errors | memory MiB |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (what, outcome) in [
        (format!("`GET /profile/`, {readers} clients"), medians(reads)),
        (format!("`POST /auth/login`, {clients} clients"), medians(logins)),
    ] {
        let Outcome { requests, p50, p99, errors, memory, .. } = outcome;
        println!("| {what} | {requests:.0} | {p50:.2} | {p99:.2} | {errors} | {memory} |");
    }
}

/// Prints the rates of reads beside a flood of logins and after it. Returns the peak memory of the host, in MiB.
pub(super) fn flood(
    readers: u32,
    during: &[Outcome],
    after: &[Outcome],
    clients: u32,
    logins: &[Outcome],
) -> u64 {
    println!("\n| | requests/s | p50 ms | p99 ms | errors | memory MiB |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let flood = medians(logins);
    for (what, outcome) in [
        (format!("`GET /auth/me`, {readers} clients, during the flood"), medians(during)),
        (format!("`GET /auth/me`, {readers} clients, in the 3 seconds afterwards"), medians(after)),
        (format!("`POST /auth/login`, {clients} clients; errors are 503"), flood),
    ] {
        let Outcome { requests, p50, p99, errors, memory, .. } = outcome;
        println!("| {what} | {requests:.0} | {p50:.2} | {p99:.2} | {errors} | {memory} |");
    }
    flood.memory
}

/// Prints the time from a start to the first 200 of `/readyz`.
pub(super) fn starts(milliseconds: &[f64]) {
    println!(
        "\nA start with compiled components: {:.0} ms to the first 200.",
        median(milliseconds.iter().copied())
    );
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// The median of each number, and the sum of the errors.
fn medians(outcomes: &[Outcome]) -> Outcome {
    let each = |number: fn(&Outcome) -> f64| median(outcomes.iter().map(number));
    Outcome {
        requests: each(|it| it.requests),
        p50: each(|it| it.p50),
        p99: each(|it| it.p99),
        p999: each(|it| it.p999),
        errors: outcomes.iter().map(|it| it.errors).sum(),
        memory: outcomes.iter().map(|it| it.memory).max().unwrap_or(0),
    }
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Row};

    #[test]
    fn the_median_of_the_rounds_counts_and_each_is_compared_with_its_own() {
        let outcome = |requests| Outcome { requests, ..Outcome::default() };
        let (own, ceiling) = ([1.0, 2.0, 30.0].map(outcome), [10.0, 10.0, 60.0].map(outcome));
        let row = Row::of("x", &own, &ceiling, &[4.0, 4.0, 40.0]);
        assert!((row.outcome.requests - 2.0).abs() < 1e-9 && (row.of_ceiling - 0.2).abs() < 1e-9);
        assert!((row.of_postgres.unwrap() - 0.5).abs() < 1e-9);
    }
}

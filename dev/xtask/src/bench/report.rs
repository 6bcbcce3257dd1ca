//! Tables in Markdown, as they are in docs/PERFORMANCE.md.

use std::fs;

use super::load::Outcome;
use super::soak::Minute;
use super::{pure, said};
use crate::Host;

/// A line of the table of routes: medians of all rounds.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    name: &'static str,
    outcome: Outcome,
    /// Of the requests that the runtime answers when nothing is asked of it but to answer.
    of_ceiling: f64,
    /// Of what Postgres does with the same statements, when it is asked by pgbench.
    of_postgres: Option<f64>,
}

impl Row {
    /// Each round is compared with what the ceiling and Postgres did in the same round.
    pub(super) fn of(name: &'static str, outcomes: &[Outcome], ceiling: &[Outcome], alone: &[f64]) -> Self {
        let by_round = |all: &mut dyn Iterator<Item = f64>| {
            median(outcomes.iter().zip(all).map(|(own, other)| own.requests / other))
        };
        let of_ceiling = by_round(&mut ceiling.iter().map(|it| it.requests));
        let of_postgres = (!alone.is_empty()).then(|| by_round(&mut alone.iter().copied()));
        Self { name, outcome: medians(outcomes), of_ceiling, of_postgres }
    }
}

/// The machine, the day and the code, and what else takes part.
pub(super) fn machine(host: Host) -> anyhow::Result<()> {
    let postgres = local_postgres::Binaries::find()?.program("postgres");
    let postgres = said(&postgres.to_string_lossy(), &["--version"]);
    println!("{}, {postgres}, {} host", here()?, host.name());
    Ok(())
}

/// The machine, the day and the code.
pub(crate) fn here() -> anyhow::Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches(['\t', ' ', ':']);
    let count = std::thread::available_parallelism()?;
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    let memory = memory.and_then(|it| it.parse::<u64>().ok()).unwrap_or(0) / (1 << 20);
    let (day, commit) = (said("date", &["+%Y-%m-%d"]), said("git", &["describe", "--always", "--dirty"]));
    Ok(format!("{day}, commit {commit}: {count} × {model}, {memory} GiB"))
}

/// The table of routes.
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

/// What logins cost others.
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

/// Above the lines of [`soak`].
pub(super) fn soak_head() {
    println!(
        "\n| minute | requests/s | p50 ms | p99 ms | p99.9 ms | errors | memory MiB | sessions | database MiB |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
}

/// What a minute of everything was like.
pub(super) fn soak(number: usize, minute: &Minute) {
    let Minute { outcome: Outcome { requests, p50, p99, p999, errors, memory }, sessions, database } = minute;
    println!(
        "| {number} | {requests:.0} | {p50:.2} | {p99:.2} | {p999:.2} | {errors} | {memory} | {sessions} | {database} |"
    );
}

/// How long until the host answers `/readyz`.
pub(super) fn starts(milliseconds: &[f64]) {
    println!(
        "\nA start with compiled components: {:.0} ms to the first 200.",
        median(milliseconds.iter().copied())
    );
}

/// How long each pure part takes.
pub(super) fn pure(parts: &[pure::Row]) {
    println!("\n| | median | 95 % sure |\n| --- | ---: | ---: |");
    for pure::Row { name, median, low, high } in parts {
        println!("| {name} | {} | {} to {} |", time(*median), time(*low), time(*high));
    }
}

/// Three digits of a time that is given in nanoseconds.
fn time(nanoseconds: f64) -> String {
    let (number, unit) = match nanoseconds {
        ..1e3 => (nanoseconds, "ns"),
        ..1e6 => (nanoseconds / 1e3, "µs"),
        _ => (nanoseconds / 1e6, "ms"),
    };
    let decimals = match number {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{number:.decimals$} {unit}")
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Of each number by itself; errors are added up.
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
    use super::{Outcome, Row, time};

    #[test]
    fn the_median_of_the_rounds_counts_and_each_is_compared_with_its_own() {
        let outcome = |requests| Outcome { requests, ..Outcome::default() };
        let (own, ceiling) = ([1.0, 2.0, 30.0].map(outcome), [10.0, 10.0, 60.0].map(outcome));
        let row = Row::of("x", &own, &ceiling, &[4.0, 4.0, 40.0]);
        assert!((row.outcome.requests - 2.0).abs() < 1e-9 && (row.of_ceiling - 0.2).abs() < 1e-9);
        assert!((row.of_postgres.unwrap() - 0.5).abs() < 1e-9);
    }
    #[test]
    fn times_have_three_digits_and_a_unit() {
        let told = [0.5, 12.345, 999.4, 1_234.0, 45_678.0, 16_700_000.0].map(time);
        assert_eq!(told, ["0.50 ns", "12.3 ns", "999 ns", "1.23 µs", "45.7 µs", "16.7 ms"]);
    }
}

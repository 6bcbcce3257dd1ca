//! The same statements on Postgres alone, by pgbench: an upper bound for any service.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use local_postgres::Binaries;

use super::routes::Route;
use crate::database::Database;
use crate::process;

/// The maximum number of clients. Postgres gets slower with more sessions.
const MOST_CLIENTS: u32 = 64;

/// The rate per second at which Postgres runs the statements of a route for this many clients. Like Spin, pgbench prepares each
/// statement again for each run.
pub(super) fn run(
    database: &Database,
    route: Route,
    statements: &[String],
    clients: u32,
    time: Duration,
) -> anyhow::Result<f64> {
    let mut script = tempfile::NamedTempFile::new().context("there is no place for a script")?;
    for statement in statements {
        // The log does not have the component's parameters. These parameters have the same types, and find rows.
        let statement =
            parameters(route, statement).context("a statement without parameters in bench/postgres.rs")?;
        writeln!(script, "{};", statement.split_whitespace().collect::<Vec<_>>().join(" "))?;
    }
    let clients = clients.min(MOST_CLIENTS);
    let mut command = Command::new(Binaries::find()?.program("pgbench"));
    command.args(["--no-vacuum", "--protocol", "extended", "--jobs", "1", "--client", &clients.to_string()]);
    command.args(["--time", &time.as_secs().to_string(), "--file"]).arg(script.path());
    command
        .envs(database.address().libpq())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = process::start(&mut command)?;
    let said = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    match rate {
        Some(rate) if said.status.success() => Ok(rate),
        _ => bail!("pgbench failed: {}", String::from_utf8_lossy(&said.stderr).trim()),
    }
}

/// The statement with values for its parameters.
fn parameters(route: Route, statement: &str) -> Option<String> {
    let values = if statement.contains("caller_by_token(") {
        let extras = match route {
            Route::CheckPermission | Route::Users => "ARRAY['permissions']",
            Route::Profile => "ARRAY['profile']",
            _ => "ARRAY[]::text[]",
        };
        vec!["1", "1::bigint", "(SELECT max(kid) FROM signing_keys)", extras]
    } else if statement.contains("FROM accounts") {
        // From the first account, no offset, one row more than a page, inactive accounts included, no total.
        vec!["0::bigint", "0::bigint", "51::bigint", "false", "false"]
    } else {
        return None;
    };
    Some(fill(statement, &values))
}

/// Replaces `$1` and so on. Starts with the last parameter, because `$1` is a part of `$10`.
fn fill(statement: &str, values: &[&str]) -> String {
    let numbered = values.iter().enumerate().rev();
    numbered
        .fold(statement.to_owned(), |text, (place, value)| text.replace(&format!("${}", place + 1), value))
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn parameters_are_replaced_by_values() {
        assert_eq!(fill("SELECT $2 FROM f($1, $10)", &["a", "b"]), "SELECT b FROM f(a, a0)");
    }
}

//! Attacks on the database, as the role of the component.

use std::collections::BTreeMap;
use std::time::Duration;

use spin_sdk::pg::{Connection, DbValue, Error, ParameterValue, PgError, QueryError};
use spin_sdk::variables;

/// Runs an attack on the database. `None` if the order is another one.
///
/// `sql` runs statements on one connection, with `;;` between them. `sql-at` does so at an address with other values, such as
/// `sql-at user=postgres; SELECT 1`. `hold` opens as many connections as it gets, up to a number.
pub async fn attack(order: &str, rest: &str) -> Option<String> {
    match order {
        "sql" => Some(run("", rest).await),
        "sql-at" => {
            let (changes, statements) = rest.split_once("; ").unwrap_or((rest, "SELECT 1"));
            Some(run(changes, statements).await)
        }
        "hold" => Some(hold(rest.parse().unwrap_or(1)).await),
        _ => None,
    }
}

/// Opens a connection to the component's database. `changes` are values that replace some of the address.
async fn connect(changes: &str) -> Result<Connection, Error> {
    let shared = variables::get("db_address").await.unwrap_or_default();
    let own = variables::get("db_role").await.unwrap_or_default();
    Connection::open(address(&shared, &own, changes)).await
}

/// Composes an address as the component does: the role of its own counts, if there is one. A password may contain anything, and comes last
/// in both variables.
fn address(shared: &str, own: &str, changes: &str) -> String {
    let mut values = BTreeMap::new();
    for part in [shared, own, changes] {
        let (part, password) = part.split_once(" password=").unwrap_or((part, ""));
        let pairs = part.split_whitespace().filter_map(|pair| pair.split_once('='));
        for (key, value) in pairs.chain([("password", password)]).filter(|(_, value)| !value.is_empty()) {
            values.insert(key.to_owned(), value.to_owned());
        }
    }
    let quoted = |value: &str| value.replace('\\', "\\\\").replace('\'', "\\'");
    let pairs: Vec<String> = values.iter().map(|(key, value)| format!("{key}='{}'", quoted(value))).collect();
    pairs.join(" ")
}

/// Opens connections until one is refused, and keeps them for a second.
async fn hold(count: u32) -> String {
    let mut connections = Vec::new();
    for _ in 0..count {
        match connect("").await {
            Ok(connection) => connections.push(connection),
            Err(_) => break,
        }
    }
    spin_sdk::time::sleep(Duration::from_secs(1)).await;
    format!("held {}", connections.len())
}

/// Tells the first error, or the rows of the last statement.
async fn run(changes: &str, statements: &str) -> String {
    match run_all(changes, statements).await {
        Ok(outcome) => outcome,
        Err(error) => kind(&error),
    }
}

async fn run_all(changes: &str, statements: &str) -> Result<String, Error> {
    let connection = connect(changes).await?;
    let mut outcome = "rows 0".to_owned();
    for statement in statements.split(";;") {
        let result = connection.query(statement.trim(), Vec::<ParameterValue>::new()).await?;
        let width = result.columns().len();
        let rows = result.collect().await?;
        outcome = format!("rows {}", rows.len());
        for row in rows {
            let values: Vec<String> = (0..width).map(|column| shown(&row[column])).collect();
            outcome.push('\n');
            outcome.push_str(&values.join("|"));
        }
    }
    Ok(outcome)
}

fn shown(value: &DbValue) -> String {
    match value {
        DbValue::DbNull => String::new(),
        DbValue::Str(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

/// A word for an error: the SQLSTATE of the database's answer, where there is one.
fn kind(error: &Error) -> String {
    match error {
        Error::PgError(PgError::ConnectionFailed(_)) => "connection-failed".to_owned(),
        Error::PgError(PgError::QueryFailed(QueryError::DbError(report))) => report.code.clone(),
        _ => "query-failed".to_owned(),
    }
}

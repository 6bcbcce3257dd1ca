//! Statements on a connection.

use std::pin::Pin;

use futures::StreamExt as _;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, WrongType};
use tokio_postgres::{Row, RowStream};

use super::Connection;
use super::errors::{query_failed, query_text};
use super::types::{self, Parameter};
use crate::bindings::spin::postgres::postgres as wit;

/// Bytes of rows that the host holds for a guest: all rows of `query` together, one row of `query-async`.
const MAX_BYTES: usize = 128 << 20;
/// Statements that stay prepared on a connection, so that a component that writes values into its statements fills no memory.
const PREPARED: usize = 64;
/// Rows that wait for a guest to read them.
const ROWS_AHEAD: usize = 4;

/// The answer to `query-async`.
pub(super) struct Rows {
    pub(super) columns: Vec<wit::Column>,
    pub(super) rows: mpsc::Receiver<wit::Row>,
    /// Resolves when the last row was read.
    pub(super) end: oneshot::Receiver<Result<(), wit::Error>>,
}

/// Runs a statement and tells the number of rows it changed.
pub(super) async fn execute(
    connection: &Connection,
    statement: &str,
    values: &[wit::ParameterValue],
) -> Result<u64, wit::Error> {
    // Another variant than in `start`: Spin names the same mistake differently in its two functions.
    let values =
        types::parameters(values).map_err(|error| wit::Error::ValueConversionFailed(format!("{error:#}")))?;
    let ended = async {
        let mut stream = run(connection, statement, &values).await?;
        while let Some(row) = stream.next().await {
            row?;
        }
        Ok(stream.rows_affected().unwrap_or_default())
    };
    ended.await.map_err(|error| query_failed(&error))
}

/// Runs a statement and collects its rows.
pub(super) async fn query(
    connection: &Connection,
    statement: &str,
    values: &[wit::ParameterValue],
) -> Result<wit::RowSet, wit::Error> {
    let mut stream = start(connection, statement, values).await?;
    let mut set = wit::RowSet { columns: Vec::new(), rows: Vec::new() };
    let mut bytes = size_of::<wit::RowSet>();
    while let Some(row) = stream.next().await {
        // As in Spin, an error after the statement has started is text here, without its SQLSTATE.
        let row = row.map_err(|error| query_text(format!("{:?}", query_failed(&error))))?;
        if set.rows.is_empty() {
            set.columns = columns(&row);
        }
        let row = convert(&row).map_err(|error| query_text(format!("{error:#}")))?;
        bytes += size(&row);
        if bytes > MAX_BYTES {
            return Err(too_large());
        }
        set.rows.push(row);
    }
    Ok(set)
}

/// Runs a statement and hands its rows on as they come; an error after the start arrives through `end`.
pub(super) async fn query_stream(
    connection: &Connection,
    statement: &str,
    values: &[wit::ParameterValue],
) -> Result<Rows, wit::Error> {
    let stream = start(connection, statement, values).await?;
    let (columns_sender, columns) = oneshot::channel();
    let (rows_sender, rows) = mpsc::channel(ROWS_AHEAD);
    let (end_sender, end) = oneshot::channel();
    tokio::spawn(async move {
        let result = tokio::select! {
            biased;
            // Nobody reads any more: stop without waiting for the server.
            () = rows_sender.closed() => Ok(()),
            result = forward(stream, columns_sender, &rows_sender) => result,
        };
        // Nobody left to tell is fine.
        _ = end_sender.send(result);
    });
    // The columns come with the first row: a result without rows has none, as in Spin.
    Ok(Rows { columns: columns.await.unwrap_or_default(), rows, end })
}

async fn forward(
    mut stream: Pin<Box<RowStream>>,
    columns_sender: oneshot::Sender<Vec<wit::Column>>,
    rows: &mpsc::Sender<wit::Row>,
) -> Result<(), wit::Error> {
    let mut columns_sender = Some(columns_sender);
    while let Some(row) = stream.next().await {
        let row = row.map_err(|error| query_failed(&error))?;
        if let Some(sender) = columns_sender.take() {
            _ = sender.send(columns(&row));
        }
        let row = convert(&row).map_err(|error| query_text(format!("{error:#}")))?;
        if size(&row) > MAX_BYTES {
            return Err(too_large());
        }
        if rows.send(row).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

async fn start(
    connection: &Connection,
    statement: &str,
    values: &[wit::ParameterValue],
) -> Result<Pin<Box<RowStream>>, wit::Error> {
    let values = types::parameters(values).map_err(|error| wit::Error::BadParameter(format!("{error:#}")))?;
    run(connection, statement, &values).await.map_err(|error| query_failed(&error))
}

/// Sends a statement: as Spin does, or, when it is known what it takes, in one message; where no value could want another plan,
/// it stays prepared on its connection, too.
async fn run(
    connection: &Connection,
    statement: &str,
    values: &[Parameter],
) -> Result<Pin<Box<RowStream>>, tokio_postgres::Error> {
    let Connection { client, known } = connection;
    let values = values.iter().map(|value| &**value as &(dyn ToSql + Sync));
    let mut refused = None;
    let learnt = known.about(statement).filter(|learnt| learnt.parameters.len() == values.len());
    if let Some(learnt) = learnt {
        let types = &learnt.parameters;
        let outcome = if learnt.stays_prepared {
            if client.statement_cache.size() >= PREPARED {
                client.statement_cache.clear();
            }
            match client.prepare_typed_cached(statement, types).await {
                Ok(prepared) => client.query_raw(&prepared, values.clone()).await,
                Err(error) => Err(error),
            }
        } else {
            client.query_typed_raw(statement, values.clone().zip(types.iter().cloned())).await
        };
        match outcome {
            Ok(stream) => return Ok(Box::pin(stream)),
            Err(error) => {
                known.forget(statement);
                client.statement_cache.remove(statement, types);
                if !is_about_the_statement(&error) {
                    return Err(error);
                }
                refused = Some(error);
            }
        }
    }
    let prepared = match client.prepare(statement).await {
        // The first one has ended a transaction, and says more.
        Err(error) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => {
            return Err(refused.unwrap_or(error));
        }
        prepared => prepared?,
    };
    known.learn(statement, &prepared);
    Ok(Box::pin(client.query_raw(&prepared, values).await?))
}

/// Whether a statement, or what is known of it, does not fit the database (SQLSTATE class 42, a value of another type than the
/// known one, columns of other types than when it was prepared, or that it was deallocated), as when a migration has changed a
/// column's type. It has not run then, and may be asked about and run as if it were new.
fn is_about_the_statement(error: &tokio_postgres::Error) -> bool {
    let is_stale = error.code().is_some_and(|state| {
        state.code().starts_with("42")
            || [SqlState::FEATURE_NOT_SUPPORTED, SqlState::INVALID_SQL_STATEMENT_NAME].contains(state)
    });
    is_stale || std::error::Error::source(error).is_some_and(|cause| cause.is::<WrongType>())
}

fn columns(row: &Row) -> Vec<wit::Column> {
    let column = |column: &tokio_postgres::Column| wit::Column {
        name: column.name().to_owned(),
        data_type: types::data_type(column.type_()),
    };
    row.columns().iter().map(column).collect()
}

fn convert(row: &Row) -> anyhow::Result<wit::Row> {
    (0..row.len()).map(|index| types::value(row, index)).collect()
}

fn too_large() -> wit::Error {
    query_text(format!("the result is larger than {MAX_BYTES} bytes"))
}

fn size(row: &[wit::DbValue]) -> usize {
    use wit::DbValue as V;
    let texts = |texts: &[Option<String>]| {
        texts.iter().map(|text| size_of::<Option<String>>() + text.as_ref().map_or(0, String::len)).sum()
    };
    let beyond = |value: &V| match value {
        V::Str(text) | V::Uuid(text) | V::Decimal(text) => text.len(),
        V::Binary(bytes) | V::Jsonb(bytes) | V::Unsupported(bytes) => bytes.len(),
        V::ArrayInt32(numbers) => size_of_val(&numbers[..]),
        V::ArrayInt64(numbers) => size_of_val(&numbers[..]),
        V::ArrayStr(items) | V::ArrayDecimal(items) => texts(items),
        _ => 0,
    };
    row.iter().map(|value| size_of::<V>() + beyond(value)).sum()
}

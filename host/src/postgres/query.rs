//! Statements on a connection.

use std::pin::Pin;

use futures::StreamExt as _;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, RowStream};

use super::Connection;
use super::errors::{query_failed, query_text};
use super::types::{self, Parameter};
use crate::bindings::spin::postgres::postgres as wit;

/// The maximum size in bytes of the rows that the host buffers for a guest: all rows of `query` together, or one row of
/// `query-async`.
const MAX_BYTES: usize = 128 << 20;
/// The number of rows that `query-async` fetches before the guest reads them.
const ROWS_AHEAD: usize = 4;

/// The answer to `query-async`.
pub(super) struct Rows {
    pub(super) columns: Vec<wit::Column>,
    pub(super) rows: mpsc::Receiver<wit::Row>,
    /// Resolves after the last row.
    pub(super) end: oneshot::Receiver<Result<(), wit::Error>>,
}

/// Runs a statement and returns the number of rows it changed.
pub(super) async fn execute(
    connection: &Connection,
    statement: &str,
    values: &[wit::ParameterValue],
) -> Result<u64, wit::Error> {
    // For an unusable value, Spin reports another error here than in `start`.
    let values =
        types::parameters(values).map_err(|error| wit::Error::ValueConversionFailed(format!("{error:#}")))?;
    let values: Vec<_> = references(&values).collect();
    connection.0.execute(statement, &values).await.map_err(|error| query_failed(&error))
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
        // As in Spin, an error after the start of the statement is reported as text, without its SQLSTATE.
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

/// Runs a statement and passes its rows on as they arrive. An error after the start arrives through `end`.
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
            // The guest stopped reading: do not wait for the server.
            () = rows_sender.closed() => Ok(()),
            result = forward(stream, columns_sender, &rows_sender) => result,
        };
        // The guest may have dropped the future.
        _ = end_sender.send(result);
    });
    // The columns come with the first row. As in Spin, a result without rows has none.
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

/// Prepares a statement, executes it and closes it, as Spin does for every call.
async fn run(
    connection: &Connection,
    statement: &str,
    values: &[Parameter],
) -> Result<Pin<Box<RowStream>>, tokio_postgres::Error> {
    Ok(Box::pin(connection.0.query_raw(statement, references(values)).await?))
}

fn references(values: &[Parameter]) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync)> {
    values.iter().map(|value| &**value as &(dyn ToSql + Sync))
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

//! Converts the driver's errors to those of the interface.

use tokio_postgres::error::DbError;

use crate::bindings::spin::postgres::postgres as wit;

/// A failed statement. The error is structured if the server answered, and text otherwise.
pub(super) fn query_failed(error: &tokio_postgres::Error) -> wit::Error {
    let as_text = format!("{error:?}");
    wit::Error::QueryFailed(match error.as_db_error() {
        None => wit::QueryError::Text(as_text),
        Some(db) => wit::QueryError::DbError(wit::DbError {
            as_text,
            severity: db.severity().to_owned(),
            code: db.code().code().to_owned(),
            message: db.message().to_owned(),
            detail: db.detail().map(str::to_owned),
            extras: extras(db),
        }),
    })
}

/// A failure in the host, not in the database.
pub(super) fn query_text(text: impl Into<String>) -> wit::Error {
    wit::Error::QueryFailed(wit::QueryError::Text(text.into()))
}

/// The fields of an error response for which the interface has no field, under Spin's names.
fn extras(db: &DbError) -> Vec<(String, String)> {
    let line = db.line().map(|line| line.to_string());
    [
        ("column", db.column()),
        ("constraint", db.constraint()),
        ("routine", db.routine()),
        ("hint", db.hint()),
        ("table", db.table()),
        ("datatype", db.datatype()),
        ("schema", db.schema()),
        ("file", db.file()),
        ("line", line.as_deref()),
        ("where_", db.where_()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
    .collect()
}

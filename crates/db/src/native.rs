//! Postgres through a pooled native client, for tests.

use std::error::Error;
use std::sync::Arc;

use bytes::BytesMut;
use chrono::{NaiveDate, NaiveDateTime};
use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, NoTls};

use crate::{DbError, DbSettings, Retry, Row, Rows, Value};

/// A pool of connections, like Spin's.
pub(crate) struct Connections(Pool);

impl Connections {
    const MAX_CONNECTIONS: usize = 64;

    pub(crate) fn new(settings: &DbSettings) -> Result<Self, DbError> {
        let config: Config = settings.connection_string().parse().map_err(DbError::failed)?;
        let manager =
            Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Clean });
        Pool::builder(manager).max_size(Self::MAX_CONNECTIONS).build().map(Self).map_err(DbError::failed)
    }

    pub(crate) async fn query(
        &self,
        sql: &'static str,
        parameters: &[Value],
        wanted: Rows,
    ) -> Result<Vec<Row>, DbError> {
        let client = self.0.get().await.map_err(|error| no_connection(&error))?;
        let parameters: Vec<&(dyn ToSql + Sync)> =
            parameters.iter().map(|it| it as &(dyn ToSql + Sync)).collect();
        let rows = client.query(sql, &parameters).await.map_err(|error| failure(&error))?;
        let columns: Arc<[String]> = rows
            .first()
            .map(|row| row.columns().iter().map(|it| it.name().to_owned()).collect())
            .unwrap_or_default();
        let wanted = if wanted == Rows::First { 1 } else { rows.len() };
        rows.iter()
            .take(wanted)
            .map(|row| Ok(Row { columns: Arc::clone(&columns), values: values(row)? }))
            .collect()
    }
}

fn no_connection(error: &PoolError) -> DbError {
    DbError::Unavailable { cause: format!("no connection: {error}"), retry: Retry::Anything }
}

fn failure(error: &tokio_postgres::Error) -> DbError {
    match error.as_db_error() {
        Some(report) => DbError::from_report(report.code().code(), report.message(), report.constraint()),
        None if error.is_closed() || error.source().is_some_and(|it| it.is::<std::io::Error>()) => {
            DbError::Unavailable { cause: error.to_string(), retry: Retry::Reads }
        }
        None => DbError::failed(error),
    }
}

fn values(row: &tokio_postgres::Row) -> Result<Vec<Value>, DbError> {
    (0..row.len()).map(|index| value(row, index)).collect()
}

fn value(row: &tokio_postgres::Row, index: usize) -> Result<Value, DbError> {
    fn read<'r, T>(row: &'r tokio_postgres::Row, index: usize) -> Result<Value, DbError>
    where
        T: tokio_postgres::types::FromSql<'r> + Into<Value>,
    {
        Ok(row.try_get::<_, Option<T>>(index).map_err(DbError::failed)?.into())
    }
    let column = row.columns().get(index).ok_or_else(|| DbError::failed("no such column"))?;
    match *column.type_() {
        Type::BOOL => read::<bool>(row, index),
        Type::INT4 => read::<i32>(row, index),
        Type::INT8 => read::<i64>(row, index),
        Type::TEXT | Type::VARCHAR => read::<String>(row, index),
        Type::BYTEA => read::<Vec<u8>>(row, index),
        Type::DATE => read::<NaiveDate>(row, index),
        Type::TIMESTAMP => read::<NaiveDateTime>(row, index),
        Type::INT4_ARRAY => read::<Vec<i32>>(row, index),
        Type::INT8_ARRAY => read::<Vec<i64>>(row, index),
        Type::TEXT_ARRAY => read::<Vec<String>>(row, index),
        ref other => Err(DbError::failed(format!("Spin does not support the type {other}"))),
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Bool(it) => it.to_sql_checked(ty, out),
            Self::Int(it) => it.to_sql_checked(ty, out),
            Self::BigInt(it) => it.to_sql_checked(ty, out),
            Self::Text(it) => it.to_sql_checked(ty, out),
            Self::Bytes(it) => it.to_sql_checked(ty, out),
            Self::Date(it) => it.to_sql_checked(ty, out),
            Self::DateTime(it) => it.to_sql_checked(ty, out),
            Self::Ints(it) => it.to_sql_checked(ty, out),
            Self::BigInts(it) => it.to_sql_checked(ty, out),
            Self::Texts(it) => it.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // `to_sql` checks each variant: a null fits every type.
        true
    }

    to_sql_checked!();
}

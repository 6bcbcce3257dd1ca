//! The values that cross between a component and Postgres.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use serde::de::DeserializeOwned;
use users_core::{PermissionId, RoleId, SessionId, Timestamp, UserId};

use crate::DbError;

/// A value, as a parameter or in a row, for the types that Spin's interface lets through.
///
/// A parameter must have the very type that Postgres infers for it, so cast in SQL where it helps. A `timestamptz` cannot
/// be read: select `x AT TIME ZONE 'UTC'`. `jsonb` crosses as text (`$1::text::jsonb`, `x::text`): the host would read it into
/// a value of its own and write that anew, and some numbers would not be the same.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Fits any type.
    Null,
    /// `bool`
    Bool(bool),
    /// `int4`
    Int(i32),
    /// `int8`
    BigInt(i64),
    /// `text` or `varchar`
    Text(String),
    /// `bytea`
    Bytes(Vec<u8>),
    /// `date`
    Date(NaiveDate),
    /// `timestamp`, without a zone
    DateTime(NaiveDateTime),
    /// `int4[]`
    Ints(Vec<i32>),
    /// `int8[]`
    BigInts(Vec<i64>),
    /// `text[]`
    Texts(Vec<String>),
}

/// A row of an answer.
#[derive(Debug, Clone)]
pub struct Row {
    pub(crate) columns: Arc<[String]>,
    pub(crate) values: Vec<Value>,
}

impl Row {
    /// The value of a column.
    ///
    /// # Errors
    /// [`DbError::Failed`] when there is no such column or it has another type: a defect of the statement or the schema.
    pub fn get<T: FromValue>(&self, column: &str) -> Result<T, DbError> {
        let value =
            self.columns.iter().position(|name| name == column).and_then(|index| self.values.get(index));
        value
            .and_then(|value| T::from_value(value.clone()))
            .ok_or_else(|| DbError::failed(format!("the column {column} is missing or of another type")))
    }
}

impl Row {
    /// The JSON in a `text` column, as what it describes; `NULL` is JSON's null.
    ///
    /// # Errors
    /// [`DbError::Failed`] when there is no such column, or it describes something else: a defect of the statement.
    pub fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, DbError> {
        let text: Option<String> = self.get(column)?;
        serde_json::from_str(text.as_deref().unwrap_or("null"))
            .map_err(|_| DbError::failed(format!("the column {column} does not describe what is expected")))
    }
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// The value, when it has the right type.
    fn from_value(value: Value) -> Option<Self>;
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        if value == Value::Null { Some(None) } else { T::from_value(value).map(Some) }
    }
}

/// Makes a type one that a variant carries.
macro_rules! carried {
    ($($variant:ident($type:ty)),+ $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }

        impl FromValue for $type {
            fn from_value(value: Value) -> Option<Self> {
                if let Value::$variant(value) = value { Some(value) } else { None }
            }
        }
    )+};
}

carried! {
    Bool(bool), Int(i32), BigInt(i64), Text(String), Bytes(Vec<u8>), Date(NaiveDate), DateTime(NaiveDateTime),
    Ints(Vec<i32>), BigInts(Vec<i64>), Texts(Vec<String>),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

/// Makes an identifier one that crosses as `int4`, alone or in an array.
macro_rules! ids {
    ($($id:ty),+) => {$(
        impl From<$id> for Value {
            fn from(id: $id) -> Self {
                Self::Int(id.get())
            }
        }

        impl From<&[$id]> for Value {
            fn from(ids: &[$id]) -> Self {
                Self::Ints(ids.iter().map(|id| id.get()).collect())
            }
        }

        impl FromValue for $id {
            fn from_value(value: Value) -> Option<Self> {
                i32::from_value(value)?.try_into().ok()
            }
        }
    )+};
}

ids!(UserId, RoleId, PermissionId);

impl From<SessionId> for Value {
    fn from(id: SessionId) -> Self {
        Self::BigInt(id.get())
    }
}

impl FromValue for SessionId {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::DateTime(time.utc())
    }
}

impl FromValue for Timestamp {
    fn from_value(value: Value) -> Option<Self> {
        NaiveDateTime::from_value(value).map(Self::from_utc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_read_by_name_and_only_as_its_own_type() {
        let row = Row {
            columns: Arc::from(["id".to_owned(), "name".to_owned()]),
            values: vec![Value::Int(7), Value::Null],
        };
        assert_eq!(row.get::<i32>("id"), Ok(7));
        assert_eq!(row.get::<Option<String>>("name"), Ok(None));
        assert!(row.get::<i64>("id").is_err());
        assert!(row.get::<String>("name").is_err());
        assert!(row.get::<i32>("missing").is_err());
    }
}

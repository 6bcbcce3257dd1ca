//! Parameters and columns.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use serde::de::DeserializeOwned;
use users_core::{ApiKeyId, PasskeyId, PermissionId, RoleId, SessionId, Timestamp, UserId};

use crate::DbError;

/// The value of a parameter or a column, of a type that Spin's interface supports.
///
/// A parameter must have exactly the type that Postgres infers, so add casts to the SQL where needed. Spin does not support
/// `timestamptz`: select `x AT TIME ZONE 'UTC'` instead. Pass `jsonb` as text (`$1::text::jsonb`, `x::text`), because the host
/// would parse and rewrite it, and change some numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A null of any type
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
    /// Returns the value of a column.
    ///
    /// # Errors
    /// [`DbError::Failed`] when the column is missing or has another type: a defect of the statement or the schema.
    pub fn get<T: FromValue>(&self, column: &str) -> Result<T, DbError> {
        let value =
            self.columns.iter().position(|name| name == column).and_then(|index| self.values.get(index));
        value
            .and_then(|value| T::from_value(value.clone()))
            .ok_or_else(|| DbError::failed(format!("the column {column} is missing or has another type")))
    }

    /// Deserializes the JSON in a `text` column. `NULL` counts as JSON's null.
    ///
    /// # Errors
    /// [`DbError::Failed`] when the column is missing, or its JSON does not fit `T`: a defect of the statement.
    pub fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, DbError> {
        let text: Option<String> = self.get(column)?;
        serde_json::from_str(text.as_deref().unwrap_or("null")).map_err(|_| {
            DbError::failed(format!("the JSON in the column {column} does not have the expected form"))
        })
    }
}

/// A type that a column can be converted to.
pub trait FromValue: Sized {
    /// Converts a value. Returns `None` if the value has another type.
    fn from_value(value: Value) -> Option<Self>;
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        if value == Value::Null { Some(None) } else { T::from_value(value).map(Some) }
    }
}

/// Converts between types and the variants that hold them.
macro_rules! conversions {
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

conversions! {
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

/// Converts ids to and from `int4`, and slices of ids to `int4[]`.
macro_rules! id_conversions {
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

id_conversions!(UserId, RoleId, PermissionId);

/// Converts ids to and from `int8`.
macro_rules! long_id_conversions {
    ($($id:ty),+) => {$(
        impl From<$id> for Value {
            fn from(id: $id) -> Self {
                Self::BigInt(id.get())
            }
        }

        impl FromValue for $id {
            fn from_value(value: Value) -> Option<Self> {
                i64::from_value(value)?.try_into().ok()
            }
        }
    )+};
}

long_id_conversions!(SessionId, ApiKeyId, PasskeyId);

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
    fn a_column_is_read_by_name_and_only_as_its_type() {
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

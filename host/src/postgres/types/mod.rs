//! The mapping of Postgres types. The mapping has the same gaps as in Spin. The interface announces a `timestamptz` as a
//! `datetime`, but reading it fails. An unknown type arrives as raw bytes.

mod convert;
mod range;
mod raw;

use anyhow::Result;
use rust_decimal::Decimal;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql, Type};
use uuid::Uuid;

use crate::bindings::spin::postgres::postgres::{DbDataType, DbValue, ParameterValue};
use raw::{Interval, Null, Raw};

/// A value for the server.
pub(super) type Parameter = Box<dyn ToSql + Send + Sync>;

/// The interface's name of a Postgres type.
pub(super) fn data_type(ty: &Type) -> DbDataType {
    match *ty {
        Type::BOOL => DbDataType::Boolean,
        Type::INT2 => DbDataType::Int16,
        Type::INT4 => DbDataType::Int32,
        Type::INT8 => DbDataType::Int64,
        Type::FLOAT4 => DbDataType::Floating32,
        Type::FLOAT8 => DbDataType::Floating64,
        Type::NUMERIC => DbDataType::Decimal,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => DbDataType::Str,
        Type::BYTEA => DbDataType::Binary,
        Type::DATE => DbDataType::Date,
        Type::TIME => DbDataType::Time,
        Type::TIMESTAMP | Type::TIMESTAMPTZ => DbDataType::Datetime,
        Type::INTERVAL => DbDataType::Interval,
        Type::UUID => DbDataType::Uuid,
        Type::JSONB => DbDataType::Jsonb,
        Type::INT4_RANGE => DbDataType::RangeInt32,
        Type::INT8_RANGE => DbDataType::RangeInt64,
        Type::NUM_RANGE => DbDataType::RangeDecimal,
        Type::INT4_ARRAY => DbDataType::ArrayInt32,
        Type::INT8_ARRAY => DbDataType::ArrayInt64,
        Type::NUMERIC_ARRAY => DbDataType::ArrayDecimal,
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => DbDataType::ArrayStr,
        _ => DbDataType::Other(ty.name().to_owned()),
    }
}

/// The value of a column.
///
/// # Errors
/// When the bytes do not fit the type, and always for a `timestamptz` that is not null.
pub(super) fn value(row: &Row, index: usize) -> Result<DbValue> {
    use DbValue as V;
    match *row.columns()[index].type_() {
        Type::BOOL => read(row, index, V::Boolean),
        Type::INT2 => read(row, index, V::Int16),
        Type::INT4 => read(row, index, V::Int32),
        Type::INT8 => read(row, index, V::Int64),
        Type::FLOAT4 => read(row, index, V::Floating32),
        Type::FLOAT8 => read(row, index, V::Floating64),
        Type::NUMERIC => read(row, index, |number: Decimal| V::Decimal(number.to_string())),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => read(row, index, V::Str),
        Type::BYTEA => read(row, index, V::Binary),
        Type::DATE => read(row, index, |date| V::Date(convert::date_out(date))),
        Type::TIME => read(row, index, |time| V::Time(convert::time_out(time))),
        // This includes `timestamptz`: reading it as a time without a zone fails, as in Spin.
        Type::TIMESTAMP | Type::TIMESTAMPTZ => {
            read(row, index, |moment| V::Datetime(convert::datetime_out(moment)))
        }
        Type::INTERVAL => read(row, index, |interval: Interval| V::Interval(interval.0)),
        Type::UUID => read(row, index, |id: Uuid| V::Uuid(id.to_string())),
        Type::JSONB => read(row, index, |json: serde_json::Value| V::Jsonb(json.to_string().into_bytes())),
        Type::INT4_RANGE => read(row, index, |range| V::RangeInt32(range::out(&range, |bound| *bound))),
        Type::INT8_RANGE => read(row, index, |range| V::RangeInt64(range::out(&range, |bound| *bound))),
        Type::NUM_RANGE => read(row, index, |range| {
            V::RangeDecimal(range::out(&range, |bound: &range::Number| bound.0.to_string()))
        }),
        Type::INT4_ARRAY => read(row, index, V::ArrayInt32),
        Type::INT8_ARRAY => read(row, index, V::ArrayInt64),
        Type::NUMERIC_ARRAY => read(row, index, |numbers: Vec<Option<Decimal>>| {
            V::ArrayDecimal(numbers.into_iter().map(|number| number.map(|n| n.to_string())).collect())
        }),
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => read(row, index, V::ArrayStr),
        _ => read(row, index, |raw: Raw| V::Unsupported(raw.0)),
    }
}

fn read<'a, T: FromSql<'a>>(row: &'a Row, index: usize, wrap: impl FnOnce(T) -> DbValue) -> Result<DbValue> {
    let value: Option<T> = row.try_get(index)?;
    Ok(value.map_or(DbValue::DbNull, wrap))
}

/// Converts the values for a statement. Binding them fails unless each has exactly the type that the statement infers.
///
/// # Errors
/// When a value is malformed, such as an invalid UUID.
pub(super) fn parameters(values: &[ParameterValue]) -> Result<Vec<Parameter>> {
    values.iter().map(parameter).collect()
}

fn parameter(value: &ParameterValue) -> Result<Parameter> {
    use ParameterValue as P;
    Ok(match value {
        P::DbNull => Box::new(Null),
        P::Boolean(v) => Box::new(*v),
        // Postgres has no integer of 8 bits: this is its type `"char"`.
        P::Int8(v) => Box::new(*v),
        P::Int16(v) => Box::new(*v),
        P::Int32(v) => Box::new(*v),
        P::Int64(v) => Box::new(*v),
        P::Floating32(v) => Box::new(*v),
        P::Floating64(v) => Box::new(*v),
        P::Decimal(v) => Box::new(convert::decimal_in(v)?),
        P::Str(v) => Box::new(v.clone()),
        P::Binary(v) => Box::new(v.clone()),
        P::Date(v) => Box::new(convert::date_in(*v)?),
        P::Time(v) => Box::new(convert::time_in(*v)?),
        P::Datetime(v) => Box::new(convert::datetime_in(*v)?),
        P::Timestamp(v) => Box::new(convert::timestamp_in(*v)?),
        P::Interval(v) => Box::new(Interval(*v)),
        P::Uuid(v) => Box::new(convert::uuid_in(v)?),
        P::Jsonb(v) => Box::new(convert::json_in(v)?),
        P::RangeInt32(v) => Box::new(range::r#in(*v, Ok)?),
        P::RangeInt64(v) => Box::new(range::r#in(*v, Ok)?),
        P::RangeDecimal(v) => {
            Box::new(range::r#in(v.clone(), |bound| convert::decimal_in(&bound).map(range::Number))?)
        }
        P::ArrayInt32(v) => Box::new(v.clone()),
        P::ArrayInt64(v) => Box::new(v.clone()),
        P::ArrayStr(v) => Box::new(v.clone()),
        P::ArrayDecimal(v) => {
            let numbers = v.iter().map(|number| number.as_deref().map(convert::decimal_in).transpose());
            Box::new(numbers.collect::<Result<Vec<Option<Decimal>>>>()?)
        }
    })
}

#[cfg(test)]
mod tests;

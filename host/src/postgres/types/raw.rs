//! Types for which the driver has no Rust type.

use bytes::BufMut as _;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::bindings::spin::postgres::postgres as wit;

type Failure = Box<dyn std::error::Error + Sync + Send>;

/// A null of any type, because the interface does not name the type of a null.
#[derive(Debug)]
pub(super) struct Null;

impl ToSql for Null {
    fn to_sql(&self, _: &Type, _: &mut BytesMut) -> Result<IsNull, Failure> {
        Ok(IsNull::Yes)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The bytes of a value whose type is unknown to the interface.
pub(super) struct Raw(pub(super) Vec<u8>);

impl<'a> FromSql<'a> for Raw {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self(raw.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// An interval: eight bytes of microseconds, four of days, four of months, all big-endian.
#[derive(Debug)]
pub(super) struct Interval(pub(super) wit::Interval);

impl ToSql for Interval {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        out.put_i64(self.0.micros);
        out.put_i32(self.0.days);
        out.put_i32(self.0.months);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::INTERVAL
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Interval {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let raw: &[u8; 16] = raw.try_into().map_err(|_| "an interval has sixteen bytes")?;
        let (micros, rest) = raw.split_first_chunk().ok_or("no microseconds")?;
        let (days, rest) = rest.split_first_chunk().ok_or("no days")?;
        let (months, _) = rest.split_first_chunk().ok_or("no months")?;
        Ok(Self(wit::Interval {
            micros: i64::from_be_bytes(*micros),
            days: i32::from_be_bytes(*days),
            months: i32::from_be_bytes(*months),
        }))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::INTERVAL
    }
}

//! Ranges.

use anyhow::Result;
use postgres_range::{BoundSided, BoundType, Normalizable, Range, RangeBound};
use rust_decimal::Decimal;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::bindings::spin::postgres::postgres::RangeBoundKind;

type Failure = Box<dyn std::error::Error + Sync + Send>;
type Bound<T> = Option<(T, RangeBoundKind)>;

/// Converts a range to the interface's pair of a lower and an upper bound.
pub(super) fn out<T, W>(range: &Range<T>, value: impl Fn(&T) -> W) -> (Bound<W>, Bound<W>)
where
    T: Normalizable + PartialOrd,
{
    let kind = |kind| match kind {
        BoundType::Inclusive => RangeBoundKind::Inclusive,
        BoundType::Exclusive => RangeBoundKind::Exclusive,
    };
    (
        range.lower().map(|bound| (value(&bound.value), kind(bound.type_))),
        range.upper().map(|bound| (value(&bound.value), kind(bound.type_))),
    )
}

/// Converts a range of the interface to one of the driver.
pub(super) fn r#in<W, T>(
    (lower, upper): (Bound<W>, Bound<W>),
    value: impl Fn(W) -> Result<T>,
) -> Result<Range<T>>
where
    T: Normalizable + PartialOrd,
{
    Ok(Range::new(bound(lower, &value)?, bound(upper, &value)?))
}

fn bound<S: BoundSided, W, T: PartialOrd>(
    bound: Bound<W>,
    value: impl Fn(W) -> Result<T>,
) -> Result<Option<RangeBound<S, T>>> {
    let Some((limit, kind)) = bound else { return Ok(None) };
    let kind = match kind {
        RangeBoundKind::Inclusive => BoundType::Inclusive,
        RangeBoundKind::Exclusive => BoundType::Exclusive,
    };
    Ok(Some(RangeBound::new(value(limit)?, kind)))
}

/// A decimal that can be the bound of a range.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Number(pub(super) Decimal);

impl Normalizable for Number {
    /// Decimals are continuous, so bounds stay unchanged.
    fn normalize<S: BoundSided>(bound: RangeBound<S, Self>) -> RangeBound<S, Self> {
        bound
    }
}

impl ToSql for Number {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        self.0.to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        <Decimal as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Number {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Decimal::from_sql(ty, raw).map(Self)
    }

    fn accepts(ty: &Type) -> bool {
        <Decimal as FromSql<'_>>::accepts(ty)
    }
}

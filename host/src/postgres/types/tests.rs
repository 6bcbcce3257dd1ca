//! Tests of conversions. They check the bytes of the wire protocol.

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull};

use super::*;
use crate::bindings::spin::postgres::postgres::{Interval as WitInterval, RangeBoundKind};

/// Encodes a parameter for a type. Fails if the parameter has another type.
fn bind(value: &ParameterValue, ty: &Type) -> Result<Option<BytesMut>> {
    let mut bytes = BytesMut::new();
    match parameter(value)?.to_sql_checked(ty, &mut bytes) {
        Ok(IsNull::Yes) => Ok(None),
        Ok(IsNull::No) => Ok(Some(bytes)),
        Err(error) => Err(anyhow::anyhow!("{error}")),
    }
}

fn back<T: for<'a> FromSql<'a>>(value: &ParameterValue, ty: &Type) -> T {
    let bytes = bind(value, ty).unwrap().unwrap();
    T::from_sql(ty, &bytes).unwrap()
}

#[test]
fn a_parameter_has_exactly_the_type_of_the_statement() {
    use ParameterValue as P;
    for (value, ty, fits) in [
        (P::Int32(1), Type::INT4, true),
        (P::Int32(1), Type::INT8, false),
        (P::Int64(1), Type::INT4, false),
        (P::Str("a".to_owned()), Type::TEXT, true),
        (P::Str("a".to_owned()), Type::VARCHAR, true),
        (P::Str("a".to_owned()), Type::JSONB, false),
        (P::Str("a".to_owned()), Type::INET, false),
        (P::Str("a".to_owned()), Type::UUID, false),
        (P::Timestamp(0), Type::TIMESTAMPTZ, true),
        (P::Timestamp(0), Type::TIMESTAMP, false),
        (P::Datetime((2026, 11, 23, 1, 2, 3, 0)), Type::TIMESTAMP, true),
        (P::Datetime((2026, 11, 23, 1, 2, 3, 0)), Type::TIMESTAMPTZ, false),
        (P::ArrayStr(vec![None]), Type::TEXT_ARRAY, true),
        (P::ArrayStr(vec![None]), Type::UUID_ARRAY, false),
        (P::Jsonb(b"{}".to_vec()), Type::JSONB, true),
        (P::Decimal("1.5".to_owned()), Type::NUMERIC, true),
        (P::Decimal("1.5".to_owned()), Type::FLOAT8, false),
    ] {
        assert_eq!(bind(&value, &ty).is_ok(), fits, "{value:?} as {ty}");
    }
}

#[test]
fn null_fits_every_type() {
    for ty in [Type::INT4, Type::TEXT, Type::TIMESTAMPTZ, Type::UUID_ARRAY, Type::INET] {
        assert!(bind(&ParameterValue::DbNull, &ty).unwrap().is_none(), "{ty}");
    }
}

#[test]
fn malformed_values_are_refused_before_they_are_sent() {
    use ParameterValue as P;
    for value in [
        P::Uuid("no".to_owned()),
        P::Jsonb(b"{".to_vec()),
        P::Decimal("1,5".to_owned()),
        P::Date((2026, 2, 30)),
        P::Time((24, 0, 0, 0)),
        P::Datetime((2026, 13, 1, 0, 0, 0, 0)),
        P::Timestamp(i64::MAX),
        P::ArrayDecimal(vec![Some("x".to_owned())]),
        P::RangeDecimal((Some(("x".to_owned(), RangeBoundKind::Inclusive)), None)),
    ] {
        assert!(parameter(&value).is_err(), "{value:?}");
    }
}

#[test]
fn moments_keep_their_value() {
    let value = ParameterValue::Datetime((2026, 11, 23, 9, 30, 0, 123_456_000));
    let moment: chrono::NaiveDateTime = back(&value, &Type::TIMESTAMP);
    assert_eq!(convert::datetime_out(moment), (2026, 11, 23, 9, 30, 0, 123_456_000));
    let moment: chrono::DateTime<chrono::Utc> = back(&ParameterValue::Timestamp(86_400), &Type::TIMESTAMPTZ);
    assert_eq!(moment.to_rfc3339(), "1970-01-02T00:00:00+00:00");
}

#[test]
fn a_timestamptz_is_announced_as_a_datetime_but_cannot_be_read() {
    assert!(matches!(data_type(&Type::TIMESTAMPTZ), DbDataType::Datetime));
    assert!(!<chrono::NaiveDateTime as FromSql<'_>>::accepts(&Type::TIMESTAMPTZ));
}

#[test]
fn unsupported_types_are_named_and_arrive_as_raw_bytes() {
    for ty in [Type::INET, Type::JSON, Type::UUID_ARRAY, Type::TIMETZ, Type::BOOL_ARRAY] {
        assert!(matches!(data_type(&ty), DbDataType::Other(name) if name == ty.name()));
        assert!(Raw::accepts(&ty));
    }
}

#[test]
fn intervals_and_ranges_survive_the_wire() {
    let interval = WitInterval { micros: -5, days: 3, months: 14 };
    let read: Interval = back(&ParameterValue::Interval(interval), &Type::INTERVAL);
    assert_eq!((read.0.micros, read.0.days, read.0.months), (-5, 3, 14));

    let value = (Some((1, RangeBoundKind::Inclusive)), Some((5, RangeBoundKind::Exclusive)));
    let read: postgres_range::Range<i32> = back(&ParameterValue::RangeInt32(value), &Type::INT4_RANGE);
    assert_eq!(range::out(&read, |bound| *bound), value);

    let bound = |text: &str| Some((text.to_owned(), RangeBoundKind::Inclusive));
    let value = (bound("1.25"), None);
    let read: postgres_range::Range<range::Number> =
        back(&ParameterValue::RangeDecimal(value.clone()), &Type::NUM_RANGE);
    assert_eq!(range::out(&read, |bound| bound.0.to_string()), value);
}

//! A client's preferences: lists with weights (RFC 9110 section 12.4.2).

use axum::http::{HeaderMap, HeaderName};

/// The items of a header that is a list, in all its lines, as they were sent.
pub fn members(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','))
}

/// Reads a weight, and returns it in thousandths. A weight is a number from 0 to 1 with at most three decimals; any other text
/// gives `None`.
#[must_use]
pub fn weight(value: &str) -> Option<u16> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{fraction:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", thousandths) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

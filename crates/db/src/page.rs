//! Paging through lists.

use crate::{DbError, FromValue, Row, Value};

/// A page to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The position of the first object.
    pub start: Start,
    /// The maximum number of objects on the page; 1 or more.
    pub limit: i32,
    /// If true, the objects of all pages are counted, too.
    pub total: bool,
}

/// The position of a page's first object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After this number of objects. The database reads and drops them, so later pages cost more.
    Skip(i64),
    /// After the object with this id. Every page costs the same.
    After(i64),
}

/// The objects of a page.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// The objects, sorted by id.
    pub items: Vec<T>,
    /// The id of the last object.
    pub last: Option<i64>,
    /// True when there is a next page.
    pub more: bool,
    /// The number of objects on all pages, if the page asked for it.
    pub total: Option<i64>,
}

impl Page {
    /// The parameter of `id > $n::int8`.
    #[must_use]
    pub fn after(&self) -> Value {
        Value::BigInt(if let Start::After(id) = self.start { id } else { 0 })
    }

    /// The parameter of `OFFSET $n`, an `int8`.
    #[must_use]
    pub fn offset(&self) -> Value {
        Value::BigInt(if let Start::Skip(count) = self.start { count } else { 0 })
    }

    /// The parameter of `LIMIT $n`, an `int8`: one more than the page has, to detect a next page.
    #[must_use]
    pub fn limit(&self) -> Value {
        Value::BigInt(i64::from(self.limit) + 1)
    }

    /// Converts the rows of a statement that had this page's parameters. Each row has a column `total` and a column `id`, an
    /// `int4` or `int8`. A row without an `id` only carries the total of an empty page.
    ///
    /// # Errors
    /// [`DbError::Failed`] when a column is missing or of another type.
    pub fn listing<T>(
        &self,
        rows: &[Row],
        item: impl Fn(&Row) -> Result<T, DbError>,
    ) -> Result<Listing<T>, DbError> {
        let mut listing =
            Listing { items: Vec::with_capacity(rows.len()), last: None, more: false, total: None };
        for row in rows {
            listing.total = row.get("total")?;
            let Some(Key(id)) = row.get("id")? else { continue };
            if listing.items.len() < usize::try_from(self.limit).unwrap_or_default() {
                listing.items.push(item(row)?);
                listing.last = Some(id);
            } else {
                listing.more = true;
            }
        }
        Ok(listing)
    }
}

/// An id, `int4` or `int8`.
struct Key(i64);

impl FromValue for Key {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(id) => Some(Self(id.into())),
            Value::BigInt(id) => Some(Self(id)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn rows(ids: &[Value]) -> Vec<Row> {
        let columns: Arc<[String]> = Arc::from(["id".to_owned(), "total".to_owned()]);
        ids.iter()
            .map(|id| Row { columns: Arc::clone(&columns), values: vec![id.clone(), Value::BigInt(3)] })
            .collect()
    }

    #[test]
    fn a_page_has_at_most_its_limit_and_reports_a_next_page() {
        let page = Page { start: Start::After(0), limit: 2, total: true };
        let ids = |row: &Row| row.get::<i64>("id");
        let rows_of_int8 = rows(&[Value::BigInt(1), Value::BigInt(1 << 40), Value::BigInt(1 << 41)]);
        let listing = page.listing(&rows_of_int8, ids).unwrap();
        assert_eq!((listing.items, listing.last, listing.more), (vec![1, 1 << 40], Some(1 << 40), true));

        let listing = page.listing(&rows(&[Value::Int(7)]), |row| row.get::<i32>("id")).unwrap();
        assert_eq!((listing.items, listing.last, listing.more), (vec![7], Some(7), false));
        assert_eq!(listing.total, Some(3));

        let empty = page.listing(&rows(&[Value::Null]), ids).unwrap();
        assert_eq!((empty.items, empty.last, empty.more), (vec![], None, false));
    }
}

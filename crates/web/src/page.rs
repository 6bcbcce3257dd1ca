//! Lists that are given page by page.

use std::str::FromStr;

use serde::Deserialize;
use serde_json::json;
use users_db::{DbError, Row, Value};
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::{Checks, Field, Input, Paged, Parsed};

/// How many objects a page has when the client does not say.
const DEFAULT_LIMIT: i32 = 100;
/// How many objects a page has at most.
const MAX_LIMIT: i32 = 1000;
/// How many objects a client may leave out: far more than there are ids, and far from where the sum with a limit would
/// overflow.
const MAX_SKIP: i64 = i64::MAX / 2;

/// The parameters `skip`, `limit`, `after` and `total`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PageQuery {
    skip: Field<Parsed<Skip>>,
    limit: Field<Parsed<Limit>>,
    after: Field<Parsed<After>>,
    total: Field<Parsed<Flag>>,
}

/// Which page is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    start: Start,
    limit: i32,
    /// Whether the client wants to know how many objects there are.
    pub total: bool,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// After so many objects: the database reads them all.
    Skip(i64),
    /// After the object with this id: every page costs the same.
    After(i32),
}

impl Input for PageQuery {
    type Accepted = Page;

    fn check(self, checks: &mut Checks) -> Option<Page> {
        let skip = checks.optional("/skip", self.skip);
        let after = checks.optional("/after", self.after);
        let start = match (skip, after) {
            (Some(Some(Parsed(Skip(1..)))), Some(Some(_))) => {
                checks.broken("/skip", "must not be sent together with after")
            }
            (Some(_), Some(Some(Parsed(After(id))))) => Some(Start::After(id)),
            (Some(Some(Parsed(Skip(count)))), Some(None)) => Some(Start::Skip(count)),
            (Some(None), Some(None)) => Some(Start::After(0)),
            _ => None,
        };
        let limit = checks.optional("/limit", self.limit);
        let total = checks.optional("/total", self.total);
        Some(Page {
            start: start?,
            limit: limit?.map_or(DEFAULT_LIMIT, |Parsed(Limit(limit))| limit),
            total: total?.is_some_and(|Parsed(Flag(total))| total),
        })
    }
}

impl Page {
    /// For `id > …`, an `int4`.
    #[must_use]
    pub fn after(&self) -> Value {
        Value::Int(if let Start::After(id) = self.start { id } else { 0 })
    }

    /// For `OFFSET …`, an `int8`.
    #[must_use]
    pub fn offset(&self) -> Value {
        Value::BigInt(if let Start::Skip(count) = self.start { count } else { 0 })
    }

    /// For `LIMIT …`, an `int8`: one more than the page has, which tells whether there is a next one.
    #[must_use]
    pub fn limit(&self) -> Value {
        Value::BigInt(i64::from(self.limit) + 1)
    }

    /// The page's objects from the rows of a statement with this page's parameters: each has a column `total`, and a row
    /// whose `id` is null stands for an empty page.
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
            let Some(id) = row.get::<Option<i32>>("id")? else { continue };
            if listing.items.len() < usize::try_from(self.limit).unwrap_or_default() {
                listing.items.push(item(row)?);
                listing.last = Some(id);
            } else {
                listing.more = true;
            }
        }
        Ok(listing)
    }

    /// The answer, whose link to the next page has the parameters of this one and the filters that are given.
    #[must_use]
    pub fn answer<T>(&self, path: &str, filters: &[(&str, &str)], listing: Listing<T>) -> Paged<T> {
        let next = listing.more.then(|| self.next(path, filters, listing.last));
        Paged { items: listing.items, next, total: listing.total }
    }

    fn next(&self, path: &str, filters: &[(&str, &str)], last: Option<i32>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        match self.start {
            Start::Skip(count) => query.append_pair("skip", &(count + i64::from(self.limit)).to_string()),
            Start::After(_) => query.append_pair("after", &last.unwrap_or_default().to_string()),
        };
        query.append_pair("limit", &self.limit.to_string());
        if self.total {
            query.append_pair("total", "true");
        }
        query.extend_pairs(filters);
        format!("{path}?{}", query.finish())
    }
}

/// The objects of a page.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing<T> {
    items: Vec<T>,
    /// The id of the last one.
    last: Option<i32>,
    /// Whether there is a next page.
    more: bool,
    /// How many there are on all pages, when that was asked for.
    total: Option<i64>,
}

/// `skip`: 0 or more.
#[derive(Debug)]
struct Skip(i64);

/// `limit`: 1 to 1000.
#[derive(Debug)]
struct Limit(i32);

/// `after`: an id, or 0 for the first page.
#[derive(Debug)]
struct After(i32);

/// A parameter that is `true` or `false`, however it is cased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag(pub bool);

/// The schema of a parameter.
macro_rules! schemas {
    ($($name:ident => $schema:expr;)+) => {
        $(impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        })+
    };
}

schemas! {
    Skip => number("How many to leave out. To read far into a list, use `after`.", 0)
        .maximum(Some(MAX_SKIP))
        .default(Some(json!(0)));
    Limit => number("How many a page has at most.", 1).maximum(Some(MAX_LIMIT)).default(Some(json!(DEFAULT_LIMIT)));
    After => number("The id of the last one that you have: the page goes on after it, however far into the list.", 0)
        .maximum(Some(i32::MAX));
    Flag => ObjectBuilder::new().schema_type(Type::Boolean).default(Some(json!(false)));
}

fn number(description: &str, minimum: i32) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).description(Some(description)).minimum(Some(minimum))
}

/// Decimal digits, and nothing else.
fn digits<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

impl FromStr for Skip {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        digits(text)
            .filter(|count| *count <= MAX_SKIP)
            .map(Self)
            .ok_or("must be an integer of 0 or more, and not far more than there are ids")
    }
}

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        digits(text)
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .map(Self)
            .ok_or("must be an integer from 1 to 1000")
    }
}

impl FromStr for After {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        digits(text)
            .map(Self)
            .ok_or("must be an integer from 0 to 2147483647: the last id of the page before")
    }
}

impl FromStr for Flag {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_ascii_lowercase().parse().map(Self).map_err(|_| "must be true or false")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::judge;

    fn page(query: &str) -> Result<Page, Vec<String>> {
        judge::<PageQuery>(form_urlencoded::parse(query.as_bytes()))
            .map_err(|problem| problem.errors().iter().map(|it| it.pointer.clone()).collect())
    }

    #[test]
    fn parameters_have_their_limits() {
        assert_eq!(page(""), Ok(Page { start: Start::After(0), limit: 100, total: false }));
        assert_eq!(
            page("skip=0&limit=1000&total=True"),
            Ok(Page { start: Start::Skip(0), limit: 1000, total: true })
        );
        assert_eq!(page("after=7&limit=1").unwrap().start, Start::After(7));
        assert_eq!(page("after=7&skip=0").unwrap().start, Start::After(7));
        assert_eq!(
            page("skip=-1&limit=0&after=x&total=1").unwrap_err(),
            ["/skip", "/after", "/limit", "/total"]
        );
        for bad in
            ["skip=", "skip=1.0", "skip=99999999999999999999", "limit=1001", "after=2147483648", "total="]
        {
            assert_eq!(page(bad).unwrap_err().len(), 1, "{bad}");
        }
        assert_eq!(page("skip=1&after=7").unwrap_err(), ["/skip"]);
    }

    #[test]
    fn the_next_page_is_asked_for_in_the_same_way() {
        let filters = [("search", "a b&c")];
        let by_key = page("limit=2&after=5").unwrap();
        assert_eq!(by_key.next("/users/", &filters, Some(9)), "/users/?after=9&limit=2&search=a+b%26c");
        let by_count = page("limit=2&skip=4&total=true").unwrap();
        assert_eq!(by_count.next("/users/", &[], Some(9)), "/users/?skip=6&limit=2&total=true");
    }
}

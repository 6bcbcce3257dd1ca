//! Paginated lists: the parameters and the answer.

use std::str::FromStr;

use serde::Deserialize;
use serde_json::json;
use users_db::{Listing, Page, Start};
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

use crate::{Checks, Field, Input, Paged, Parsed};

/// The default of `limit`, in objects per page.
const DEFAULT_LIMIT: i32 = 100;
/// The maximum of `limit`, in objects per page.
pub(crate) const MAX_LIMIT: usize = 1000;
/// The maximum of `skip`. There are far fewer ids, and the sum of `skip` and `limit` cannot overflow.
const MAX_SKIP: i64 = i64::MAX / 2;
/// The parameters of a list whose ids have 32 bits.
pub type PageQuery = ListQuery<{ i32::MAX as i64 }>;

/// The parameters `skip`, `limit`, `after` and `total` of a list. `MAX_ID` is the largest possible id.
#[derive(Debug, Default, Deserialize)]
pub struct ListQuery<const MAX_ID: i64> {
    #[serde(default)]
    skip: Field<Parsed<Skip>>,
    #[serde(default)]
    limit: Field<Parsed<Limit>>,
    #[serde(default)]
    after: Field<Parsed<After<MAX_ID>>>,
    #[serde(default)]
    total: Field<Parsed<Flag>>,
}

impl<const MAX_ID: i64> Input for ListQuery<MAX_ID> {
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

impl<T> Paged<T> {
    /// Creates the answer with the objects of a page. Its link to the next page contains the parameters of this page and the
    /// filters.
    #[must_use]
    pub fn new(page: &Page, filters: &[(&str, &str)], listing: Listing<T>) -> Self {
        let next = listing.more.then(|| next(page, filters, listing.last));
        Self { items: listing.items, next, total: listing.total }
    }
}

/// The query of the next page.
fn next(page: &Page, filters: &[(&str, &str)], last: Option<i64>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    match page.start {
        Start::Skip(count) => query.append_pair("skip", &(count + i64::from(page.limit)).to_string()),
        Start::After(_) => query.append_pair("after", &last.unwrap_or_default().to_string()),
    };
    query.append_pair("limit", &page.limit.to_string());
    if page.total {
        query.append_pair("total", "true");
    }
    query.extend_pairs(filters);
    query.finish()
}

/// `skip`: 0 or more.
#[derive(Debug)]
struct Skip(i64);

/// `limit`: 1 to 1000.
#[derive(Debug)]
struct Limit(i32);

/// `after`: an id, or 0 for the first page.
#[derive(Debug)]
struct After<const MAX_ID: i64>(i64);

/// A parameter that is `true` or `false`, in any case.
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
    Skip => number("The number of objects to skip. To read far into a list, use `after`.", 0, KnownFormat::Int64)
        .maximum(Some(MAX_SKIP))
        .default(Some(json!(0)));
    Limit => number("The most objects that the page may have.", 1, KnownFormat::Int32).maximum(Some(MAX_LIMIT)).default(Some(json!(DEFAULT_LIMIT)));
    Flag => ObjectBuilder::new().schema_type(Type::Boolean).default(Some(json!(false)));
}

impl<const MAX_ID: i64> PartialSchema for After<MAX_ID> {
    fn schema() -> RefOr<Schema> {
        let description = "The id of the last object that you have. The page begins after it. A page far into the list costs no more than the first one.";
        let format = if MAX_ID > i64::from(i32::MAX) { KnownFormat::Int64 } else { KnownFormat::Int32 };
        number(description, 0, format).maximum(Some(MAX_ID)).into()
    }
}

fn number(description: &str, minimum: i32, format: KnownFormat) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(format)))
        .description(Some(description))
        .minimum(Some(minimum))
}

/// Parses decimal digits. Any other text gives `None`.
fn digits<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

impl FromStr for Skip {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        digits(text)
            .filter(|count| *count <= MAX_SKIP)
            .map(Self)
            .ok_or("must be an integer from 0 to 4611686018427387903")
    }
}

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        digits(text)
            .filter(|limit| (1..=MAX_LIMIT).contains(&usize::try_from(*limit).unwrap_or_default()))
            .map(Self)
            .ok_or("must be an integer from 1 to 1000")
    }
}

impl<const MAX_ID: i64> FromStr for After<MAX_ID> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        digits(text)
            .filter(|id| *id <= MAX_ID)
            .map(Self)
            .ok_or_else(|| format!("must be an integer from 0 to {MAX_ID}: the last id of the page before"))
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
    use crate::input::validate_form;

    fn page(query: &str) -> Result<Page, Vec<String>> {
        validate_form::<PageQuery>(form_urlencoded::parse(query.as_bytes()))
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
    fn the_link_to_the_next_page_keeps_the_parameters() {
        let filters = [("search", "a b&c")];
        let by_key = page("limit=2&after=5").unwrap();
        assert_eq!(next(&by_key, &filters, Some(9)), "after=9&limit=2&search=a+b%26c");
        let by_count = page("limit=2&skip=4&total=true").unwrap();
        assert_eq!(next(&by_count, &[], Some(9)), "skip=6&limit=2&total=true");
    }

    #[test]
    fn a_list_may_have_ids_of_64_bits() {
        let page =
            validate_form::<ListQuery<{ i64::MAX }>>([("after".into(), "2147483648".into())].into_iter());
        assert_eq!(page.ok().map(|page| page.start), Some(Start::After(2_147_483_648)));
    }
}

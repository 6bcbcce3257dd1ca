//! The filter of a list of accounts.

use users_core::AccountKind;

use crate::api::with_query;
use crate::browser::Fields;

/// The accounts that the reader is looking for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    /// The text that the address or the name contains; empty for all accounts.
    pub(crate) search: String,
    pub(crate) active_only: bool,
    /// `None` for both kinds.
    pub(crate) kind: Option<AccountKind>,
    /// The number of the last account of the page before; 0 for the first page.
    pub(crate) after: i32,
}

impl Filter {
    /// Reads a query. Parameters that make no sense are ignored, so that an old bookmark still opens the list.
    pub(crate) fn of(query: &Fields) -> Self {
        Self {
            search: query.value("search").trim().to_owned(),
            active_only: query.value("active_only") == "true",
            kind: query.value("kind").parse().ok(),
            after: query.value("after").parse().ok().filter(|after| *after > 0).unwrap_or_default(),
        }
    }

    /// The address of these accounts under a path, beginning after this account. The parameters have the API's names. `limit` is empty
    /// for a page of ours.
    pub(crate) fn address(&self, path: &str, after: i32, limit: &str) -> String {
        let after = if after > 0 { after.to_string() } else { String::new() };
        let pairs = [
            ("search", self.search.as_str()),
            ("active_only", if self.active_only { "true" } else { "" }),
            ("kind", self.kind.map_or("", AccountKind::as_str)),
            ("after", &after),
            ("limit", limit),
        ];
        with_query(path, &pairs)
    }

    /// The address of the same part of the same list.
    pub(crate) fn same(&self, path: &str) -> String {
        self.address(path, self.after, "")
    }

    /// True if every account is listed.
    pub(crate) fn is_empty(&self) -> bool {
        self.search.is_empty() && !self.active_only && self.kind.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Filter {
        Filter::of(&Fields::parse(query.as_bytes()))
    }

    #[test]
    fn a_filter_is_written_as_it_was_read() {
        let query = "search=a+b%26c&active_only=true&kind=service&after=7";
        let filter = of(query);
        assert_eq!(filter.search, "a b&c");
        assert_eq!(filter.same("/x"), format!("/x?{query}"));
        assert_eq!(filter.address("/x", 0, "26"), "/x?search=a+b%26c&active_only=true&kind=service&limit=26");
        assert!(!filter.is_empty());
    }

    #[test]
    fn what_is_no_filter_counts_as_none() {
        for query in ["", "search=++", "active_only=yes", "kind=robot", "after=-1", "after=x", "page=2"] {
            let filter = of(query);
            assert_eq!(filter, Filter::default(), "{query}");
            assert!(filter.is_empty());
            assert_eq!(filter.same("/x"), "/x");
        }
    }
}

//! `GET /users/`: the accounts, page by page.

use serde::Deserialize;
use users_core::{AccountKind, Search, User};
use users_db::Page;
use users_web::{About, Checks, Database, Field, Flag, Input, PageQuery, Paged, Parsed, Problem, QueryInput};

use crate::store::{self, Filter};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Query {
    search: Field<Parsed<Search>>,
    active_only: Field<Parsed<Flag>>,
    kind: Field<Parsed<AccountKind>>,
    #[serde(flatten)]
    page: PageQuery,
}

pub(crate) struct Accepted {
    search: Option<Search>,
    filter: Filter,
    page: Page,
}

impl Input for Query {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks) -> Option<Accepted> {
        let page = self.page.check(checks);
        let search = checks.optional("/search", self.search);
        let active_only = checks.optional("/active_only", self.active_only);
        let kind = checks.optional("/kind", self.kind);
        Some(Accepted {
            // Every text contains the empty text.
            search: search?.map(|Parsed(search)| search).filter(|search| !search.as_str().is_empty()),
            filter: Filter {
                active_only: active_only?.is_some_and(|Parsed(Flag(active_only))| active_only),
                kind: kind?.map(|Parsed(kind)| kind),
            },
            page: page?,
        })
    }
}

pub(crate) fn about() -> About {
    About::new("listUsers", "List accounts", "The accounts, in the order of their ids.").text(
        "`after` pages by id, at the same cost however far into the list; it cannot be combined with `skip`.",
    )
}

/// 200 with the page, in the order of ids; see [`Paged`] for its headers.
pub(crate) async fn handle(
    Database(db): Database,
    QueryInput(accepted): QueryInput<Query>,
) -> Result<Paged<User>, Problem> {
    let Accepted { search, filter, page } = accepted;
    let listing = match &search {
        None => store::page(&db, &page, filter).await?,
        Some(search) => store::search(&db, &page, filter, search).await?,
    };
    let mut filters = Vec::new();
    if let Some(search) = &search {
        filters.push(("search", search.as_str()));
    }
    if filter.active_only {
        filters.push(("active_only", "true"));
    }
    if let Some(kind) = filter.kind {
        filters.push(("kind", kind.as_str()));
    }
    Ok(Paged::new(&page, &filters, listing))
}

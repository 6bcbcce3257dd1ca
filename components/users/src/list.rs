//! `GET /users/`: the accounts, page by page.

use serde::Deserialize;
use users_core::{Search, User};
use users_db::Page;
use users_web::{About, Checks, Database, Field, Flag, Input, PageQuery, Paged, Parsed, Problem, QueryInput};

use crate::store;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Query {
    search: Field<Parsed<Search>>,
    active_only: Field<Parsed<Flag>>,
    #[serde(flatten)]
    page: PageQuery,
}

pub(crate) struct Accepted {
    search: Option<Search>,
    active_only: bool,
    page: Page,
}

impl Input for Query {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks) -> Option<Accepted> {
        let page = self.page.check(checks);
        let search = checks.optional("/search", self.search);
        let active_only = checks.optional("/active_only", self.active_only);
        Some(Accepted {
            // Every text contains the empty text.
            search: search?.map(|Parsed(search)| search).filter(|search| !search.as_str().is_empty()),
            active_only: active_only?.is_some_and(|Parsed(Flag(active_only))| active_only),
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
    let Accepted { search, active_only, page } = accepted;
    let listing = match &search {
        None => store::page(&db, &page, active_only).await?,
        Some(search) => store::search(&db, &page, active_only, search).await?,
    };
    let mut filters = Vec::new();
    if let Some(search) = &search {
        filters.push(("search", search.as_str()));
    }
    if active_only {
        filters.push(("active_only", "true"));
    }
    Ok(Paged::new(&page, &filters, listing))
}

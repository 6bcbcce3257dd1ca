//! `GET /rbac/users`: lists the accounts with their roles page by page.

use serde::Deserialize;
use users_core::{RoleId, UserWithRoles};
use users_db::Page;
use users_web::{About, Checks, Database, Field, Input, PageQuery, Paged, Parsed, Problem, QueryInput};

use crate::store::grants;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Query {
    role_id: Field<Parsed<RoleId>>,
    #[serde(flatten)]
    page: PageQuery,
}

impl Input for Query {
    type Accepted = (Option<RoleId>, Page);

    fn check(self, checks: &mut Checks) -> Option<Self::Accepted> {
        let page = self.page.check(checks);
        let role = checks.optional("/role_id", self.role_id);
        Some((role?.map(|Parsed(role)| role), page?))
    }
}

pub(crate) fn about() -> About {
    About::new(
        "listUsersWithRoles",
        "List accounts with their roles",
        "The accounts, in the order of their ids.",
    )
    .text("With `role_id`, only the accounts that have this role; none when there is no such role.")
}

/// 200 with the page, sorted by id.
pub(crate) async fn handle(
    Database(db): Database,
    QueryInput((role, page)): QueryInput<Query>,
) -> Result<Paged<UserWithRoles>, Problem> {
    let Some(role) = role else { return Ok(Paged::new(&page, &[], grants::users(&db, &page).await?)) };
    let listing = grants::holders(&db, &page, role).await?;
    Ok(Paged::new(&page, &[("role_id", &role.to_string())], listing))
}

//! `GET /rbac/roles`: lists the roles with their permissions page by page.

use users_core::Role;
use users_web::{About, Database, PageQuery, Paged, Problem, QueryInput};

use crate::store::roles;

pub(crate) fn about() -> About {
    About::new("listRoles", "List roles", "The roles, in the order of their ids.")
}

/// 200 with the page, sorted by id.
pub(crate) async fn handle(
    Database(db): Database,
    QueryInput(page): QueryInput<PageQuery>,
) -> Result<Paged<Role>, Problem> {
    let listing = roles::page(&db, &page).await?;
    Ok(Paged::new(&page, &[], listing))
}

//! `GET /rbac/roles`: the roles with their permissions, page by page.

use users_core::Role;
use users_web::{Database, PageQuery, Paged, Problem, QueryInput};

use crate::store::roles;

/// 200 with the page, in the order of ids.
pub(crate) async fn handle(
    Database(db): Database,
    QueryInput(page): QueryInput<PageQuery>,
) -> Result<Paged<Role>, Problem> {
    let listing = roles::page(&db, &page).await?;
    Ok(page.answer("/rbac/roles", &[], listing))
}

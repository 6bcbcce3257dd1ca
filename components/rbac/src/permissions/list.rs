//! `GET /rbac/permissions`: lists the permissions page by page.

use users_core::Permission;
use users_web::{About, Database, PageQuery, Paged, Problem, QueryInput};

use crate::store::permissions;

pub(crate) fn about() -> About {
    About::new("listPermissions", "List permissions", "The permissions, in the order of their ids.")
}

/// 200 with the page, sorted by id.
pub(crate) async fn handle(
    Database(db): Database,
    QueryInput(page): QueryInput<PageQuery>,
) -> Result<Paged<Permission>, Problem> {
    let listing = permissions::page(&db, &page).await?;
    Ok(Paged::new(&page, &[], listing))
}

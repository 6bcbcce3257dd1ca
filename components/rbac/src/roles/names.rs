//! `GET /rbac/role-names`: lists the names of the roles page by page.

use users_core::RoleLabel;
use users_web::{About, Database, PageQuery, Paged, Problem, QueryInput};

use crate::store::roles;

pub(crate) fn about() -> About {
    About::new("listRoleNames", "List the names of roles", "The roles, in the order of their ids.").text(
        "For a list to choose a role from: `GET /rbac/roles` also returns all permissions of each role.",
    )
}

/// 200 with the page, sorted by id.
pub(crate) async fn handle(
    Database(db): Database,
    QueryInput(page): QueryInput<PageQuery>,
) -> Result<Paged<RoleLabel>, Problem> {
    let listing = roles::names(&db, &page).await?;
    Ok(Paged::new(&page, &[], listing))
}

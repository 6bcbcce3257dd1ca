//! `GET /rbac/users`: lists the accounts with their roles page by page.

use users_core::UserWithRoles;
use users_web::{About, Database, PageQuery, Paged, Problem, QueryInput};

use crate::store::grants;

pub(crate) fn about() -> About {
    About::new(
        "listUsersWithRoles",
        "List accounts with their roles",
        "The accounts, in the order of their ids.",
    )
}

/// 200 with the page, sorted by id.
pub(crate) async fn handle(
    Database(db): Database,
    QueryInput(page): QueryInput<PageQuery>,
) -> Result<Paged<UserWithRoles>, Problem> {
    let listing = grants::users(&db, &page).await?;
    Ok(Paged::new(&page, &[], listing))
}

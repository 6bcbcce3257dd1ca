//! `GET /rbac/users`: the accounts with their roles, page by page.

use users_web::{Database, PageQuery, Paged, Problem, QueryInput};

use crate::store::grants::{self, UserWithRoles};

/// 200 with the page, in the order of ids.
pub(crate) async fn handle(
    Database(db): Database,
    QueryInput(page): QueryInput<PageQuery>,
) -> Result<Paged<UserWithRoles>, Problem> {
    let listing = grants::users(&db, &page).await?;
    Ok(page.answer("/rbac/users", &[], listing))
}

//! `GET /rbac/users`: the accounts with their roles, page by page.

use users_web::{Database, PageQuery, Problem, QueryInput, Response};

use crate::store::grants;

/// 200 with the page, in the order of ids.
pub(crate) async fn handle(
    Database(db): Database,
    QueryInput(page): QueryInput<PageQuery>,
) -> Result<Response, Problem> {
    let listing = grants::users(&db, &page).await?;
    page.answer("/rbac/users", &[], listing)
}

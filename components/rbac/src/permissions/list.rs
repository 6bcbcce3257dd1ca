//! `GET /rbac/permissions`: the permissions, page by page.

use users_web::{Database, PageQuery, Problem, QueryInput, Response};

use crate::store::permissions;

/// 200 with the page, in the order of ids.
pub(crate) async fn handle(
    Database(db): Database,
    QueryInput(page): QueryInput<PageQuery>,
) -> Result<Response, Problem> {
    let listing = permissions::page(&db, &page).await?;
    page.answer("/rbac/permissions", &[], listing)
}

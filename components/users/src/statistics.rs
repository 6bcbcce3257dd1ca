//! `GET /users/statistics`: figures about the whole service.

use users_core::Statistics;
use users_web::{About, Database, Json, Problem};

use crate::store::statistics;

pub(crate) fn about() -> About {
    About::new("getStatistics", "Statistics", "The figures.").text(
        "The numbers of accounts and sessions, the oldest e-mail that waits, and the logins of the last 24 hours. All figures belong to \
         the same moment.",
    )
}

/// 200 with the figures.
pub(crate) async fn handle(Database(db): Database) -> Result<Json<Statistics>, Problem> {
    Ok(Json(statistics::read(&db).await?))
}

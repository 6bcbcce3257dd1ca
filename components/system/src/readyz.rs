//! `GET /readyz`: readiness.

use serde::Serialize;
use users_web::{About, Code, Context, Database, Extension, Json, Problem, State};
use utoipa::ToSchema;

use crate::{App, store};

/// The numbers of the migrations in the repository of this build.
const NEEDED: &[i64] = include!(concat!(env!("OUT_DIR"), "/needed_migrations.rs"));

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    status: &'static str,
}

pub(crate) fn about() -> About {
    About::new("getReadiness", "Readiness", "The service can answer requests.")
        .text("Postgres answers, and this build can use its schema.")
        .problems([Code::DATABASE_UNAVAILABLE])
}

/// 200 when Postgres answers and has every migration that this build needs, else 503. Newer migrations do no harm: they work with
/// this build (docs/ARCHITECTURE.md#invariants, 9).
pub(crate) async fn handle(
    State(app): State<App>,
    Extension(context): Extension<Context>,
) -> Result<Json<Readiness>, Problem> {
    let not_ready = || Problem::new(Code::DATABASE_UNAVAILABLE).with_detail("db not ready");
    let Database(db) = Database::of(app.db().map_err(|cause| not_ready().because(cause))?, &context);
    let applied = store::applied_migrations(&db).await.map_err(|error| not_ready().because(error))?;
    let missing: Vec<_> = NEEDED.iter().filter(|needed| !applied.contains(needed)).collect();
    if missing.is_empty() {
        Ok(Json(Readiness { status: "ready" }))
    } else {
        Err(not_ready()
            .because(format!("these migrations are missing: {missing:?}; run `usersctl migrate upgrade`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_of_the_repository_are_needed() {
        assert!(NEEDED.starts_with(&[1, 2]));
        assert!(NEEDED.is_sorted());
    }
}

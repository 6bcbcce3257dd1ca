//! `GET /readyz`: readiness.

use serde::Serialize;
use users_web::openapi::constant;
use users_web::{About, Code, Context, Database, Extension, Json, Problem, State};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use crate::{App, store};

/// The numbers of the migrations in the repository of this build.
const NEEDED: &[i64] = include!(concat!(env!("OUT_DIR"), "/needed_migrations.rs"));

/// The only encoding that can store every text that the API accepts.
const UTF8: &str = "UTF8";

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    #[schema(schema_with = status)]
    status: &'static str,
}

fn status() -> Object {
    constant("ready")
}

pub(crate) fn about() -> About {
    About::new("getReadiness", "Readiness", "The service can answer requests.")
        .text("Postgres answers, accepts changes, and this build can use its schema.")
        .problems([Code::DATABASE_UNAVAILABLE])
}

/// 200 when Postgres answers, stores UTF-8, accepts changes and has every migration that this build needs, else 503. Newer migrations
/// are allowed: they work with this build (docs/ARCHITECTURE.md#invariants, 9).
pub(crate) async fn handle(
    State(app): State<App>,
    Extension(context): Extension<Context>,
) -> Result<Json<Readiness>, Problem> {
    let not_ready = || Problem::new(Code::DATABASE_UNAVAILABLE).with_detail("db not ready");
    let Database(db) = Database::of(app.db().map_err(|cause| not_ready().because(cause))?, &context);
    let state = store::database(&db).await.map_err(|error| not_ready().because(error))?;
    match obstacle(&state) {
        None => Ok(Json(Readiness { status: "ready" })),
        Some(cause) => Err(not_ready().because(cause)),
    }
}

/// The reason, for the log, why this build cannot use the database.
fn obstacle(state: &store::Database) -> Option<String> {
    let missing: Vec<_> = NEEDED.iter().filter(|needed| !state.applied.contains(needed)).collect();
    if state.encoding != UTF8 {
        Some(format!(
            "the database has the encoding {}, in which most texts cannot be stored; create another one with \
             CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8', and name that one",
            state.encoding
        ))
    } else if !missing.is_empty() {
        Some(format!("these migrations are missing: {missing:?}; run `usersctl migrate upgrade`"))
    } else if state.is_standby {
        Some("the database is read-only: db_host names a standby; name the primary".to_owned())
    } else if state.is_read_only {
        Some("the database is read-only: default_transaction_read_only is on".to_owned())
    } else {
        None
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

    #[test]
    fn the_log_says_why_the_database_cannot_be_used() {
        let state = |applied: &[i64], is_standby, is_read_only| {
            let encoding = UTF8.to_owned();
            obstacle(&store::Database { encoding, applied: applied.to_vec(), is_standby, is_read_only })
        };
        let latin = store::Database {
            encoding: "LATIN1".to_owned(),
            applied: Vec::new(),
            is_standby: false,
            is_read_only: false,
        };
        assert!(obstacle(&latin).unwrap().contains("ENCODING 'UTF8'"));
        assert_eq!(state(NEEDED, false, false), None);
        assert!(state(NEEDED, true, true).unwrap().contains("standby"));
        assert!(state(NEEDED, false, true).unwrap().contains("default_transaction_read_only"));
        assert!(state(&[1], false, false).unwrap().contains("migrate upgrade"));
    }
}

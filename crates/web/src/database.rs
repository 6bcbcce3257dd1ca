//! The database, as a request uses it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use users_db::Db;

use crate::Context;
use crate::log::QueryLog;

/// Extracts the database from the state of a component; statements are logged under the request's id when the component
/// logs statements.
#[derive(Debug, Clone)]
pub struct Database(pub Db);

impl Database {
    /// The database, as the request with this context uses it.
    #[must_use]
    pub fn of(db: &Db, context: &Context) -> Self {
        if db.logs_queries() {
            Self(db.observed_by(Arc::new(QueryLog(context.clone()))))
        } else {
            Self(db.clone())
        }
    }
}

impl<S: AsRef<Db> + Sync> FromRequestParts<S> for Database {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(match parts.extensions.get::<Context>() {
            Some(context) => Self::of(state.as_ref(), context),
            None => Self(state.as_ref().clone()),
        })
    }
}

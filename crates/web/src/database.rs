//! The database for the statements of one request.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use users_db::Db;

use crate::Context;
use crate::log::QueryLog;

/// Extracts the database from the state of a component. If the component logs statements, they are logged with the request's id.
#[derive(Debug, Clone)]
pub struct Database(pub Db);

impl Database {
    /// The database for the request with this context.
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

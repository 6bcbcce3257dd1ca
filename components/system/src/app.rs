//! The state that the handlers share.

use users_db::Db;
use users_web::{Problem, Variables, read_db};

/// The state of the component. Nothing in it belongs to a request.
#[derive(Debug, Clone)]
pub struct App {
    db: Result<Db, String>,
}

impl App {
    /// Builds the state from the component's variables. With invalid variables, the service is not ready and logs the reason. Routes
    /// that need no database work nevertheless.
    ///
    /// # Errors
    /// Never.
    pub async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        let db = read_db(variables).await;
        Ok(Self {
            db: db.map_err(|problem| problem.cause().unwrap_or("the settings cannot be used").to_owned()),
        })
    }

    /// The database, or the reason why it cannot be used, for the log.
    pub(crate) fn db(&self) -> Result<&Db, &str> {
        self.db.as_ref().map_err(String::as_str)
    }
}

//! What the handlers share.

use users_db::{Db, DbSettings};
use users_web::Problem;

/// The state of the component: nothing in it belongs to a request.
#[derive(Debug, Clone)]
pub struct App {
    db: Result<Db, String>,
}

impl App {
    /// The state for this database. Settings that cannot be used are kept as the reason why the service is not ready:
    /// what needs no database works without them.
    #[must_use]
    pub fn new(settings: Result<DbSettings, Problem>) -> Self {
        let db = settings.and_then(|settings| Ok(Db::new(&settings)?));
        Self { db: db.map_err(|problem| problem.cause().unwrap_or("the settings cannot be used").to_owned()) }
    }

    /// The database, or why there is none, for the log.
    pub(crate) fn db(&self) -> Result<&Db, &str> {
        self.db.as_ref().map_err(String::as_str)
    }
}

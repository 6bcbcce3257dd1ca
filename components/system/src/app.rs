//! What the handlers share.

use users_db::{Db, DbSettings};
use users_web::Problem;

/// The state of the component: nothing in it belongs to a request.
#[derive(Debug, Clone)]
pub struct App {
    db: Db,
}

impl App {
    /// The state for this database.
    ///
    /// # Errors
    /// A problem whose cause tells what is wrong with the settings.
    pub fn new(settings: &DbSettings) -> Result<Self, Problem> {
        Ok(Self {
            db: Db::new(settings)?,
        })
    }
}

impl AsRef<Db> for App {
    fn as_ref(&self) -> &Db {
        &self.db
    }
}

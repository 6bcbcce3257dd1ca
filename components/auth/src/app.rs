//! What the handlers share.

use std::sync::Arc;

use users_core::Random;
use users_crypto::{AccessTokens, OsRandom, PasswordHasher};
use users_db::Db;
use users_web::{Guard, Problem, Settings};

/// The state of the component: nothing in it belongs to a request.
#[derive(Clone)]
pub struct App {
    guard: Guard,
    hasher: Arc<PasswordHasher>,
    random: Arc<dyn Random>,
}

impl App {
    /// The state for these settings, with what hashes passwords.
    ///
    /// # Errors
    /// A problem whose cause tells which setting cannot be used.
    pub fn new(settings: &Settings, hasher: PasswordHasher) -> Result<Self, Problem> {
        Ok(Self { guard: Guard::new(settings)?, hasher: Arc::new(hasher), random: Arc::new(OsRandom) })
    }

    pub(crate) fn tokens(&self) -> &AccessTokens {
        &self.guard.tokens
    }

    pub(crate) fn hasher(&self) -> &PasswordHasher {
        &self.hasher
    }

    pub(crate) fn random(&self) -> &dyn Random {
        self.random.as_ref()
    }
}

impl AsRef<Db> for App {
    fn as_ref(&self) -> &Db {
        &self.guard.db
    }
}

impl AsRef<Guard> for App {
    fn as_ref(&self) -> &Guard {
        &self.guard
    }
}

//! The state that the handlers share.

use std::sync::Arc;

use users_core::Random;
use users_crypto::{OsRandom, PasswordHasher};
use users_db::Db;
use users_guard::{Guard, Passwords, password_hasher};
use users_web::{Problem, Variables};

/// The state of the component. Nothing in it belongs to a request.
#[derive(Clone)]
pub struct App {
    guard: Guard,
    hasher: Arc<PasswordHasher>,
    passwords: Passwords,
    random: Arc<dyn Random>,
}

impl App {
    /// The state that the component's variables describe.
    ///
    /// # Errors
    /// A defect of the deployment, as a problem whose cause names the variable.
    pub async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        Ok(Self {
            guard: Guard::read(variables).await?,
            hasher: Arc::new(password_hasher()),
            passwords: Passwords::read(variables).await?,
            random: Arc::new(OsRandom),
        })
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

impl AsRef<Passwords> for App {
    fn as_ref(&self) -> &Passwords {
        &self.passwords
    }
}

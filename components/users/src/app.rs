//! The state that the handlers share.

use std::sync::Arc;

use users_core::{HashSlots, Random};
use users_crypto::{OsRandom, PasswordHasher};
use users_db::Db;
use users_guard::{Guard, HashSlotRequest, Passwords, password_hasher, read_hash_slots};
use users_web::{Problem, Variables};

/// The state of the component. Nothing in it belongs to a request.
#[derive(Clone)]
pub struct App {
    guard: Guard,
    hasher: Arc<PasswordHasher>,
    passwords: Passwords,
    hash_slots: HashSlots,
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
            hash_slots: read_hash_slots(variables).await?,
            random: Arc::new(OsRandom),
        })
    }

    pub(crate) fn hasher(&self) -> &PasswordHasher {
        &self.hasher
    }

    /// A request for a slot, without which no password is hashed.
    pub(crate) fn hash_slot(&self) -> HashSlotRequest {
        HashSlotRequest::new(self.hash_slots, self.random())
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

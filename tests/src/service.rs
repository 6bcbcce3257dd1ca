//! A running service.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::builder::Manifest;
use crate::database::Disposable;
use crate::{Account, Builder, Front, Host, Logs, TestDatabase};
use local_postgres::Cluster;

/// The secret that the service signs with, unless a test chooses another.
pub const JWT_SECRET: &str = "a secret of the tests, which nobody else uses";

/// A host of the test's own with a database of its own. Dropping it stops the one and removes the other.
#[derive(Debug)]
pub struct Service {
    // In the order in which they go.
    front: Front,
    host: Host,
    _manifest: Option<Manifest>,
    database: Disposable,
    cluster: Option<Mutex<Cluster>>,
}

impl Service {
    /// Starts a service as it is in production, with the newest schema.
    ///
    /// # Panics
    /// When it does not come to serve.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// For a service that differs from the usual one.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(
        host: Host,
        manifest: Option<Manifest>,
        database: Disposable,
        cluster: Option<Cluster>,
    ) -> Self {
        let is_ours = manifest.as_ref().is_none_or(|manifest| manifest.is_ours);
        let front = Front::new(host.address(), is_ours);
        Self { front, host, _manifest: manifest, database, cluster: cluster.map(Mutex::new) }
    }

    /// Registers an account with [`PASSWORD`], marks it as an administrator's and logs in.
    ///
    /// # Panics
    /// When the service refuses.
    pub async fn administrator(&self, email: &str) -> Account {
        let account = self.account(email).await;
        self.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", account.id)).await;
        account
    }

    /// What it has logged.
    #[must_use]
    pub fn logs(&self) -> &Logs {
        self.host.logs()
    }

    /// Its database.
    #[must_use]
    pub fn database(&self) -> &TestDatabase {
        &self.database.0
    }

    /// A superuser's connection to its database.
    pub async fn db(&self) -> tokio_postgres::Client {
        self.database().connect().await
    }

    /// Runs statements on its database as a superuser; see [`TestDatabase::sql`].
    pub async fn sql(&self, statements: &str) -> Vec<String> {
        self.database().sql(statements).await
    }

    /// Its own Postgres, to be killed and started again.
    ///
    /// # Panics
    /// When it was not built with one.
    pub fn postgres(&self) -> MutexGuard<'_, Cluster> {
        let cluster = self.cluster.as_ref().expect("the service was built with `own_postgres`");
        cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client that is somebody else on the network.
    ///
    /// # Panics
    /// When the address is none of this machine's.
    #[must_use]
    pub fn from_address(mut self, address: [u8; 4]) -> Self {
        self.front.use_address(address);
        self
    }
}

/// Whatever one can ask of the service.
impl std::ops::Deref for Service {
    type Target = Front;

    fn deref(&self) -> &Front {
        &self.front
    }
}

/// A failed test shows what the service had to say.
impl Drop for Service {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the service's log:\n{}\n", self.logs().tail(40));
        }
    }
}

//! A running service.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::builder::{Manifest, write_manifest};
use crate::token::{self, Key};
use crate::{Account, Builder, Front, Host, Logs, TestDatabase, environment};
use local_postgres::Cluster;

/// The secret that seals signing keys, unless a test sets another one.
pub const KEY_SECRET: &str = "a secret of keys that only the tests use";

/// A signing secret of the release before, for tests that set `jwt_secret` or `jwt_secret_previous`.
pub const JWT_SECRET: &str = "a signing secret that only the tests use";

/// The secret of the limits, unless a test sets another one.
pub const LIMIT_SECRET: &str = "a secret of limits that only the tests use";

/// The application name of the service's connections in `pg_stat_activity`.
pub const APPLICATION: &str = "users";

/// A host with its own database. Dropping the value stops the host and drops the database.
#[derive(Debug)]
pub struct Service {
    // The fields are in the order in which they are dropped.
    front: Front,
    host: Host,
    _manifest: Option<Manifest>,
    database: TestDatabase,
    cluster: Option<Mutex<Cluster>>,
    variables: BTreeMap<String, String>,
}

impl Service {
    /// Starts a service with the settings of production and the newest schema.
    ///
    /// # Panics
    /// When the service does not start.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Creates a service with special settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(
        host: Host,
        manifest: Option<Manifest>,
        database: TestDatabase,
        cluster: Option<Cluster>,
        variables: BTreeMap<String, String>,
    ) -> Self {
        let is_documented = manifest.as_ref().is_none_or(|manifest| manifest.is_documented);
        let front = Front::new(host.address(), is_documented);
        Self { front, host, _manifest: manifest, database, cluster: cluster.map(Mutex::new), variables }
    }

    /// Starts another replica of the service, with the same variables and the same database, and these arguments of the host.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn replica(&self, arguments: &[&str]) -> Host {
        let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        Host::start(&environment().manifest, &self.variables, &arguments)
            .unwrap_or_else(|log| panic!("expected the replica to serve; its log:\n{log}"))
    }

    /// Starts another replica of the service on the same database, on which these variables have other values.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn replica_with(&self, others: &[(&str, &str)]) -> Host {
        let mut variables = self.variables.clone();
        variables.extend(others.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Host::start(&environment().manifest, &variables, &[])
            .unwrap_or_else(|log| panic!("expected the replica to serve; its log:\n{log}"))
    }

    /// Starts a host with another manifest beside the service, with the same variables and the same database.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn beside(&self, manifest: &str) -> Neighbour {
        let manifest = write_manifest(manifest);
        let host = Host::start(&manifest.path(), &self.variables, &[])
            .unwrap_or_else(|log| panic!("expected the host to serve; its log:\n{log}"));
        Neighbour { front: Front::new(host.address(), false), _host: host, _manifest: manifest }
    }

    /// Registers an account with [`PASSWORD`](crate::PASSWORD), makes it an administrator, and logs in.
    ///
    /// # Panics
    /// When the service refuses a request.
    pub async fn administrator(&self, email: &str) -> Account {
        let account = self.account(email).await;
        self.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", account.id)).await;
        account
    }

    /// Adds a key that verifies tokens, so that a test can sign them. It is so old that it signs none of the service's.
    pub async fn knows(&self, key: &Key) {
        self.knows_public(&key.public()).await;
    }

    /// Adds a public key, which may be none. See [`Self::knows`].
    pub async fn knows_public(&self, octets: &[u8; 32]) {
        let public: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        let insert = format!(
            "INSERT INTO signing_keys (kid, public_key, signs_from) VALUES ('{}', decode('{public}', 'hex'), 'epoch')",
            token::thumbprint(octets)
        );
        self.sql(&insert).await;
    }

    /// The log of the service.
    #[must_use]
    pub fn logs(&self) -> &Logs {
        self.host.logs()
    }

    /// The database of the service.
    #[must_use]
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Connects to the service's database as the superuser.
    pub async fn db(&self) -> tokio_postgres::Client {
        self.database().connect().await
    }

    /// Runs statements on the service's database as the superuser; see [`TestDatabase::sql`].
    pub async fn sql(&self, statements: &str) -> Vec<String> {
        self.database().sql(statements).await
    }

    /// The separate Postgres of the service.
    ///
    /// # Panics
    /// When the service has no separate Postgres.
    pub fn postgres(&self) -> MutexGuard<'_, Cluster> {
        let cluster = self.cluster.as_ref().expect("the service was built with `own_postgres`");
        cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects from another address of this machine.
    ///
    /// # Panics
    /// When the address does not belong to this machine.
    #[must_use]
    pub fn from_address(mut self, address: [u8; 4]) -> Self {
        self.front.use_address(address);
        self
    }
}

/// A host beside a service. Dropping the value stops it.
#[derive(Debug)]
pub struct Neighbour {
    /// Sends requests to the host.
    pub front: Front,
    _host: Host,
    _manifest: Manifest,
}

/// Gives access to the requests of the service.
impl std::ops::Deref for Service {
    type Target = Front;

    fn deref(&self) -> &Front {
        &self.front
    }
}

/// Prints the end of the log if the test fails.
impl Drop for Service {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the service's log:\n{}\n", self.logs().tail(40));
        }
    }
}

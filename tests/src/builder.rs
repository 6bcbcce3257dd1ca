//! Services with special settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use local_postgres::{Binaries, Cluster, Settings};
use tempfile::TempDir;
use test_database::Server;

use crate::host::{Host, free_address};
use crate::{KEY_SECRET, LIMIT_SECRET, Service, TestDatabase, environment};

/// The variables of the limits of attempts. All clients of the tests have one address, so most tests switch them off: `0`.
pub const LIMITS: [&str; 5] =
    ["limit_password_failures", "limit_logins", "limit_registrations", "limit_forgotten", "limit_codes"];

/// A manifest in its own directory.
#[derive(Debug)]
pub(crate) struct Manifest {
    dir: TempDir,
    /// True for the service, even with another policy. False for test components.
    pub(crate) is_documented: bool,
}

impl Manifest {
    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("spin.toml")
    }
}

/// The settings of a service.
#[derive(Debug, Default)]
#[must_use]
pub struct Builder {
    variables: BTreeMap<String, Option<String>>,
    arguments: Vec<String>,
    own_cluster: bool,
    with_limits: bool,
    one_role: bool,
    /// Options of `CREATE DATABASE` for an empty database.
    empty_database: Option<String>,
    manifest: Option<String>,
}

impl Builder {
    /// Sets a variable to another value.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), Some(value.to_owned()));
        self
    }

    /// Removes a variable.
    pub fn without(mut self, name: &str) -> Self {
        self.variables.insert(name.to_owned(), None);
        self
    }

    /// Keeps the limits of attempts that `spin.toml` has. Without this, there are none.
    pub fn with_limits(mut self) -> Self {
        self.with_limits = true;
        self
    }

    /// Lets all components use the role that owns the database. Without this, each has its own role, and no more rights than it needs.
    pub fn one_role_for_all(mut self) -> Self {
        self.one_role = true;
        self
    }

    /// Uses the address of a Postgres that does not run.
    pub fn without_postgres(self) -> Self {
        let address = free_address();
        let port = address.rsplit(':').next().unwrap_or_default().to_owned();
        self.variable("db_port", &port)
    }

    /// Uses an empty database.
    pub fn without_schema(self) -> Self {
        self.empty_database("")
    }

    /// Uses an empty database, created with these options of `CREATE DATABASE`, such as `LC_CTYPE 'C'`.
    pub fn empty_database(mut self, options: &str) -> Self {
        self.empty_database = Some(options.to_owned());
        self
    }

    /// Adds an argument for the host.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Uses a separate instance of the component for each request, as on several replicas. Requests that share an instance share a
    /// connection to Postgres, so their statements never overlap.
    pub fn one_request_per_instance(self) -> Self {
        self.argument("--max-instance-concurrent-reuse-count=1")
    }

    /// Serves at its `public_url`, for clients that know nothing but that.
    pub fn at_its_public_url(self) -> Self {
        let address = free_address();
        self.variable("public_url", &format!("http://{address}")).argument("--listen").argument(&address)
    }

    /// Serves at its `public_url`, whose host is `localhost`: browsers make passkeys for names, not for addresses.
    pub fn at_localhost(self) -> Self {
        let address = free_address();
        let port = address.rsplit(':').next().unwrap_or_default().to_owned();
        let url = format!("http://localhost:{port}");
        self.variable("public_url", &url).argument("--listen").argument(&address)
    }

    /// Starts a separate Postgres, which the test may kill.
    pub fn own_postgres(mut self) -> Self {
        self.own_cluster = true;
        self
    }

    /// Starts a separate Postgres. The service connects to its IPv6 address `::1`.
    pub fn own_postgres_on_ipv6(mut self) -> Self {
        self.own_cluster = true;
        self.variable("db_host", "[::1]")
    }

    /// Uses another manifest. Its paths are relative to the root of the repository.
    pub fn manifest(mut self, text: &str) -> Self {
        self.manifest = Some(text.to_owned());
        self
    }

    /// Starts the service.
    ///
    /// # Panics
    /// When the service does not start.
    pub async fn start(self) -> Service {
        self.try_start().await.unwrap_or_else(|log| panic!("expected the host to serve; its log:\n{log}"))
    }

    /// Starts the service.
    ///
    /// # Errors
    /// The log of the host, if the host ends instead.
    ///
    /// # Panics
    /// When Postgres cannot be started.
    pub async fn try_start(self) -> Result<Service, String> {
        let cluster = self.own_cluster.then(|| {
            let binaries = Binaries::find().expect("Postgres is installed");
            let mut settings = Settings::for_tests();
            // Postgres ignores addresses that this machine does not have.
            settings.extra.push(("listen_addresses".into(), "127.0.0.1,::1".into()));
            Cluster::temporary(&binaries, &settings).expect("a cluster can be made")
        });
        let url =
            cluster.as_ref().map_or_else(|| environment().database_url.clone(), |it| it.url("postgres"));
        let server = Server::new(&url, &environment().ctl);
        let database = match &self.empty_database {
            Some(options) => TestDatabase::empty_with(server, options).await,
            None => TestDatabase::migrated(server).await,
        };
        let mut variables: BTreeMap<String, String> = if self.one_role {
            database.variables().into_iter().collect()
        } else {
            database.component_variables().into_iter().collect()
        };
        variables.insert("key_secret".into(), KEY_SECRET.into());
        variables.insert("limit_secret".into(), LIMIT_SECRET.into());
        if !self.with_limits {
            variables.extend(LIMITS.map(|name| (name.into(), "0".into())));
        }
        variables.insert("log_queries".into(), "true".into());
        for (name, value) in self.variables {
            match value {
                Some(value) => variables.insert(name, value),
                None => variables.remove(&name),
            };
        }
        let manifest = self.manifest.map(|text| write_manifest(&text));
        let path = manifest.as_ref().map_or_else(|| environment().manifest.clone(), Manifest::path);
        let host = Host::start(&path, &variables, &self.arguments)?;
        Ok(Service::new(host, manifest, database, cluster, variables))
    }
}

/// Writes a manifest to its own directory. Makes the paths of its components absolute.
pub(crate) fn write_manifest(manifest: &str) -> Manifest {
    let dir = tempfile::tempdir().expect("there is room for a file");
    let root = environment().root().join("target").display().to_string();
    let text = manifest.replace("\"target/", &format!("\"{root}/"));
    std::fs::write(dir.path().join("spin.toml"), text).expect("there is room for a file");
    Manifest { dir, is_documented: manifest.contains("\nname = \"users\"\n") }
}

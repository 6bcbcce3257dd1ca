//! Services that differ from the usual one.

use std::collections::BTreeMap;

use local_postgres::{Binaries, Cluster, Settings};
use tempfile::TempDir;

use crate::database::Disposable;
use crate::host::{Host, free_address};
use crate::{JWT_SECRET, Service, TestDatabase, environment};

/// A manifest in a directory of its own.
#[derive(Debug)]
pub(crate) struct Manifest {
    dir: TempDir,
    /// Whether it is of the service, if with another policy, and not of components that are made for tests.
    pub(crate) is_ours: bool,
}

/// How a service is to be started.
#[derive(Debug, Default)]
#[must_use]
pub struct Builder {
    variables: BTreeMap<String, Option<String>>,
    arguments: Vec<String>,
    own_cluster: bool,
    no_schema: bool,
    manifest: Option<String>,
}

impl Builder {
    /// With a variable of the application set to something else.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), Some(value.to_owned()));
        self
    }

    /// Without a variable.
    pub fn without(mut self, name: &str) -> Self {
        self.variables.insert(name.to_owned(), None);
        self
    }

    /// With a Postgres that nobody listens for.
    pub fn without_postgres(self) -> Self {
        let address = free_address();
        let port = address.rsplit(':').next().unwrap_or_default().to_owned();
        self.variable("db_port", &port)
    }

    /// With an empty database.
    pub fn without_schema(mut self) -> Self {
        self.no_schema = true;
        self
    }

    /// With one more argument for the host.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// With a Postgres of its own, to be killed.
    pub fn own_postgres(mut self) -> Self {
        self.own_cluster = true;
        self
    }

    /// With another manifest; paths in it are relative to the repository's root.
    pub fn manifest(mut self, text: &str) -> Self {
        self.manifest = Some(text.to_owned());
        self
    }

    /// Starts the service.
    ///
    /// # Panics
    /// When it does not come to serve.
    pub async fn start(self) -> Service {
        self.try_start().await.unwrap_or_else(|said| panic!("expected the host to serve; it said:\n{said}"))
    }

    /// Starts the service.
    ///
    /// # Errors
    /// What the host said when it ended instead of serving.
    ///
    /// # Panics
    /// When there is no Postgres.
    pub async fn try_start(self) -> Result<Service, String> {
        let cluster = self.own_cluster.then(|| {
            let binaries = Binaries::find().expect("Postgres is installed");
            Cluster::temporary(&binaries, &Settings::for_tests()).expect("a cluster can be made")
        });
        let url =
            cluster.as_ref().map_or_else(|| environment().database_url.clone(), |it| it.url("postgres"));
        let database = Disposable(TestDatabase::create(&url, !self.no_schema).await);
        let mut variables: BTreeMap<String, String> = database.0.variables().into_iter().collect();
        variables.insert("jwt_secret".into(), JWT_SECRET.into());
        variables.insert("log_queries".into(), "true".into());
        for (name, value) in self.variables {
            match value {
                Some(value) => variables.insert(name, value),
                None => variables.remove(&name),
            };
        }
        let manifest = self.manifest.map(|text| elsewhere(&text));
        let path =
            manifest.as_ref().map_or(environment().manifest.clone(), |it| it.dir.path().join("spin.toml"));
        let host = Host::start(&path, &variables, &self.arguments)?;
        Ok(Service::new(host, manifest, database, cluster))
    }
}

/// Writes a manifest to a directory of its own; its components stay where they are.
fn elsewhere(manifest: &str) -> Manifest {
    let dir = tempfile::tempdir().expect("there is room for a file");
    let root = environment().root().join("target").display().to_string();
    let text = manifest.replace("\"target/", &format!("\"{root}/"));
    std::fs::write(dir.path().join("spin.toml"), text).expect("there is room for a file");
    Manifest { dir, is_ours: manifest.contains("\nname = \"users\"\n") }
}

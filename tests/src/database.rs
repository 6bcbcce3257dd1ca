//! A database per test, copied from a template that is migrated once per cluster.

use std::process::Command;

use local_postgres::random_hex;
use sha2::{Digest, Sha256};
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

use crate::environment;

/// The role that owns every test's database: an ordinary one, as in production.
pub const ROLE: &str = "users_tests";

/// The name under which the service connects, to find its connections in `pg_stat_activity`.
pub const APPLICATION: &str = "users";

/// The key of the lock under which the template is made, since several test programs may run at once.
const TEMPLATE_LOCK: i64 = 0x7573_6572_7474;

/// The database of one test.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    server: Config,
    name: String,
    role_password: String,
}

impl TestDatabase {
    /// Makes one on the server whose superuser's URL is given, with the newest schema or with none at all.
    pub(crate) async fn create(server_url: &str, with_schema: bool) -> Self {
        let server: Config = server_url.parse().expect("USERS_TEST_DATABASE_URL is a Postgres URL");
        // Quotes, spaces and backslashes are legal in a password; whoever builds a connection string must escape them.
        let role_password = format!("it's a \\ {}", hex(server.get_password().unwrap_or_default()));
        let name = format!("users_test_{}", random_hex(8).expect("the system gives random octets"));
        let database = Self { server, name, role_password };
        let template = if with_schema { database.template().await } else { "template0".into() };
        if !with_schema {
            database.make_role().await;
        }
        database.admin(&format!("CREATE DATABASE {} TEMPLATE {template} OWNER {ROLE}", database.name)).await;
        database
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The variables that lead the service, or `usersctl`, to it.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let host = match self.server.get_hosts() {
            [Host::Tcp(host), ..] => host.clone(),
            _ => "127.0.0.1".into(),
        };
        let port = self.server.get_ports().first().copied().unwrap_or(5432);
        [
            ("db_host", host),
            ("db_port", port.to_string()),
            ("db_name", self.name.clone()),
            ("db_user", ROLE.to_owned()),
            ("db_password", self.role_password.clone()),
            ("db_sslmode", "disable".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// A superuser's connection to it.
    ///
    /// # Panics
    /// When Postgres refuses it.
    pub async fn connect(&self) -> Client {
        self.connect_to(&self.name).await.expect("Postgres takes connections")
    }

    /// Runs statements as a superuser and returns their rows, each as text with `|` between its columns.
    ///
    /// # Panics
    /// When Postgres refuses them.
    pub async fn sql(&self, statements: &str) -> Vec<String> {
        rows(&self.connect().await, statements).await
    }

    /// Runs statements in the maintenance database: for what cannot be done from within the test's own.
    ///
    /// # Panics
    /// When Postgres refuses them.
    pub async fn admin(&self, statements: &str) -> Vec<String> {
        rows(&self.connect_to("postgres").await.expect("Postgres takes connections"), statements).await
    }

    /// Runs `usersctl` on it and returns what it printed.
    ///
    /// # Panics
    /// When it fails.
    #[must_use]
    pub fn usersctl(&self, arguments: &[&str]) -> String {
        let variables = self.variables();
        let said = Command::new(&environment().ctl)
            .args(arguments)
            .env_remove("DATABASE_URL")
            .envs(
                variables
                    .iter()
                    .map(|(name, value)| (format!("SPIN_VARIABLE_{}", name.to_uppercase()), value)),
            )
            .output()
            .expect("usersctl can be run");
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        assert!(said.status.success(), "usersctl {arguments:?}: {}", text(&said.stderr));
        text(&said.stdout)
    }

    /// Removes it, whoever is connected.
    fn drop_now(&self) {
        let this = self.clone();
        // A runtime cannot wait inside another one's thread.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", this.name);
            runtime.map(|runtime| runtime.block_on(this.admin(&statement)))
        });
        // Whether it worked is not what any test is about, and the cluster is a temporary one.
        let _ = dropping.join();
    }

    async fn connect_to(&self, name: &str) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = self.server.clone().dbname(name).connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    async fn make_role(&self) {
        let password = self.role_password.replace('\'', "''");
        self.admin(&format!(
            "SELECT pg_advisory_lock({TEMPLATE_LOCK});
             DO $do$ BEGIN
                 IF to_regrole('{ROLE}') IS NULL THEN CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'; END IF;
             END $do$"
        ))
        .await;
    }

    /// The name of a database with the newest schema. Its own name tells which migrations made it.
    async fn template(&self) -> String {
        let name = format!("users_template_{}", migrations_hash());
        let exists = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
        if !self.admin(&exists).await.is_empty() {
            return name;
        }
        self.make_role().await;
        let lock = self.connect_to("postgres").await.expect("Postgres takes connections");
        rows(&lock, &format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
        if rows(&lock, &exists).await.is_empty() {
            let unfinished = Self { name: format!("{name}_unfinished"), ..self.clone() };
            rows(&lock, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", unfinished.name)).await;
            rows(&lock, &format!("CREATE DATABASE {} TEMPLATE template0 OWNER {ROLE}", unfinished.name))
                .await;
            let _ = unfinished.usersctl(&["migrate", "upgrade"]);
            rows(&lock, &format!("ALTER DATABASE {} RENAME TO {name}", unfinished.name)).await;
        }
        name
    }
}

/// A database that goes with its value.
#[derive(Debug)]
pub(crate) struct Disposable(pub(crate) TestDatabase);

impl Drop for Disposable {
    fn drop(&mut self) {
        self.0.drop_now();
    }
}

async fn rows(client: &Client, statements: &str) -> Vec<String> {
    let messages =
        client.simple_query(statements).await.unwrap_or_else(|error| panic!("{statements}: {error:?}"));
    let row = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => {
            Some((0..row.len()).map(|index| row.get(index).unwrap_or("")).collect::<Vec<_>>().join("|"))
        }
        _ => None,
    };
    messages.iter().filter_map(row).collect()
}

/// Changes with every change to a migration, so that no stale template is used.
fn migrations_hash() -> String {
    let dir = environment().root().join("migrations");
    let mut files: Vec<_> = std::fs::read_dir(&dir)
        .expect("the repository has a directory `migrations`")
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.as_os_str().as_encoded_bytes());
        hash.update(std::fs::read(&file).expect("a migration can be read"));
    }
    hash.finalize().iter().take(8).map(|octet| format!("{octet:02x}")).collect()
}

fn hex(octets: &[u8]) -> String {
    Sha256::digest(octets).iter().take(16).map(|octet| format!("{octet:02x}")).collect()
}

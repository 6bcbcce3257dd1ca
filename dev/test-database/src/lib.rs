//! A database per test, cloned from a template.
//!
//! The first test on a server creates the template with `usersctl migrate upgrade`. Tests may run in separate processes, so an
//! advisory lock decides which process creates it. The template's name contains a checksum of the migrations, so changed migrations
//! lead to a new template.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use local_postgres::random_hex;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

/// The role that owns every test's database. As in production, it is not a superuser.
pub const ROLE: &str = "users_tests";

/// The components that have a role of their own, and the worker. The role of the service's component `auth` is `users_auth_1`.
pub const COMPONENTS: [&str; 6] = ["auth", "users", "rbac", "profile", "system", "worker"];

/// The key of the advisory lock. A process takes the lock while it creates the role or the template.
const TEMPLATE_LOCK: i64 = 0x7573_6572_7474;

/// The database of one test. Dropping the value drops the database.
#[derive(Debug)]
pub struct TestDatabase {
    server: Server,
    name: String,
}

/// A Postgres server, and the `usersctl` program that migrates its databases.
#[derive(Debug, Clone)]
pub struct Server {
    /// The superuser's connection settings.
    config: Config,
    usersctl: PathBuf,
}

impl Server {
    /// Creates the value from the superuser's URL and the path of `usersctl`.
    ///
    /// # Panics
    /// When the URL is not a Postgres URL.
    #[must_use]
    pub fn new(url: &str, usersctl: impl Into<PathBuf>) -> Self {
        let config = url.parse().unwrap_or_else(|_| panic!("expected a Postgres URL"));
        Self { config, usersctl: usersctl.into() }
    }

    /// The server and the `usersctl` of this test run.
    ///
    /// # Panics
    /// When the tests were not started by `cargo xtask test`.
    #[must_use]
    pub fn of_this_run() -> Self {
        let variable =
            |name| env::var(name).unwrap_or_else(|_| panic!("run the tests with `cargo xtask test`"));
        Self::new(&variable("USERS_TEST_DATABASE_URL"), variable("USERS_TEST_CTL_BIN"))
    }

    /// The role's password. It contains a quote, a space and a backslash, because passwords may contain them and code that builds a
    /// connection string must escape them.
    fn role_password(&self) -> String {
        format!("it's a \\ {}", hex(&Sha256::digest(self.config.get_password().unwrap_or_default()), 16))
    }

    fn host(&self) -> String {
        match self.config.get_hosts() {
            [Host::Tcp(host), ..] => host.clone(),
            _ => "127.0.0.1".into(),
        }
    }

    fn port(&self) -> u16 {
        self.config.get_ports().first().copied().unwrap_or(5432)
    }

    async fn connect(&self, database: &str) -> Client {
        let connected = self.config.clone().dbname(database).connect(NoTls).await;
        let (client, connection) = connected.expect("Postgres accepts connections");
        tokio::spawn(connection);
        client
    }

    /// The name of the migrated template.
    async fn template(&self) -> String {
        let name = format!("users_template_{}", migrations_checksum());
        let admin = self.connect("postgres").await;
        if !exists(&admin, &name).await {
            self.make_role(&admin).await;
            rows(&admin, &format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
            // Another process may have created the template while this one waited for the lock.
            if !exists(&admin, &name).await {
                self.make_template(&admin, &name).await;
            }
            rows(&admin, &format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})")).await;
        }
        name
    }

    /// Migrates under another name, so that a killed process leaves no unfinished template.
    async fn make_template(&self, admin: &Client, name: &str) {
        let unfinished = TestDatabase { server: self.clone(), name: format!("{name}_unfinished") };
        rows(admin, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", unfinished.name)).await;
        rows(admin, &format!("CREATE DATABASE {} TEMPLATE template0 OWNER {ROLE}", unfinished.name)).await;
        let _ = unfinished.usersctl(&["migrate", "upgrade"]);
        rows(admin, &format!("ALTER DATABASE {} RENAME TO {name}", unfinished.name)).await;
    }

    /// Creates the owner, and the roles of the components. The first member of each can log in.
    async fn make_role(&self, admin: &Client) {
        let password = self.role_password().replace('\'', "''");
        let components = COMPONENTS.join(",");
        rows(
            admin,
            &format!(
                "DO $do$
                 DECLARE
                     role text;
                 BEGIN
                     PERFORM pg_advisory_xact_lock({TEMPLATE_LOCK});
                     IF to_regrole('{ROLE}') IS NULL THEN CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'; END IF;
                     FOREACH role IN ARRAY '{{{components}}}'::text[] LOOP
                         IF to_regrole('users_' || role || '_1') IS NULL THEN
                             EXECUTE format('CREATE ROLE %I NOLOGIN', 'users_' || role);
                             EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L IN ROLE %I',
                                            'users_' || role || '_1', '{password} ' || role, 'users_' || role);
                             EXECUTE format('CREATE ROLE %I NOLOGIN IN ROLE %I', 'users_' || role || '_2', 'users_' || role);
                         END IF;
                     END LOOP;
                 END $do$"
            ),
        )
        .await;
    }
}

impl TestDatabase {
    /// Creates a database with the newest schema.
    ///
    /// # Panics
    /// When Postgres or `usersctl` reports an error.
    pub async fn migrated(server: Server) -> Self {
        let template = server.template().await;
        let database = Self::create(server, &template).await;
        // A copy of a database has no rights on the database itself, unlike one that `usersctl` has migrated.
        database.admin(&format!("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", database.name)).await;
        database
    }

    /// Creates a database without a schema.
    ///
    /// # Panics
    /// When Postgres reports an error.
    pub async fn empty(server: Server) -> Self {
        Self::empty_with(server, "").await
    }

    /// Creates a database without a schema, with more options of `CREATE DATABASE`, such as `ENCODING 'LATIN1'`.
    ///
    /// # Panics
    /// When Postgres reports an error.
    pub async fn empty_with(server: Server, options: &str) -> Self {
        server.make_role(&server.connect("postgres").await).await;
        Self::create(server, &format!("template0 {options}")).await
    }

    /// Creates a database. More options of `CREATE DATABASE` may follow in `template`.
    async fn create(server: Server, template: &str) -> Self {
        let name = format!("users_test_{}", random_hex(8).expect("the system gives random bytes"));
        let database = Self { server, name };
        database.admin(&format!("CREATE DATABASE {} TEMPLATE {template} OWNER {ROLE}", database.name)).await;
        database
    }

    /// The database's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL for connections as the owner.
    #[must_use]
    pub fn url(&self) -> String {
        let (host, port, name) = (self.server.host(), self.server.port(), &self.name);
        let password = self.server.role_password();
        let password = utf8_percent_encode(&password, NON_ALPHANUMERIC);
        format!("postgres://{ROLE}:{password}@{host}:{port}/{name}")
    }

    /// The variables that let the service and `usersctl` connect as the owner.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        [
            ("db_host", self.server.host()),
            ("db_port", self.server.port().to_string()),
            ("db_name", self.name.clone()),
            ("db_user", ROLE.to_owned()),
            ("db_password", self.server.role_password()),
            ("db_sslmode", "disable".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The variables that let each component connect with its own role. The owner's password is not among them.
    #[must_use]
    pub fn component_variables(&self) -> Vec<(String, String)> {
        let components = COMPONENTS.into_iter().filter(|it| *it != "worker");
        let own = components.flat_map(|component| {
            [
                (format!("db_user_{component}"), format!("users_{component}_1")),
                // Each role has another password, so that no component can log in as another one.
                (format!("db_password_{component}"), format!("{} {component}", self.server.role_password())),
            ]
        });
        let shared = self
            .variables()
            .into_iter()
            .filter(|(name, _)| !["db_user", "db_password"].contains(&name.as_str()));
        shared.chain(own).collect()
    }

    /// The variables that let the worker connect with its own role.
    #[must_use]
    pub fn worker_variables(&self) -> Vec<(String, String)> {
        let own = |(name, value): (String, String)| match name.as_str() {
            "db_user" => (name, "users_worker_1".to_owned()),
            "db_password" => (name, format!("{value} worker")),
            _ => (name, value),
        };
        self.variables().into_iter().map(own).collect()
    }

    /// Connects to the database as the superuser.
    ///
    /// # Panics
    /// When Postgres reports an error.
    pub async fn connect(&self) -> Client {
        self.server.connect(&self.name).await
    }

    /// Runs statements as the superuser. Returns the rows as text, with `|` between the columns.
    ///
    /// # Panics
    /// When Postgres reports an error.
    pub async fn sql(&self, statements: &str) -> Vec<String> {
        rows(&self.connect().await, statements).await
    }

    /// Runs statements as the superuser in the database `postgres`, for changes to the test's database itself.
    ///
    /// # Panics
    /// When Postgres reports an error.
    pub async fn admin(&self, statements: &str) -> Vec<String> {
        rows(&self.server.connect("postgres").await, statements).await
    }

    /// Runs `usersctl` on the database. Returns its standard output.
    ///
    /// # Panics
    /// When `usersctl` fails.
    #[must_use]
    pub fn usersctl(&self, arguments: &[&str]) -> String {
        let variables = self.variables();
        let variables =
            variables.iter().map(|(name, value)| (format!("SPIN_VARIABLE_{}", name.to_uppercase()), value));
        let mut command = Command::new(&self.server.usersctl);
        command.args(arguments).env_remove("DATABASE_URL").envs(variables);
        let output = command.output().expect("usersctl can be started");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "usersctl {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let server = self.server.clone();
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A runtime cannot block a thread of another runtime.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| {
                runtime.block_on(async { rows(&server.connect("postgres").await, &statement).await })
            })
        });
        // A failure here must not fail the test, because the cluster is temporary.
        let _ = thread.join();
    }
}

async fn exists(admin: &Client, database: &str) -> bool {
    !rows(admin, &format!("SELECT FROM pg_database WHERE datname = '{database}'")).await.is_empty()
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

fn migrations_checksum() -> String {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut files: Vec<_> = std::fs::read_dir(&dir)
        .expect("the repository has a directory `migrations`")
        .map(|entry| entry.expect("the directory can be read").path())
        .collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.file_name().unwrap_or_default().as_encoded_bytes());
        hash.update(std::fs::read(&file).expect("a migration can be read"));
    }
    hex(&hash.finalize(), 8)
}

/// The first `count` bytes in hexadecimal.
fn hex(bytes: &[u8], count: usize) -> String {
    bytes.iter().take(count).map(|byte| format!("{byte:02x}")).collect()
}

//! A database per test.

use std::path::Path;
use std::{env, fs};

use tokio_postgres::{Client, Config, NoTls};
use users_core::{Random, SessionId, UserId};
use users_crypto::{AccessTokens, OsRandom};
use users_db::{DbSettings, SslMode};
use users_web::Settings;

/// The database of one test, with the newest schema; it is gone when the value is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    server: Config,
    name: String,
}

impl TestDatabase {
    /// Makes one on the server that `cargo xtask test` started.
    ///
    /// # Panics
    /// When the tests were not started by it.
    pub async fn create() -> Self {
        let url = env::var("USERS_TEST_DATABASE_URL").expect("run the tests with `cargo xtask test`");
        let mut bits = [0; 8];
        OsRandom.fill(&mut bits);
        let database = Self {
            server: url.parse().expect("USERS_TEST_DATABASE_URL is a Postgres URL"),
            name: format!("users_native_{:016x}", u64::from_be_bytes(bits)),
        };
        database.run("postgres", &format!("CREATE DATABASE {}", database.name)).await;
        for migration in migrations() {
            database.run(&database.name, &migration).await;
        }
        database
    }

    /// How a component reaches it.
    #[must_use]
    pub fn settings(&self) -> DbSettings {
        DbSettings {
            host: "127.0.0.1".to_owned(),
            port: self.server.get_ports().first().copied().unwrap_or(5432),
            name: self.name.clone(),
            user: self.server.get_user().unwrap_or("postgres").to_owned(),
            password: String::from_utf8_lossy(self.server.get_password().unwrap_or_default()).into_owned(),
            sslmode: SslMode::Disable,
        }
    }

    /// The settings of a component on it.
    #[must_use]
    pub fn component(&self) -> Settings {
        Settings {
            db: self.settings(),
            jwt_secret: "0123456789abcdef0123456789abcdef".to_owned(),
            jwt_secret_previous: String::new(),
            jwt_issuer: "users".to_owned(),
            jwt_audience: "users-api".to_owned(),
        }
    }

    /// Makes an account with a session, and gives an access token of it: for components that have no login of their own.
    ///
    /// # Panics
    /// When Postgres refuses.
    pub async fn sign_in(&self, email: &str, is_admin: bool) -> (UserId, String) {
        let row = connect(&self.server, &self.name)
            .await
            .query_one(
                "WITH account AS (
                     INSERT INTO users (email, password_hash, is_admin) VALUES ($1, '!', $2) RETURNING id
                 )
                 INSERT INTO sessions (user_id, expires_at) SELECT id, now() + interval '1 day' FROM account
                 RETURNING user_id, id, floor(extract(epoch FROM now()))::int8",
                &[&email, &is_admin],
            )
            .await
            .expect("Postgres takes an account");
        let user = UserId::try_from(row.get::<_, i32>(0)).expect("a positive id");
        let session = SessionId::try_from(row.get::<_, i64>(1)).expect("a positive id");
        let Settings { jwt_secret, jwt_issuer, jwt_audience, .. } = self.component();
        let tokens =
            AccessTokens::new(jwt_secret.as_bytes(), &jwt_issuer, &jwt_audience).expect("a long secret");
        (user, tokens.issue(user, session, row.get(2), &OsRandom).expect("a token"))
    }

    /// Runs statements in it.
    ///
    /// # Panics
    /// When Postgres refuses them.
    pub async fn sql(&self, statements: &str) {
        self.run(&self.name, statements).await;
    }

    /// How many rows a query gives.
    ///
    /// # Panics
    /// When Postgres refuses it.
    pub async fn count(&self, query: &str) -> usize {
        connect(&self.server, &self.name).await.query(query, &[]).await.expect("Postgres runs it").len()
    }

    async fn run(&self, database: &str, statements: &str) {
        run(&self.server, database, statements).await;
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let server = self.server.clone();
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A runtime cannot wait inside another one's thread.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(run(&server, "postgres", &statement)))
        });
        // Whether it worked is not what any test is about, and the cluster is a temporary one.
        let _ = dropping.join();
    }
}

async fn run(server: &Config, database: &str, statements: &str) {
    connect(server, database).await.batch_execute(statements).await.expect("Postgres runs it");
}

async fn connect(server: &Config, database: &str) -> Client {
    let (client, connection) =
        server.clone().dbname(database).connect(NoTls).await.expect("Postgres takes connections");
    tokio::spawn(connection);
    client
}

fn migrations() -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut files: Vec<_> = fs::read_dir(directory)
        .expect("the migrations are in the repository")
        .map(|entry| entry.expect("the directory can be read").path())
        .filter(|path| path.to_string_lossy().ends_with(".up.sql"))
        .collect();
    files.sort();
    files.iter().map(|path| fs::read_to_string(path).expect("a migration can be read")).collect()
}

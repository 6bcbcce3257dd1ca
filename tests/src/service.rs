//! A running service.

use std::sync::{Mutex, MutexGuard, PoisonError};

use local_postgres::Cluster;
use serde_json::{Value, json};

use crate::builder::Manifest;
use crate::database::Disposable;
use crate::host::Host;
use crate::{Answer, Builder, Logs, Request, TestDatabase};

/// The secret that the service signs with, unless a test chooses another.
pub const JWT_SECRET: &str = "a secret of the tests, which nobody else uses";

/// A password that may be chosen.
pub const PASSWORD: &str = "correct horse battery staple";

/// A host of the test's own with a database of its own. Dropping it stops the one and removes the other.
#[derive(Debug)]
pub struct Service {
    // In the order in which they go.
    client: reqwest::Client,
    host: Host,
    manifest: Option<Manifest>,
    database: Disposable,
    cluster: Option<Mutex<Cluster>>,
}

/// What a login gives.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

/// A registered user who is logged in.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user's id.
    pub id: i64,
    /// The user's address.
    pub email: String,
    /// The tokens of the login.
    pub tokens: Tokens,
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
        Self { client: client(None), host, manifest, database, cluster: cluster.map(Mutex::new) }
    }

    /// A request with any method.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let is_ours = self.manifest.as_ref().is_none_or(|manifest| manifest.is_ours);
        Request::new(&self.client, method, &format!("http://{}{path}", self.address()), is_ours)
    }

    /// A `GET` request.
    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// A `POST` request.
    pub fn post(&self, path: &str) -> Request {
        self.request("POST", path)
    }

    /// A `PUT` request.
    pub fn put(&self, path: &str) -> Request {
        self.request("PUT", path)
    }

    /// A `DELETE` request.
    pub fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }

    /// Registers an account; the answer is the test's to judge.
    pub async fn register(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/register").json(&json!({"email": email, "password": password})).send().await
    }

    /// Logs in with a right password.
    ///
    /// # Panics
    /// When the service refuses.
    pub async fn login(&self, email: &str, password: &str) -> Tokens {
        Tokens::of(&self.try_login(email, password).await.expect(200))
    }

    /// Tries to log in; the answer is the test's to judge.
    pub async fn try_login(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/login").form(&[("username", email), ("password", password)]).send().await
    }

    /// Presents a refresh token; the answer is the test's to judge.
    pub async fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/refresh").json(&json!({"refresh_token": token})).send().await
    }

    /// Asks who a token is for; the answer is the test's to judge.
    pub async fn me(&self, access_token: &str) -> Answer {
        self.get("/auth/me").bearer(access_token).send().await
    }

    /// Registers an account with [`PASSWORD`] and logs in.
    ///
    /// # Panics
    /// When the service refuses.
    pub async fn account(&self, email: &str) -> Account {
        let user = self.register(email, PASSWORD).await.expect(201).json();
        let id = user["id"].as_i64().expect("a user has an id");
        Account { id, email: email.to_owned(), tokens: self.login(email, PASSWORD).await }
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

    /// Where it listens: `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.host.address
    }

    /// What it has logged.
    #[must_use]
    pub fn logs(&self) -> &Logs {
        &self.host.logs
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
        self.client = client(Some(address));
        self
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

impl Tokens {
    /// From the answer of a login or a refresh.
    ///
    /// # Panics
    /// When it holds none.
    #[must_use]
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        let body = answer.json();
        let text = |member: &str| match &body[member] {
            Value::String(text) => text.clone(),
            _ => panic!("expected {member}: {answer:#?}"),
        };
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }
}

fn client(local: Option<[u8; 4]>) -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .local_address(local.map(std::net::IpAddr::from))
        .timeout(std::time::Duration::from_secs(60))
        .build()
        .expect("a client can be made")
}

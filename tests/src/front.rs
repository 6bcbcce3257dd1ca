//! A client for one address of the service, with functions for common requests.

use serde_json::{Value, json};

use crate::{Answer, Request};

/// A valid password.
pub const PASSWORD: &str = "correct horse battery staple";

/// The tokens of a login or a refresh.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

/// A registered account with the tokens of a login.
#[derive(Debug, Clone)]
pub struct Account {
    /// The account's id.
    pub id: i64,
    /// The account's email address.
    pub email: String,
    /// The tokens of the account's login.
    pub tokens: Tokens,
}

/// An address of the service: of a host, or of a load balancer.
#[derive(Debug, Clone)]
pub struct Front {
    client: reqwest::Client,
    address: String,
    /// True for the service itself. `openapi.json` documents its answers.
    is_documented: bool,
}

impl Front {
    /// Creates a client for `address`, which is `127.0.0.1:port`. `is_documented` is true for the service itself, whose answers
    /// `openapi.json` documents.
    ///
    /// # Panics
    /// When the system has no randomness.
    #[must_use]
    pub fn new(address: &str, is_documented: bool) -> Self {
        Self { client: client(None), address: address.to_owned(), is_documented }
    }

    /// The same service for a client at another address of this machine, such as 127.0.0.2.
    ///
    /// # Panics
    /// When the system has no randomness.
    #[must_use]
    pub fn at(&self, address: [u8; 4]) -> Self {
        Self { client: client(Some(address)), ..self.clone() }
    }

    /// Connects from another address of this machine.
    pub(crate) fn use_address(&mut self, address: [u8; 4]) {
        self.client = client(Some(address));
    }

    /// The address, `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A request with any method.
    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(&self.client, method, &format!("http://{}{path}", self.address), self.is_documented)
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

    /// Registers an account. Returns any answer.
    pub async fn register(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/register").json(&json!({"email": email, "password": password})).send().await
    }

    /// Logs in with the right password.
    ///
    /// # Panics
    /// When the service refuses the login.
    pub async fn login(&self, email: &str, password: &str) -> Tokens {
        Tokens::of(&self.try_login(email, password).await.expect(200))
    }

    /// Tries to log in. Returns any answer.
    pub async fn try_login(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/login").form(&[("username", email), ("password", password)]).send().await
    }

    /// Sends a refresh token. Returns any answer.
    pub async fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/refresh").json(&json!({"refresh_token": token})).send().await
    }

    /// Gets the account of an access token. Returns any answer.
    pub async fn me(&self, access_token: &str) -> Answer {
        self.get("/auth/me").bearer(access_token).send().await
    }

    /// Makes an API key by an access token. Returns any answer.
    pub async fn try_api_key(&self, access_token: &str, body: &Value) -> Answer {
        self.post("/auth/api-keys").bearer(access_token).json(body).send().await
    }

    /// Makes an API key by an access token.
    ///
    /// # Panics
    /// When the service refuses the request.
    pub async fn api_key(&self, access_token: &str, body: &Value) -> String {
        let made = self.try_api_key(access_token, body).await.expect(201).json();
        made["key"].as_str().expect("the answer shows the key").to_owned()
    }

    /// Registers an account with [`PASSWORD`] and logs in.
    ///
    /// # Panics
    /// When the service refuses the registration or the login.
    pub async fn account(&self, email: &str) -> Account {
        let user = self.register(email, PASSWORD).await.expect(201).json();
        let id = user["id"].as_i64().expect("a user has an id");
        Account { id, email: email.to_owned(), tokens: self.login(email, PASSWORD).await }
    }
}

impl Tokens {
    /// Reads the tokens from the answer to a login or a refresh.
    ///
    /// # Panics
    /// When the answer contains no tokens.
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

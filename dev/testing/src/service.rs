//! A component with a database and a signed-in account.

use std::collections::BTreeMap;

use serde_json::Value;
use users_guard::Guard;
use users_web::{Component, Problem, Route};

use crate::{Answer, Client, TestDatabase};

/// A component whose state is the guard, and an account with id 1.
#[derive(Debug)]
pub struct Service {
    /// The component's database.
    pub database: TestDatabase,
    /// Sends requests with any token, or without one.
    pub client: Client,
    /// An access token of the account.
    pub token: String,
}

impl Service {
    /// Starts the component, and creates the account with this address and this `is_admin`.
    ///
    /// # Panics
    /// When Postgres reports an error.
    pub async fn start(name: &'static str, routes: Vec<Route<Guard>>, email: &str, is_admin: bool) -> Self {
        let database = TestDatabase::create().await;
        let guard = Guard::read(&database.component_of(name)).await.expect("settings that can be used");
        let client = Client(Component::new(name, routes, guard));
        let (_, token) = database.sign_in(email, is_admin).await;
        Self { database, client, token }
    }

    /// Starts a component with a state of its own. The account has this address and this `is_admin`.
    ///
    /// # Panics
    /// When Postgres refuses, or the variables cannot be used.
    pub async fn of(
        component: impl AsyncFnOnce(&BTreeMap<String, String>) -> Result<Component, Problem>,
        email: &str,
        is_admin: bool,
    ) -> Self {
        let database = TestDatabase::create().await;
        let client = Client(component(&database.component()).await.expect("settings that can be used"));
        let (_, token) = database.sign_in(email, is_admin).await;
        Self { database, client, token }
    }

    /// Sends a `GET` as the account.
    pub async fn get(&self, path: &str) -> Answer {
        self.client.get(path, Some(&self.token)).await
    }

    /// Sends a `POST` as the account, with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.client.post(path, Some(&self.token), body).await
    }

    /// Sends a `PUT` as the account, with a JSON body. If the body is null, sends no body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.client.put(path, Some(&self.token), body).await
    }

    /// Sends a `DELETE` as the account.
    pub async fn delete(&self, path: &str) -> Answer {
        self.client.delete(path, Some(&self.token)).await
    }
}

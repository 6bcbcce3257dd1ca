//! What every story begins with.

use serde_json::Value;
use users_tests::{Account, Answer, Service, assert_common_headers, assert_no_store};

/// A service as an operator leaves it to its users: with the roles to begin with, and with an administrator.
pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) root: Account,
}

impl World {
    pub(crate) async fn new() -> Self {
        let service = Service::start().await;
        let made = service.database().usersctl(&["setup-rbac"]);
        assert!(made.contains("made role user\n"), "expected a role for everybody: {made}");
        let root = service.account("root@example.com").await;
        let promoted = service.database().usersctl(&["create-admin", &root.email, "--promote"]);
        assert_eq!(promoted.trim(), format!("administrator {} {}", root.id, root.email));
        Self { service, root }
    }

    pub(crate) async fn get(&self, who: &Account, path: &str) -> Answer {
        self.service.get(path).bearer(&who.tokens.access).send().await
    }

    pub(crate) async fn post(&self, who: &Account, path: &str, body: &Value) -> Answer {
        self.service.post(path).bearer(&who.tokens.access).json(body).send().await
    }

    pub(crate) async fn put(&self, who: &Account, path: &str, body: &Value) -> Answer {
        self.service.put(path).bearer(&who.tokens.access).json(body).send().await
    }

    /// A change that needs no more than its name.
    pub(crate) async fn order(&self, who: &Account, path: &str) -> Answer {
        self.service.put(path).bearer(&who.tokens.access).send().await
    }

    pub(crate) async fn delete(&self, who: &Account, path: &str) -> Answer {
        self.service.delete(path).bearer(&who.tokens.access).send().await
    }

    pub(crate) async fn sql(&self, query: &str) -> Vec<String> {
        self.service.sql(query).await
    }

    /// The number of rows of a table that are a user's.
    pub(crate) async fn rows_of(&self, table: &str, user: i64) -> usize {
        self.sql(&format!("SELECT FROM {table} WHERE user_id = {user}")).await.len()
    }
}

/// The content of an answer that has this status and all the headers of an answer to somebody with a token; null when there
/// is none.
#[track_caller]
pub(crate) fn content(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "expected {status}: {answer:#?}");
    assert_common_headers(answer);
    assert_no_store(answer);
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

/// The ids of a list.
#[track_caller]
pub(crate) fn ids(list: &Value) -> Vec<i64> {
    let items = list.as_array().unwrap_or_else(|| panic!("expected a list: {list:#}"));
    items.iter().map(id).collect()
}

/// The id of an object.
#[track_caller]
pub(crate) fn id(object: &Value) -> i64 {
    object["id"].as_i64().unwrap_or_else(|| panic!("expected an id: {object:#}"))
}

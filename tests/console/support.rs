//! The fixture of these tests.

use users_tests::{Account, Answer, Browser, Service, text_of};

/// A service with an administrator, who is signed in.
pub(crate) struct Fixture {
    pub(crate) service: Service,
    pub(crate) root: Account,
    pub(crate) browser: Browser,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        let service = Service::start().await;
        let root = service.administrator("root@example.com").await;
        let browser = Browser::signed_in(&service, &root.email).await;
        Self { service, root, browser }
    }

    /// Adds accounts without a usable password. Returns their ids.
    pub(crate) async fn add(&self, count: usize) -> Vec<i64> {
        let insert = format!(
            "INSERT INTO users (email, full_name, password_hash)
             SELECT 'user' || n || '@example.com', 'User ' || n, '!' FROM generate_series(1, {count}) n
             RETURNING id"
        );
        numbers(&self.service.sql(&insert).await)
    }

    /// The rows of a query, each as one text.
    pub(crate) async fn rows(&self, query: &str) -> Vec<String> {
        self.service.sql(query).await
    }
}

/// Adds a role with these permissions, such as `accounts:read`, and gives it to an account. Returns the role's id.
pub(crate) async fn grant(service: &Service, user: i64, role: &str, permissions: &[&str]) -> i64 {
    let id =
        numbers(&service.sql(&format!("INSERT INTO roles (name) VALUES ('{role}') RETURNING id")).await)[0];
    for permission in permissions {
        let (resource, action) = permission.split_once(':').expect("a permission is written resource:action");
        service
            .sql(&format!(
                "INSERT INTO permissions (name, resource, action) VALUES ('{permission}', '{resource}', '{action}')
                     ON CONFLICT DO NOTHING;
                 INSERT INTO role_permissions
                 SELECT {id}, id FROM permissions WHERE resource = '{resource}' AND action = '{action}' LIMIT 1"
            ))
            .await;
    }
    service.sql(&format!("INSERT INTO user_roles VALUES ({user}, {id})")).await;
    id
}

pub(crate) fn numbers(rows: &[String]) -> Vec<i64> {
    rows.iter().map(|row| row.parse().expect("a number")).collect()
}

/// Asserts that a page has this status and says this.
#[track_caller]
pub(crate) fn assert_says(answer: &Answer, status: u16, sentence: &str) {
    assert_eq!(answer.status, status, "{answer:#?}");
    assert!(text_of(&answer.body).contains(sentence), "expected {sentence:?}: {}", text_of(&answer.body));
}

//! The fixture of the rbac tests.

use serde_json::{Value, json};
use users_tests::{Account, Answer, Request, Service, eventually};

/// The advisory lock that changes take if they may remove an administrator (`migrations/0003_rbac.up.sql`).
const ADMINISTRATORS_LOCK: &str = "hashtextextended('users: administrators', 0)";

/// A service with an administrator. The administrator's account has `is_admin`.
pub(crate) struct Rbac {
    pub(crate) service: Service,
    pub(crate) root: Account,
}

impl Rbac {
    pub(crate) async fn start() -> Self {
        let service = Service::start().await;
        let root = service.administrator("root@example.com").await;
        Self { service, root }
    }

    /// A request by the administrator.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        self.service.request(method, path).bearer(&self.root.tokens.access)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send().await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.request("PUT", path).json(body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send().await
    }

    pub(crate) async fn sql(&self, statements: &str) -> Vec<String> {
        self.service.sql(statements).await
    }

    /// Creates a permission. Its name is the right, such as `user:read`.
    pub(crate) async fn permission(&self, right: &str) -> i64 {
        self.permission_named(right, right).await
    }

    pub(crate) async fn permission_named(&self, name: &str, right: &str) -> i64 {
        let (resource, action) = right.split_once(':').expect("a right is resource:action");
        let body = json!({"name": name, "resource": resource, "action": action});
        id(&self.post("/rbac/permissions", &body).await.expect(201))
    }

    /// Creates a role with these permissions.
    pub(crate) async fn role(&self, name: &str, permissions: &[i64]) -> i64 {
        let body = json!({"name": name, "permission_ids": permissions});
        id(&self.post("/rbac/roles", &body).await.expect(201))
    }

    /// Assigns roles to a user.
    pub(crate) async fn assign(&self, user: i64, roles: &[i64]) {
        let path = format!("/rbac/users/{user}/roles");
        self.post(&path, &json!({"role_ids": roles})).await.expect(200);
    }

    /// Creates an account with a role. The role has the account's name and grants these rights.
    pub(crate) async fn account_with(&self, name: &str, rights: &[&str]) -> Account {
        let account = self.service.account(&format!("{name}@example.com")).await;
        let mut permissions = Vec::new();
        for right in rights {
            permissions.push(self.permission_named(&format!("{name} {right}"), right).await);
        }
        let role = self.role(name, &permissions).await;
        self.assign(account.id, &[role]).await;
        account
    }

    /// All rows that the rbac routes may change.
    pub(crate) async fn state(&self) -> Vec<String> {
        self.sql(
            "SELECT 'permission', p FROM permissions p ORDER BY id;
             SELECT 'role', r FROM roles r ORDER BY id;
             SELECT 'grants', rp FROM role_permissions rp ORDER BY role_id, permission_id;
             SELECT 'has', ur FROM user_roles ur ORDER BY user_id, role_id;
             SELECT 'user', id, is_active, is_admin FROM users ORDER BY id",
        )
        .await
    }

    /// The number of active administrators by `is_admin` or by role.
    pub(crate) async fn administrators(&self) -> usize {
        self.sql(
            "SELECT u.id FROM users u
              WHERE u.is_active AND (u.is_admin OR EXISTS (
                  SELECT FROM user_roles ur
                    JOIN role_permissions rp ON rp.role_id = ur.role_id
                    JOIN permissions p ON p.id = rp.permission_id
                   WHERE ur.user_id = u.id AND p.resource = 'admin' AND p.action = 'all'))",
        )
        .await
        .len()
    }

    /// Sends a request that may remove an administrator while another transaction holds the lock for such changes. The transaction
    /// makes `change`, and commits when the statement of the request waits.
    pub(crate) async fn send_while_locked(&self, change: &str, request: Request) -> Answer {
        let db = self.service.db().await;
        let run = async |statements: &str| db.batch_execute(statements).await.expect("Postgres runs it");
        run(&format!("BEGIN; SELECT pg_advisory_xact_lock({ADMINISTRATORS_LOCK}); {change}")).await;
        let commit = async {
            let waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            self.until(waiting, 1).await;
            run("COMMIT").await;
        };
        tokio::join!(request.send(), commit).0
    }

    /// Waits until a query returns at least `count` rows.
    pub(crate) async fn until(&self, query: &str, count: usize) {
        let db = self.service.db().await;
        eventually("the requests wait for a lock", async || {
            db.query(query, &[]).await.expect("Postgres answers").len() >= count
        })
        .await;
    }
}

/// The id of the created object.
#[track_caller]
pub(crate) fn id(answer: &Answer) -> i64 {
    answer.json()["id"].as_i64().unwrap_or_else(|| panic!("expected an id: {answer:#?}"))
}

/// The ids in a list of objects.
#[track_caller]
pub(crate) fn ids(list: &Value) -> Vec<i64> {
    let objects = list.as_array().unwrap_or_else(|| panic!("expected a list: {list:#}"));
    objects.iter().map(|it| it["id"].as_i64().expect("each has an id")).collect()
}

//! What the tests of this area share.

use serde_json::{Value, json};
use users_tests::{Account, Answer, Service, assert_common_headers};

/// Every route, with the account that it is about.
pub(crate) const ROUTES: [(&str, &str); 10] = [
    ("GET", "/users"),
    ("GET", "/users/{id}"),
    ("PUT", "/users/{id}/activate"),
    ("PUT", "/users/{id}/deactivate"),
    ("PUT", "/users/{id}/make-admin"),
    ("PUT", "/users/{id}/remove-admin"),
    ("DELETE", "/users/{id}"),
    ("PUT", "/users/bulk/activate"),
    ("PUT", "/users/bulk/deactivate"),
    ("PUT", "/users/bulk/delete"),
];

/// A service and an administrator of it.
pub(crate) struct Office {
    pub(crate) service: Service,
    pub(crate) root: Account,
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::of(Service::start().await).await
    }

    /// With an instance of the component for every request, as on several replicas: those that share one also share a
    /// connection to Postgres, where their statements wait in line and never meet.
    pub(crate) async fn with_many_instances() -> Self {
        let one_each = "--max-instance-concurrent-reuse-count=1";
        Self::of(Service::builder().argument(one_each).start().await).await
    }

    async fn of(service: Service) -> Self {
        let root = service.administrator("root@example.com").await;
        Self { service, root }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.service.get(path).bearer(&self.root.tokens.access).send().await
    }

    pub(crate) async fn put(&self, path: &str) -> Answer {
        self.service.put(path).bearer(&self.root.tokens.access).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.service.delete(path).bearer(&self.root.tokens.access).send().await
    }

    pub(crate) async fn bulk(&self, action: &str, body: &Value) -> Answer {
        bulk(&self.service, &self.root, action, body).await
    }

    pub(crate) async fn sql(&self, statements: &str) -> Vec<String> {
        self.service.sql(statements).await
    }

    /// Adds accounts that nobody logs in to, and gives their ids.
    pub(crate) async fn add(&self, count: usize) -> Vec<i64> {
        let insert = format!(
            "INSERT INTO users (email, full_name, password_hash)
             SELECT 'user' || n || '@example.com', 'User ' || n, '!' FROM generate_series(1, {count}) n
             RETURNING id"
        );
        numbers(&self.sql(&insert).await)
    }

    /// Adds one account that nobody logs in to.
    pub(crate) async fn add_named(&self, email: &str, full_name: &str) -> i64 {
        let quoted = |text: &str| text.replace('\'', "''");
        let insert = format!(
            "INSERT INTO users (email, full_name, password_hash) VALUES ('{}', '{}', '!') RETURNING id",
            quoted(email),
            quoted(full_name)
        );
        numbers(&self.sql(&insert).await)[0]
    }

    /// The ids on all pages, by following the links.
    pub(crate) async fn walk(&self, path: &str) -> Vec<i64> {
        let mut seen = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let page = self.get(&path).await.expect(200);
            assert!(next_of(&page).is_none() || !ids(&page).is_empty(), "expected to get on: {page:#?}");
            seen.extend(ids(&page));
            assert!(seen.len() < 30_000, "expected an end: {path}");
            next = next_of(&page);
        }
        seen
    }
}

/// One route with its account filled in, by somebody; bulk routes get a list of that account alone.
pub(crate) async fn ask(
    service: &Service,
    token: Option<&str>,
    (method, path): (&str, &str),
    id: i64,
) -> Answer {
    let mut request = service.request(method, &path.replace("{id}", &id.to_string()));
    if let Some(token) = token {
        request = request.bearer(token);
    }
    if path.contains("/bulk/") {
        request = request.json(&json!({"user_ids": [id]}));
    }
    request.send().await
}

pub(crate) async fn bulk(service: &Service, caller: &Account, action: &str, body: &Value) -> Answer {
    service.put(&format!("/users/bulk/{action}")).bearer(&caller.tokens.access).json(body).send().await
}

/// Everything that the routes may change, to see that nothing did.
pub(crate) async fn everything(service: &Service) -> Vec<String> {
    service
        .sql(
            "SELECT 'user ' || t::text FROM users t
             UNION ALL SELECT 'session ' || t::text FROM sessions t
             UNION ALL SELECT 'token ' || t::text FROM refresh_tokens t
             UNION ALL SELECT 'role ' || t::text FROM user_roles t
             ORDER BY 1",
        )
        .await
}

/// Gives a user a role of its own with a permission such as `user:read`.
pub(crate) async fn grant(service: &Service, user: i64, permission: &str) {
    let (resource, action) = permission.split_once(':').expect("a permission is written resource:action");
    let name = format!("{permission} of {user}");
    service
        .sql(&format!(
            "WITH p AS (
                 INSERT INTO permissions (name, resource, action)
                 VALUES ('{name}', '{resource}', '{action}') RETURNING id
             ), r AS (
                 INSERT INTO roles (name) VALUES ('{name}') RETURNING id
             ), rp AS (
                 INSERT INTO role_permissions (role_id, permission_id) SELECT r.id, p.id FROM r, p
             )
             INSERT INTO user_roles (user_id, role_id) SELECT {user}, id FROM r"
        ))
        .await;
}

/// How many administrators could still log in.
pub(crate) async fn administrators(service: &Service) -> usize {
    let count = "SELECT count(*) FROM users u WHERE is_active AND (is_admin OR EXISTS (
                     SELECT FROM user_roles ur
                       JOIN role_permissions rp ON rp.role_id = ur.role_id
                       JOIN permissions p ON p.id = rp.permission_id
                      WHERE ur.user_id = u.id AND p.resource = 'admin' AND p.action = 'all'))";
    service.sql(count).await[0].parse().expect("a count is a number")
}

/// The ids of a list's users.
#[track_caller]
pub(crate) fn ids(answer: &Answer) -> Vec<i64> {
    let body = answer.json();
    let users = body.as_array().unwrap_or_else(|| panic!("expected an array: {answer:#?}"));
    users
        .iter()
        .map(|user| user["id"].as_i64().unwrap_or_else(|| panic!("expected an id: {answer:#?}")))
        .collect()
}

/// Where the next page is: the one link of the answer, on this server.
#[track_caller]
pub(crate) fn next_of(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?;
    let target = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
    let target = target.unwrap_or_else(|| panic!("expected <…>; rel=\"next\": {answer:#?}"));
    assert!(
        target.starts_with("/users") && !target.contains(['<', '>', ' ', '"']),
        "expected a reference to this route: {answer:#?}"
    );
    Some(target.to_owned())
}

/// The answer is 204, and there is nothing more to it than its header.
#[track_caller]
pub(crate) fn assert_nothing(answer: &Answer) {
    assert_eq!(answer.status, 204, "expected 204: {answer:#?}");
    assert_common_headers(answer);
}

/// `value`, in the form it has in a query.
pub(crate) fn encoded(value: &str) -> String {
    value.bytes().map(|octet| format!("%{octet:02X}")).collect()
}

pub(crate) fn numbers(rows: &[String]) -> Vec<i64> {
    rows.iter().map(|row| row.parse().expect("an id is a number")).collect()
}

/// The ids of a member, in order.
#[track_caller]
pub(crate) fn ids_in(answer: &Answer, member: &str) -> Vec<i64> {
    let body = answer.json();
    let list = body[member].as_array().unwrap_or_else(|| panic!("expected a list {member}: {answer:#?}"));
    let mut ids: Vec<i64> = list
        .iter()
        .map(|id| id.as_i64().unwrap_or_else(|| panic!("expected ids in {member}: {answer:#?}")))
        .collect();
    ids.sort_unstable();
    ids
}

/// Whatever takes administrators away: one of them does it to others.
pub(crate) async fn take_away(
    service: &Service,
    caller: &Account,
    action: &str,
    targets: Vec<i64>,
) -> Answer {
    let target = targets[0];
    match action.strip_prefix("bulk ") {
        Some(action) => bulk(service, caller, action, &json!({"user_ids": targets})).await,
        None if action == "delete" => ask(service, Some(&caller.tokens.access), ROUTES[6], target).await,
        None => {
            ask(service, Some(&caller.tokens.access), ("PUT", &format!("/users/{{id}}/{action}")), target)
                .await
        }
    }
}

/// Notes the accounts with their sessions and roles, for [`restore`].
pub(crate) async fn note(service: &Service) {
    service
        .sql(
            "CREATE SCHEMA noted;
             CREATE TABLE noted.users AS TABLE users;
             CREATE TABLE noted.sessions AS TABLE sessions;
             CREATE TABLE noted.refresh_tokens AS TABLE refresh_tokens;
             CREATE TABLE noted.user_roles AS TABLE user_roles;",
        )
        .await;
}

/// Makes everything what it was, tokens included.
pub(crate) async fn restore(service: &Service) {
    service
        .sql(
            "DELETE FROM users;
             INSERT INTO users SELECT * FROM noted.users;
             INSERT INTO sessions OVERRIDING SYSTEM VALUE SELECT * FROM noted.sessions;
             INSERT INTO refresh_tokens SELECT * FROM noted.refresh_tokens;
             INSERT INTO user_roles SELECT * FROM noted.user_roles;",
        )
        .await;
}

/// The answer says that the change was made.
pub(crate) fn is_done(answer: &Answer) -> bool {
    [200, 204].contains(&answer.status)
}

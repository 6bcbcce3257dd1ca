//! The fixture of the users tests.

use serde_json::{Value, json};
use users_tests::{Account, Answer, Service, assert_common_headers, operations};

/// A method, and a path with `{id}` for the account.
pub(crate) type Route = (&'static str, String);

/// Every operation under `/users` of `openapi.json`.
pub(crate) fn routes() -> Vec<Route> {
    let operations = operations(|it| it.path.starts_with("/users")).into_iter();
    operations
        .map(|it| {
            let route = (it.method.as_str(), it.path_with(|_| "{id}".to_owned()));
            assert_eq!(
                it.body.is_some(),
                body(&route, 1).is_some(),
                "{}: add its body to `body`",
                it.title()
            );
            route
        })
        .collect()
}

/// A valid body for a route, if the route reads one. Bulk routes get a list with only this account.
pub(crate) fn body((method, path): &Route, id: i64) -> Option<Value> {
    match (*method, path.trim_end_matches('/')) {
        ("POST", "/users") => Some(json!({"email": format!("new{id}@example.com")})),
        ("PUT", "/users/{id}") => Some(json!({"full_name": "Another"})),
        ("POST", "/users/{id}/api-keys") => Some(json!({"name": "a key"})),
        (_, path) if path.contains("/bulk/") => Some(json!({"user_ids": [id]})),
        _ => None,
    }
}

/// A service with an administrator.
pub(crate) struct Fixture {
    pub(crate) service: Service,
    pub(crate) root: Account,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::of(Service::start().await).await
    }

    /// A fixture whose requests can overlap.
    pub(crate) async fn with_many_instances() -> Self {
        Self::of(Service::builder().one_request_per_instance().start().await).await
    }

    pub(crate) async fn of(service: Service) -> Self {
        let root = service.administrator("root@example.com").await;
        Self { service, root }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.service.get(path).bearer(&self.root.tokens.access).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.service.post(path).bearer(&self.root.tokens.access).json(body).send().await
    }

    pub(crate) async fn put_json(&self, path: &str, body: &Value) -> Answer {
        self.service.put(path).bearer(&self.root.tokens.access).json(body).send().await
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

    /// Adds accounts without a usable password. Returns their ids.
    pub(crate) async fn add(&self, count: usize) -> Vec<i64> {
        let insert = format!(
            "INSERT INTO users (email, full_name, password_hash)
             SELECT 'user' || n || '@example.com', 'User ' || n, '!' FROM generate_series(1, {count}) n
             RETURNING id"
        );
        numbers(&self.sql(&insert).await)
    }

    /// Adds an account without a usable password. Returns its id.
    pub(crate) async fn add_named(&self, email: &str, full_name: &str) -> i64 {
        let quoted = |text: &str| text.replace('\'', "''");
        let insert = format!(
            "INSERT INTO users (email, full_name, password_hash) VALUES ('{}', '{}', '!') RETURNING id",
            quoted(email),
            quoted(full_name)
        );
        numbers(&self.sql(&insert).await)[0]
    }

    /// Follows the links. Returns the ids on all pages.
    pub(crate) async fn walk(&self, path: &str) -> Vec<i64> {
        let mut seen = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let page = self.get(&path).await.expect(200);
            assert!(
                next_of(&page).is_none() || !ids(&page).is_empty(),
                "expected accounts on a page with a link: {page:#?}"
            );
            seen.extend(ids(&page));
            assert!(seen.len() < 30_000, "expected a last page: {path}");
            next = next_of(&page);
        }
        seen
    }
}

/// Makes the account a service account that has a key with the same id, if the route is about keys.
pub(crate) async fn prepare(service: &Service, (_, path): &Route, id: i64) {
    if path.contains("/api-keys") {
        service
            .sql(&format!(
                "UPDATE users SET kind = 'service', email = 'service:' || id, email_key = 'service:' || id, password_hash = ''
                  WHERE id = {id};
                 INSERT INTO api_keys (id, user_id, name, key_hash) OVERRIDING SYSTEM VALUE
                 VALUES ({id}, {id}, 'a key', sha256('{id}'))"
            ))
            .await;
    }
}

/// Sends a valid request about an account.
pub(crate) async fn ask(service: &Service, token: Option<&str>, route: &Route, id: i64) -> Answer {
    let (method, path) = route;
    let mut request = service.request(method, &path.replace("{id}", &id.to_string()));
    if let Some(token) = token {
        request = request.bearer(token);
    }
    if let Some(body) = body(route, id) {
        request = request.json(&body);
    }
    request.send().await
}

pub(crate) async fn bulk(service: &Service, caller: &Account, action: &str, body: &Value) -> Answer {
    service.put(&format!("/users/bulk/{action}")).bearer(&caller.tokens.access).json(body).send().await
}

/// All rows that the routes may change.
pub(crate) async fn everything(service: &Service) -> Vec<String> {
    service
        .sql(
            "SELECT 'user ' || t::text FROM users t
             UNION ALL SELECT 'session ' || t::text FROM sessions t
             UNION ALL SELECT 'token ' || t::text FROM refresh_tokens t
             UNION ALL SELECT 'role ' || t::text FROM user_roles t
             UNION ALL SELECT 'key ' || t::text FROM api_keys t
             ORDER BY 1",
        )
        .await
}

/// Grants a permission such as `user:read` through a new role.
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

/// The number of active administrators.
pub(crate) async fn administrators(service: &Service) -> usize {
    let count = "SELECT count(*) FROM users u WHERE is_active AND (is_admin OR EXISTS (
                     SELECT FROM user_roles ur
                       JOIN role_permissions rp ON rp.role_id = ur.role_id
                       JOIN permissions p ON p.id = rp.permission_id
                      WHERE ur.user_id = u.id AND p.resource = 'admin' AND p.action = 'all'))";
    service.sql(count).await[0].parse().expect("a count is a number")
}

/// The ids of the accounts in a list.
#[track_caller]
pub(crate) fn ids(answer: &Answer) -> Vec<i64> {
    let body = answer.json();
    let users = body.as_array().unwrap_or_else(|| panic!("expected an array: {answer:#?}"));
    users
        .iter()
        .map(|user| user["id"].as_i64().unwrap_or_else(|| panic!("expected an id: {answer:#?}")))
        .collect()
}

/// The target of the link to the next page, without a host.
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

/// Asserts an empty 204.
#[track_caller]
pub(crate) fn assert_nothing(answer: &Answer) {
    assert_eq!(answer.status, 204, "expected 204: {answer:#?}");
    assert_common_headers(answer);
}

/// `value` in percent-encoding.
pub(crate) fn encoded(value: &str) -> String {
    value.bytes().map(|octet| format!("%{octet:02X}")).collect()
}

pub(crate) fn numbers(rows: &[String]) -> Vec<i64> {
    rows.iter().map(|row| row.parse().expect("an id is a number")).collect()
}

/// The sorted ids in a member.
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

/// Sends `action` for the targets, which removes administrators.
pub(crate) async fn remove_administrators(
    service: &Service,
    caller: &Account,
    action: &str,
    targets: Vec<i64>,
) -> Answer {
    if let Some(action) = action.strip_prefix("bulk ") {
        return bulk(service, caller, action, &json!({"user_ids": targets})).await;
    }
    let path = format!("/users/{}", targets[0]);
    let request = match action {
        "delete" => service.delete(&path),
        action => service.put(&format!("{path}/{action}")),
    };
    request.bearer(&caller.tokens.access).send().await
}

/// Saves the accounts with their sessions and roles, for [`restore`].
pub(crate) async fn save(service: &Service) {
    service
        .sql(
            "CREATE SCHEMA saved;
             CREATE TABLE saved.users AS TABLE users;
             CREATE TABLE saved.sessions AS TABLE sessions;
             CREATE TABLE saved.refresh_tokens AS TABLE refresh_tokens;
             CREATE TABLE saved.user_roles AS TABLE user_roles;",
        )
        .await;
}

/// Restores the saved rows, tokens included.
pub(crate) async fn restore(service: &Service) {
    service
        .sql(
            "DELETE FROM users;
             INSERT INTO users SELECT * FROM saved.users;
             INSERT INTO sessions OVERRIDING SYSTEM VALUE SELECT * FROM saved.sessions;
             INSERT INTO refresh_tokens SELECT * FROM saved.refresh_tokens;
             INSERT INTO user_roles SELECT * FROM saved.user_roles;",
        )
        .await;
}

/// True when the change was made.
pub(crate) fn succeeded(answer: &Answer) -> bool {
    [200, 204].contains(&answer.status)
}

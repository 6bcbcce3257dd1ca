//! The test of the table of rights, `rights.txt`.

use serde_json::{Value, json};
use users_tests::{Account, Answer, PASSWORD, Request, Service, Tokens, assert_is_problem, token};

/// The callers, in the order of the columns.
const CALLERS: [&str; 6] = ["none", "plain", "moderator", "administrator", "deactivated", "deleted"];

/// The ids in the paths: an account with a role, which grants a permission.
const USER: i64 = 1_000_000;
const ROLE: i64 = 2_000_000;
const PERMISSION: i64 = 3_000_000;

/// The role of the moderator.
const MODERATOR: i64 = 2_000_001;

/// A row of the table.
struct Row {
    method: &'static str,
    path: &'static str,
    right: &'static str,
    statuses: [u16; CALLERS.len()],
}

fn table() -> Vec<Row> {
    let lines = include_str!("rights.txt").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(row).collect()
}

fn row(line: &'static str) -> Row {
    let (route, statuses) = line.split_once('|').unwrap_or_else(|| panic!("expected a `|`: {line}"));
    let route: Vec<&str> = route.split_whitespace().collect();
    let [method, path, right] = route[..] else { panic!("expected method, path and right: {line}") };
    let statuses: Vec<u16> =
        statuses.split_whitespace().map(|status| status.parse().expect("a status is a number")).collect();
    let statuses = statuses.try_into().unwrap_or_else(|_| panic!("expected a status per caller: {line}"));
    Row { method, path, right, statuses }
}

/// A service, and an account of every kind.
struct Fixture {
    service: Service,
    plain: Account,
    moderator: Account,
    administrator: Account,
    deactivated: Account,
    deleted: Account,
    /// The account for the rows of login, refresh and links.
    other: Account,
}

impl Fixture {
    async fn start() -> Self {
        let service = Service::start().await;
        let account = async |name: &str| service.account(&format!("{name}@example.com")).await;
        let plain = account("plain").await;
        let moderator = account("moderator").await;
        let administrator = service.administrator("administrator@example.com").await;
        let (deactivated, deleted) = (account("deactivated").await, account("deleted").await);
        let other = account("other").await;
        // An administrator who deletes their own account is then not the last one.
        service.administrator("spare@example.com").await;
        service
            .sql(&format!(
                "UPDATE users SET is_active = false WHERE id = {};
                 DELETE FROM users WHERE id = {};
                 CREATE SCHEMA saved;
                 CREATE TABLE saved.users AS TABLE users",
                deactivated.id, deleted.id
            ))
            .await;
        Self { service, plain, moderator, administrator, deactivated, deleted, other }
    }

    /// Resets the accounts, the objects in the paths and the role of the moderator. A request may delete its own account.
    async fn prepare(&self) {
        self.service
            .sql(&format!(
                "DELETE FROM user_roles; DELETE FROM roles; DELETE FROM permissions; DELETE FROM profiles;
                 DELETE FROM users; INSERT INTO users SELECT * FROM saved.users; DELETE FROM outbox;
                 INSERT INTO users (id, email, password_hash) VALUES ({USER}, 'user@example.org', '!');
                 INSERT INTO profiles (user_id, is_created, preferences)
                 VALUES ({USER}, true, '{{\"privacy_public_profile\": true}}');
                 INSERT INTO permissions (id, name, resource, action) VALUES
                     ({PERMISSION}, 'a permission', 'profile', 'read'),
                     (3000001, 'read accounts', 'user', 'read'), (3000002, 'write accounts', 'user', 'write');
                 INSERT INTO roles (id, name) VALUES ({ROLE}, 'a role'), ({MODERATOR}, 'moderator');
                 INSERT INTO role_permissions
                 VALUES ({ROLE}, {PERMISSION}), ({MODERATOR}, 3000001), ({MODERATOR}, 3000002);
                 INSERT INTO user_roles VALUES ({USER}, {ROLE}), ({}, {MODERATOR})",
                self.moderator.id
            ))
            .await;
    }

    /// All rows that a request may change.
    async fn state(&self) -> Vec<String> {
        self.service
            .sql(
                "SELECT u FROM users u ORDER BY id; SELECT s FROM sessions s ORDER BY id;
                 SELECT p FROM permissions p ORDER BY id; SELECT r FROM roles r ORDER BY id;
                 SELECT rp FROM role_permissions rp ORDER BY role_id, permission_id;
                 SELECT ur FROM user_roles ur ORDER BY user_id, role_id;
                 SELECT p FROM profiles p ORDER BY user_id; SELECT o FROM outbox o ORDER BY id;
                 SELECT t FROM one_time_tokens t ORDER BY token_hash",
            )
            .await
    }

    /// An access token of the caller. If the account may log in, the token belongs to a new session.
    async fn token(&self, caller: &str) -> Option<String> {
        let account = match caller {
            "none" => return None,
            "plain" => &self.plain,
            "moderator" => &self.moderator,
            "administrator" => &self.administrator,
            "deactivated" => return Some(self.deactivated.tokens.access.clone()),
            "deleted" => return Some(self.deleted.tokens.access.clone()),
            _ => panic!("nobody is called {caller}"),
        };
        Some(self.login(account).await.access)
    }

    async fn login(&self, account: &Account) -> Tokens {
        self.service.login(&account.email, PASSWORD).await
    }

    /// A valid request for the row, from the caller with this token. A session in the path is the caller's own session.
    async fn request(&self, row: &Row, access: Option<&str>) -> Request {
        let session = access.map_or(1, |access| {
            token::claims(access)["sid"].as_str().and_then(|id| id.parse().ok()).expect("a session has an id")
        });
        let names = [
            ("{user_id}", USER),
            ("{role_id}", ROLE),
            ("{permission_id}", PERMISSION),
            ("{session_id}", session),
        ];
        let path =
            names.iter().fold(row.path.to_owned(), |path, (name, id)| path.replace(name, &id.to_string()));
        let request = self.service.request(row.method, &path);
        match (row.method, row.path) {
            ("POST", "/auth/login") => {
                return request.form(&[("username", self.other.email.as_str()), ("password", PASSWORD)]);
            }
            ("POST", "/auth/refresh") => {
                let token = self.login(&self.other).await.refresh;
                return request.json(&json!({"refresh_token": token}));
            }
            ("POST", "/auth/introspect") => {
                let token = self.login(&self.other).await.access;
                return request.form(&[("token", token.as_str())]);
            }
            ("POST", "/auth/revoke") => {
                let token = self.login(&self.other).await.refresh;
                return request.form(&[("token", token.as_str())]);
            }
            ("POST", "/auth/password/reset") => {
                let token = self.service.link("password_reset", self.other.id, &self.other.email).await;
                return request.json(&json!({"token": token, "new_password": PASSWORD}));
            }
            ("POST", "/auth/email/verify") => {
                let token = self.service.link("email_verification", self.other.id, &self.other.email).await;
                return request.json(&json!({"token": token}));
            }
            _ => {}
        }
        match body(row) {
            Value::Null => request,
            body => request.json(&body),
        }
    }

    async fn send(&self, row: &Row, caller: &str) -> Answer {
        let access = self.token(caller).await;
        let request = self.request(row, access.as_deref()).await;
        match access {
            Some(access) => request.bearer(&access).send().await,
            None => request.send().await,
        }
    }
}

/// A valid body for the row, or null.
fn body(row: &Row) -> Value {
    match (row.method, row.path) {
        ("POST", "/auth/register") => json!({"email": "new@example.org", "password": PASSWORD}),
        ("PUT", "/auth/password") => {
            json!({"current_password": PASSWORD, "new_password": "another good password"})
        }
        ("POST", "/auth/password/forgot") => json!({"email": "new@example.org"}),
        ("PUT", "/auth/email") => json!({"email": "new@example.org", "password": PASSWORD}),
        ("DELETE", "/auth/me") => json!({"password": PASSWORD}),
        ("POST", "/users") => json!({"email": "new@example.org"}),
        ("PUT", "/users/{user_id}") => json!({"full_name": "New"}),
        ("PUT", "/users/bulk/activate" | "/users/bulk/deactivate" | "/users/bulk/delete") => {
            json!({"user_ids": [USER]})
        }
        ("POST", "/rbac/permissions") => json!({"name": "new", "resource": "new", "action": "new"}),
        ("PUT", "/rbac/permissions/{permission_id}") => json!({"action": "write"}),
        ("POST", "/rbac/roles") => json!({"name": "new", "permission_ids": [PERMISSION]}),
        ("PUT", "/rbac/roles/{role_id}") => json!({"permission_ids": []}),
        ("POST", "/rbac/users/{user_id}/roles") => json!({"role_ids": [ROLE, MODERATOR]}),
        ("POST" | "PUT", "/profile") => json!({"bio": "new"}),
        ("PUT", "/profile/preferences") => json!({"theme": "dark"}),
        ("POST", "/rbac/check-permission") => json!({"resource": "user", "action": "read"}),
        _ => Value::Null,
    }
}

/// The code of a refusal. Other answers have none.
fn code(row: &Row, caller: &str, status: u16) -> Option<&'static str> {
    match (status, caller) {
        (401, "none") => Some("not_authenticated"),
        (401, _) => Some("invalid_token"),
        (403, "deactivated") => Some("inactive_account"),
        (403, _) if row.right == "admin" => Some("admin_required"),
        (403, _) => Some("permission_denied"),
        _ => None,
    }
}

#[tokio::test]
async fn every_caller_gets_the_status_in_the_table() {
    let fixture = Fixture::start().await;
    let mut wrong = Vec::new();
    for row in table() {
        for (caller, expected) in CALLERS.into_iter().zip(row.statuses) {
            fixture.prepare().await;
            let answer = fixture.send(&row, caller).await;
            let code = code(&row, caller, expected);
            let actual = code.map(|_| answer.json()["code"].as_str().unwrap_or_default().to_owned());
            if answer.status != expected || actual.as_deref() != code {
                let Row { method, path, .. } = row;
                wrong
                    .push(format!("{method} {path} {caller}: expected {expected} {code:?}, got {answer:#?}"));
            } else if code.is_some() {
                assert_is_problem(&answer);
            }
        }
    }
    assert!(wrong.is_empty(), "{} answers differ from the table: {}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn a_refused_request_changes_nothing() {
    let fixture = Fixture::start().await;
    for row in table() {
        for (caller, expected) in CALLERS.into_iter().zip(row.statuses) {
            if expected < 400 {
                continue;
            }
            fixture.prepare().await;
            let token = fixture.token(caller).await;
            let request = fixture.request(&row, token.as_deref()).await;
            let before = fixture.state().await;
            token.into_iter().fold(request, |request, token| request.bearer(&token)).send().await;
            let Row { method, path, .. } = row;
            assert_eq!(fixture.state().await, before, "{method} {path} {caller}: expected no change");
        }
    }
}

/// Finds typing errors in the table.
#[test]
fn the_columns_of_the_table_follow_from_the_right() {
    for Row { method, path, right, statuses } in table() {
        let [none, plain, moderator, administrator, deactivated, deleted] = statuses;
        let place = format!("{method} {path}");
        assert!((200..300).contains(&administrator), "{place}: expected an administrator to be admitted");
        if right == "public" {
            assert_eq!(statuses, [administrator; CALLERS.len()], "{place}: expected no token to matter");
            continue;
        }
        assert_eq!((none, deactivated, deleted), (401, 403, 401), "{place}: expected these to be refused");
        let expected = match right {
            "account" => (administrator, administrator),
            "user:read" | "user:write" => (403, administrator),
            _ => (403, 403),
        };
        assert_eq!((plain, moderator), expected, "{place}: expected what `{right}` means");
    }
}

#[test]
fn every_route_has_one_row() {
    let mut routes: Vec<String> = table().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    let count = routes.len();
    routes.sort_unstable();
    routes.dedup();
    assert_eq!(routes.len(), count, "expected each route once");
}

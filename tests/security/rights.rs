//! The test of the table of rights, `rights.txt`.

use serde_json::{Value, json};
use users_tests::{
    Account, Answer, ORIGIN, PASSWORD, Request, Service, Tokens, assert_is_problem, assert_problem, token,
};

/// The callers, in the order of the columns.
const CALLERS: [&str; 6] = ["none", "plain", "moderator", "administrator", "deactivated", "deleted"];

/// The ids in the paths: an account with a role, which grants a permission.
const USER: i64 = 1_000_000;
const ROLE: i64 = 2_000_000;
const PERMISSION: i64 = 3_000_000;

/// A service account, for the route that makes keys of one.
const SERVICE: i64 = 1_000_001;

/// The id of the API key of an account.
fn key_of(user: i64) -> i64 {
    4_000_000 + user
}

/// The id of the passkey of an account.
fn passkey_of(user: i64) -> i64 {
    5_000_000 + user
}

/// The role of the moderator.
const MODERATOR: i64 = 2_000_001;

/// The roles of the callers who administrate a part.
const READER: i64 = 2_000_002;
const OPERATOR: i64 = 2_000_003;

/// A row of the table.
pub(super) struct Row {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    right: &'static str,
    statuses: [u16; CALLERS.len()],
}

pub(super) fn table() -> Vec<Row> {
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
pub(super) struct Fixture {
    pub(super) service: Service,
    plain: Account,
    moderator: Account,
    administrator: Account,
    reader: Account,
    operator: Account,
    deactivated: Account,
    deleted: Account,
    /// The account for the rows of login, refresh and links.
    other: Account,
}

impl Fixture {
    pub(super) async fn start() -> Self {
        let service = Service::start().await;
        let account = async |name: &str| service.account(&format!("{name}@example.com")).await;
        let plain = account("plain").await;
        let moderator = account("moderator").await;
        let administrator = service.administrator("administrator@example.com").await;
        let (reader, operator) = (account("reader").await, account("operator").await);
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
        Self { service, plain, moderator, administrator, reader, operator, deactivated, deleted, other }
    }

    /// Resets the accounts, the objects in the paths and the role of the moderator. A request may delete its own account.
    pub(super) async fn prepare(&self) {
        self.service
            .sql(&format!(
                "DELETE FROM user_roles; DELETE FROM roles; DELETE FROM permissions; DELETE FROM profiles;
                 DELETE FROM users; INSERT INTO users SELECT * FROM saved.users; DELETE FROM outbox;
                 INSERT INTO users (id, email, password_hash) VALUES ({USER}, 'user@example.org', '!');
                 INSERT INTO profiles (user_id, is_created, preferences)
                 VALUES ({USER}, true, '{{\"privacy_public_profile\": true}}');
                 INSERT INTO permissions (id, name, resource, action) VALUES
                     ({PERMISSION}, 'a permission', 'profile', 'read'),
                     (3000001, 'read accounts', 'user', 'read'), (3000002, 'write accounts', 'user', 'write'),
                     (3000003, 'accounts:read', 'accounts', 'read'), (3000004, 'accounts:write', 'accounts', 'write'),
                     (3000005, 'rbac:read', 'rbac', 'read'), (3000006, 'rbac:write', 'rbac', 'write'),
                     (3000007, 'profile:all', 'profile', 'all');
                 INSERT INTO roles (id, name) VALUES
                     ({ROLE}, 'a role'), ({MODERATOR}, 'moderator'), ({READER}, 'reader'), ({OPERATOR}, 'operator');
                 INSERT INTO role_permissions VALUES
                     ({ROLE}, {PERMISSION}), ({MODERATOR}, 3000001), ({MODERATOR}, 3000002),
                     ({READER}, 3000003), ({READER}, 3000005),
                     ({OPERATOR}, 3000003), ({OPERATOR}, 3000004), ({OPERATOR}, 3000005), ({OPERATOR}, 3000006),
                     ({OPERATOR}, 3000001), ({OPERATOR}, 3000002), ({OPERATOR}, 3000007);
                 INSERT INTO user_roles VALUES
                     ({USER}, {ROLE}), ({}, {MODERATOR}), ({}, {READER}), ({}, {OPERATOR});
                 INSERT INTO users (id, email, password_hash, kind)
                 VALUES ({SERVICE}, 'service:{SERVICE}', '', 'service');
                 INSERT INTO api_keys (id, user_id, name, key_hash) OVERRIDING SYSTEM VALUE
                 SELECT {} + id, id, 'a key', sha256(id::text::bytea) FROM users;
                 INSERT INTO passkeys (
                     id, user_id, name, credential_id, public_key, algorithm, sign_count, backup_eligible, backed_up, user_verified, transports,
                     aaguid
                 ) OVERRIDING SYSTEM VALUE
                 SELECT {} + id, id, 'a passkey', sha256(id::text::bytea), '', -7, 0, false, false, true, '{{}}', gen_random_uuid()
                   FROM users",
                self.moderator.id,
                self.reader.id,
                self.operator.id,
                key_of(0),
                passkey_of(0)
            ))
            .await;
    }

    /// All rows that a request may change.
    pub(super) async fn state(&self) -> Vec<String> {
        self.service
            .sql(
                "SELECT u FROM users u ORDER BY id; SELECT s FROM sessions s ORDER BY id;
                 SELECT p FROM permissions p ORDER BY id; SELECT r FROM roles r ORDER BY id;
                 SELECT rp FROM role_permissions rp ORDER BY role_id, permission_id;
                 SELECT ur FROM user_roles ur ORDER BY user_id, role_id;
                 SELECT p FROM profiles p ORDER BY user_id; SELECT o FROM outbox o ORDER BY id;
                 SELECT t FROM one_time_tokens t ORDER BY token_hash; SELECT k FROM api_keys k ORDER BY id",
            )
            .await
    }

    /// All rows that a request may change, but those of sessions: a token of the caller needs one.
    async fn state_of_others(&self) -> Vec<String> {
        self.service
            .sql(
                "SELECT u FROM users u ORDER BY id; SELECT p FROM permissions p ORDER BY id;
                 SELECT r FROM roles r ORDER BY id; SELECT rp FROM role_permissions rp ORDER BY role_id, permission_id;
                 SELECT ur FROM user_roles ur ORDER BY user_id, role_id; SELECT p FROM profiles p ORDER BY user_id;
                 SELECT o FROM outbox o ORDER BY id; SELECT t FROM one_time_tokens t ORDER BY token_hash",
            )
            .await
    }

    /// An access token of the caller. If the account may log in, the token belongs to a new session.
    pub(super) async fn token(&self, caller: &str) -> Option<String> {
        let account = match caller {
            "none" => return None,
            "plain" => &self.plain,
            "moderator" => &self.moderator,
            "administrator" => &self.administrator,
            "reader" => &self.reader,
            "operator" => &self.operator,
            "deactivated" => return Some(self.deactivated.tokens.access.clone()),
            "deleted" => return Some(self.deleted.tokens.access.clone()),
            _ => panic!("nobody is called {caller}"),
        };
        Some(self.login(account).await.access)
    }

    async fn login(&self, account: &Account) -> Tokens {
        self.service.login(&account.email, PASSWORD).await
    }

    /// A valid request for the row, from the caller with this access token. A session or a key in a path under `/auth` is the caller's own.
    pub(super) async fn request(&self, row: &Row, access: Option<&str>) -> Request {
        let claim = |name: &str| -> i64 {
            let Some(access) = access else { return 1 };
            token::claims(access)[name].as_str().and_then(|id| id.parse().ok()).expect("a token has ids")
        };
        let session = claim("sid");
        let key = key_of(if row.path.starts_with("/auth") { claim("sub") } else { USER });
        let passkey = passkey_of(claim("sub"));
        let user =
            if (row.method, row.path) == ("POST", "/users/{user_id}/api-keys") { SERVICE } else { USER };
        let names = [
            ("{user_id}", user),
            ("{role_id}", ROLE),
            ("{permission_id}", PERMISSION),
            ("{session_id}", session),
            ("{key_id}", key),
            ("{passkey_id}", passkey),
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
            ("POST", "/auth/login/factor") => {
                let account = Account { tokens: self.login(&self.other).await, ..self.other.clone() };
                let (_, recovery_codes) = self.service.authenticator(&account).await;
                let challenge = self.service.challenge(&account.email).await;
                return request.json(&json!({"challenge": challenge, "recovery_code": recovery_codes[0]}));
            }
            ("POST", "/auth/totp/confirm") => {
                let code = match access {
                    Some(access) if self.is_admitted(access).await => {
                        self.service.begin_totp(access).await.code(0)
                    }
                    _ => "123456".to_owned(),
                };
                return request.json(&json!({"code": code}));
            }
            ("POST", "/auth/recovery-codes") => {
                let has_factor = "UPDATE users SET factors_since = now() WHERE id = {sub};
                                  UPDATE sessions SET factor_at = now() WHERE id = {sid}";
                let statements = has_factor
                    .replace("{sub}", &claim("sub").to_string())
                    .replace("{sid}", &claim("sid").to_string());
                self.service.sql(&statements).await;
            }
            ("POST", "/auth/passkeys") => {
                let options = match access {
                    Some(access) if self.is_admitted(access).await => {
                        self.service.creation_options(access).await
                    }
                    _ => {
                        let someone = self.login(&self.other).await;
                        self.service.creation_options(&someone.access).await
                    }
                };
                let credential = software_authenticator::Authenticator::new().create(&options, ORIGIN);
                return request.json(&json!({"credential": credential.expect("a passkey")}));
            }
            ("POST", "/auth/passkeys/login") => {
                let mut authenticator = software_authenticator::Authenticator::new();
                let someone = self.login(&self.other).await;
                let behaviour = software_authenticator::Behaviour::default();
                self.service.passkey_as(&someone.access, &mut authenticator, &behaviour).await;
                let options = self.service.passkey_login_options().await;
                let assertion = authenticator.get(&options, ORIGIN).expect("an answer");
                return request.json(&json!({"assertion": assertion}));
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

    async fn is_admitted(&self, access: &str) -> bool {
        self.service.me(access).await.status == 200
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
        ("POST", "/auth/reauthenticate") => json!({"password": PASSWORD}),
        ("POST", "/auth/password/forgot") => json!({"email": "new@example.org"}),
        ("PUT", "/auth/email") => json!({"email": "new@example.org", "password": PASSWORD}),
        ("POST", "/auth/api-keys" | "/users/{user_id}/api-keys") => json!({"name": "another key"}),
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
        ("PUT", "/auth/passkeys/{passkey_id}") => json!({"name": "phone"}),
        ("POST" | "PUT", "/profile") => json!({"bio": "new"}),
        ("PUT", "/profile/preferences") => json!({"theme": "dark"}),
        ("POST", "/rbac/check-permission") => json!({"resource": "user", "action": "read"}),
        _ => Value::Null,
    }
}

/// True for the rights of administrators, and those that open a part of the administration.
fn is_administrative(right: &str) -> bool {
    right == "admin" || right.starts_with("accounts:") || right.starts_with("rbac:")
}

/// The status of a caller who administrates a part, if the caller's permissions end in one of these actions.
fn status_of_a_part(row: &Row, actions: &[&str]) -> u16 {
    let [_, plain, _, administrator, ..] = row.statuses;
    let opens = |right: &str| {
        let (resource, action) = right.split_once(':').unwrap_or_default();
        ["accounts", "rbac"].contains(&resource) && actions.contains(&action)
    };
    if opens(row.right) { administrator } else { plain }
}

/// The code of a refusal. Other answers have none.
fn code(row: &Row, caller: &str, status: u16) -> Option<&'static str> {
    match (status, caller) {
        (401, "none") => Some("not_authenticated"),
        (401, _) => Some("invalid_token"),
        (403, "deactivated") => Some("inactive_account"),
        (403, _) if is_administrative(row.right) => Some("admin_required"),
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
async fn a_part_of_the_administration_is_open_to_whom_the_permission_names() {
    let fixture = Fixture::start().await;
    let mut wrong = Vec::new();
    for row in table() {
        for (caller, actions) in [("reader", &["read"][..]), ("operator", &["read", "write"])] {
            let expected = status_of_a_part(&row, actions);
            fixture.prepare().await;
            let before = fixture.state_of_others().await;
            let answer = fixture.send(&row, caller).await;
            let Row { method, path, .. } = row;
            if answer.status != expected {
                wrong.push(format!("{method} {path} {caller}: expected {expected}, got {answer:#?}"));
            } else if let Some(code) = code(&row, caller, expected) {
                assert_problem(&answer, expected, code);
                assert_eq!(fixture.state_of_others().await, before, "{method} {path} {caller}");
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

/// A key without a list of permissions reaches what its account reaches, but for what belongs to a session.
#[tokio::test]
async fn the_key_of_an_administrator_reaches_every_route_but_those_of_a_session() {
    let fixture = Fixture::start().await;
    let key = fixture.service.api_key(&fixture.administrator.tokens.access, &json!({"name": "all"})).await;
    // A use in the same hour is not written down, so a refused request changes nothing at all.
    fixture
        .service
        .sql("UPDATE api_keys SET last_used_at = now() + interval '1 day'; CREATE TABLE saved.api_keys AS TABLE api_keys")
        .await;
    for row in table() {
        fixture.prepare().await;
        fixture
            .service
            .sql("INSERT INTO api_keys OVERRIDING SYSTEM VALUE SELECT * FROM saved.api_keys")
            .await;
        let request = fixture.request(&row, None).await.bearer(&key);
        let before = fixture.state().await;
        let answer = request.send().await;
        if ["session", "optional"].contains(&row.right) {
            assert_problem(&answer, 403, "api_key_not_allowed");
            assert_eq!(fixture.state().await, before, "{} {}: expected no change", row.method, row.path);
        } else {
            assert_eq!(answer.status, row.statuses[3], "{} {}: {answer:#?}", row.method, row.path);
        }
    }
}

/// Finds typing errors in the table.
#[test]
fn the_columns_of_the_table_follow_from_the_right() {
    for Row { method, path, right, statuses } in table() {
        let [none, plain, moderator, administrator, deactivated, deleted] = statuses;
        let place = format!("{method} {path}");
        if ["page", "public"].contains(&right) {
            assert_eq!(statuses, [administrator; CALLERS.len()], "{place}: expected no token to matter");
        }
        if right == "page" {
            continue;
        }
        assert!((200..300).contains(&administrator), "{place}: expected an administrator to be admitted");
        if right == "public" {
            continue;
        }
        let without = if right == "optional" { administrator } else { 401 };
        assert_eq!(
            (none, deactivated, deleted),
            (without, 403, 401),
            "{place}: expected these to be refused"
        );
        let expected = match right {
            "account" | "session" | "optional" => (administrator, administrator),
            "user:read" | "user:write" => (403, administrator),
            // Only administrators, and callers without a column.
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

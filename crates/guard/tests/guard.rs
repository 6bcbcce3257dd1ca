//! Tests of the guard: every access rule, natively, against a real Postgres.

use serde_json::{Value, json};
use users_core::{Permission, StoredProfile, User};
use users_crypto::{ApiKeySecret, OsRandom};
use users_guard::{
    Account, AccountWith, Admin, Administers, Authority, Caller, Credential, FreshFactor, FreshSession,
    Guard, OwnSession, Permitted, Rights, SessionWithProof,
};
use users_testing::{Client, TestDatabase};
use users_web::openapi::{Part, document};
use users_web::{About, Code, Component, Json, JsonArray, NoContent, Problem, Public, Route, get};

/// The routes that need a caller.
const GUARDED: [&str; 11] = [
    "/account",
    "/rights",
    "/roles",
    "/profile",
    "/admin",
    "/part",
    "/permitted",
    "/session",
    "/fresh",
    "/fresh-factor",
    "/proof",
];

/// A route for each access rule.
fn routes() -> Vec<Route<Guard>> {
    let rights = AccountWith(&[Rights::EXTRA]);
    vec![
        get("/public", Public, async || NoContent, about),
        get("/account", Account, async |caller: Caller| Json::<User>(caller.user), about),
        get("/rights", rights, async |it: Rights| JsonArray::<Permission>(it.subject.permissions), about),
        get("/roles", rights, async |it: Rights| JsonArray::<String>(it.subject.roles), about),
        get("/profile", AccountWith(&["profile"]), profile, about),
        get("/admin", Admin, async |caller: Caller| Json::<User>(caller.user), about),
        get("/part", Administers("accounts", "read"), part, about),
        get("/permitted", Permitted("user", "read"), async |caller: Caller| Json::<User>(caller.user), about),
        get("/defect", Account, profile, about),
        get("/defect-of-authority", Account, part, about),
        get("/session", OwnSession, async |caller: Caller| Json::<User>(caller.user), about),
        get("/credential", Account, credential, about),
        get("/fresh", FreshSession, async || NoContent, about),
        get("/fresh-factor", FreshFactor, async || NoContent, about),
        get("/proof", SessionWithProof, proof, about),
    ]
}

fn about() -> About {
    About::new("id", "summary", "answer")
}

async fn profile(caller: Caller) -> Result<Json<StoredProfile>, Problem> {
    let profile: Option<StoredProfile> = caller.extra("profile")?;
    profile.map(Json).ok_or(Code::NOT_FOUND.into())
}

/// No answer to an administrator, and 404 to somebody with a part of the administration.
async fn part(authority: Authority) -> Result<NoContent, Problem> {
    if authority == Authority::Full { Ok(NoContent) } else { Err(Code::NOT_FOUND.into()) }
}

/// 404 for a session by two factors.
async fn proof(caller: Caller) -> Result<NoContent, Problem> {
    if caller.proof()?.authentication.level() == "2" { Err(Code::NOT_FOUND.into()) } else { Ok(NoContent) }
}

/// 404 for an API key, whose session is none.
async fn credential(caller: Caller) -> Result<NoContent, Problem> {
    match caller.credential {
        Credential::Session(session) if caller.own_session()? == session => Ok(NoContent),
        Credential::Session(_) => Err(Problem::internal("another session")),
        Credential::ApiKey(_) => {
            caller.own_session().map(|_| NoContent).map_err(|problem| problem.with_detail("a key"))
        }
    }
}

/// A component on its own database, and the token of account 1, which is not an administrator.
async fn service() -> (TestDatabase, Client, String) {
    let database = TestDatabase::create().await;
    let guard = Guard::read(&database.component()).await.unwrap();
    let client = Client(Component::new("x", routes(), guard));
    let (_, token) = database.sign_in("alice@example.com", false).await;
    (database, client, token)
}

/// Asserts that every guarded route answers with this problem.
async fn assert_refused(client: &Client, token: Option<&str>, status: u16, code: &str) {
    for path in GUARDED {
        assert_eq!(client.get(path, token).await.expect(status).text("code"), code, "{path}");
    }
}

#[tokio::test]
async fn only_a_public_route_lets_anyone_pass() {
    let (_database, client, _) = service().await;
    client.get("/public", None).await.expect(204);
    assert_refused(&client, None, 401, "not_authenticated").await;
    assert_refused(&client, Some("a.b.c"), 401, "invalid_token").await;
}

#[tokio::test]
async fn an_account_passes_where_no_right_is_asked_for() {
    let (_database, client, token) = service().await;
    let token = Some(token.as_str());
    assert_eq!(client.get("/account", token).await.expect(200).text("email"), "alice@example.com");
    assert_eq!(client.get("/rights", token).await.expect(200).json, json!([]));
    assert_eq!(client.get("/profile", token).await.expect(404).text("code"), "not_found");
    assert_eq!(client.get("/admin", token).await.expect(403).text("code"), "admin_required");
    assert_eq!(client.get("/permitted", token).await.expect(403).text("code"), "permission_denied");
}

#[tokio::test]
async fn grants_and_the_profile_are_read_with_the_caller() {
    let (database, client, token) = service().await;
    let token = Some(token.as_str());
    database
        .sql(
            "INSERT INTO permissions (name, resource, action) VALUES ('read', 'user', 'read');
             INSERT INTO roles (name) VALUES ('reader');
             INSERT INTO role_permissions VALUES (1, 1);
             INSERT INTO user_roles VALUES (1, 1);
             INSERT INTO profiles (user_id, bio, is_created) VALUES (1, 'Poetical science', true);",
        )
        .await;
    let read = json!({"id": 1, "name": "read", "description": null, "resource": "user", "action": "read"});
    assert_eq!(client.get("/rights", token).await.expect(200).json, json!([read]));
    assert_eq!(client.get("/roles", token).await.expect(200).json, json!(["reader"]));
    assert_eq!(client.get("/profile", token).await.expect(200).text("bio"), "Poetical science");
    assert_eq!(client.get("/permitted", token).await.expect(200).json["id"], 1);
    client.get("/admin", token).await.expect(403);
}

#[tokio::test]
async fn a_part_of_the_administration_needs_its_right() {
    let (database, client, token) = service().await;
    let (_, root) = database.sign_in("root@example.com", true).await;
    let part = async |token: &str| client.get("/part", Some(token)).await;
    assert_eq!(part(&token).await.expect(403).text("code"), "admin_required");
    part(&root).await.expect(204);
    database
        .sql(
            "INSERT INTO permissions (name, resource, action) VALUES ('p', 'accounts', 'write');
             INSERT INTO roles (name) VALUES ('r');
             INSERT INTO role_permissions VALUES (1, 1);
             INSERT INTO user_roles VALUES (1, 1);",
        )
        .await;
    assert_eq!(part(&token).await.expect(403).text("code"), "admin_required");
    database.sql("UPDATE permissions SET action = 'read'").await;
    part(&token).await.expect(404);
    database.sql("UPDATE permissions SET resource = 'admin', action = 'all'").await;
    part(&token).await.expect(204);
    client.get("/defect-of-authority", Some(&root)).await.expect(500);
}

#[tokio::test]
async fn an_extra_that_no_rule_asks_for_is_a_defect_and_not_null() {
    let (_database, client, token) = service().await;
    client.get("/defect", Some(&token)).await.expect(500);
}

#[tokio::test]
async fn a_fresh_session_is_asked_for_by_the_clock_of_the_database() {
    let (database, client, token) = service().await;
    let stale = "insufficient_user_authentication";
    let assert_codes = async |statement: &str, fresh: &str, factor: &str| {
        database.sql(statement).await;
        for (path, code) in [("/fresh", fresh), ("/fresh-factor", factor)] {
            let answer = client.get(path, Some(&token)).await;
            let expected = if code.is_empty() { 204 } else { 401 };
            let answer = answer.expect(expected);
            assert_eq!(answer.json["code"].as_str().unwrap_or_default(), code, "{path} {statement}");
        }
    };
    assert_codes("SELECT", "", "").await;
    assert_codes("UPDATE sessions SET created_at = now() - interval '11 minutes'", stale, "").await;
    assert_codes("UPDATE sessions SET authenticated_at = now() - interval '9 minutes'", "", "").await;
    assert_codes("UPDATE users SET factors_since = now()", stale, stale).await;
    assert_codes("UPDATE sessions SET factor_at = now() - interval '9 minutes'", "", "").await;
    assert_codes("UPDATE sessions SET factor_at = now() - interval '11 minutes'", stale, stale).await;
    client.get("/proof", Some(&token)).await.expect(204);
    database.sql("UPDATE sessions SET methods = '{pwd,otp,mfa}'").await;
    client.get("/proof", Some(&token)).await.expect(404);
}

/// Makes a key of account 1, limited to these permissions in SQL.
async fn key(database: &TestDatabase, permissions: &str) -> String {
    let key = ApiKeySecret::generate(&OsRandom);
    let hash: String = key.hash().iter().map(|octet| format!("{octet:02x}")).collect();
    database.sql(&format!("SELECT add_api_key(1, 'x', '\\x{hash}', {permissions}, NULL, NULL, 9)")).await;
    key.as_str().to_owned()
}

#[tokio::test]
async fn a_key_passes_where_its_account_does_but_for_its_sessions() {
    let (database, client, token) = service().await;
    let key = key(&database, "NULL").await;
    for (path, token_status, key_status) in [
        ("/public", 204, 204),
        ("/account", 200, 200),
        ("/rights", 200, 200),
        ("/admin", 403, 403),
        ("/session", 200, 403),
        ("/credential", 204, 403),
        ("/fresh", 204, 403),
        ("/fresh-factor", 204, 403),
        ("/proof", 204, 403),
    ] {
        client.get(path, Some(&token)).await.expect(token_status);
        client.get(path, Some(&key)).await.expect(key_status);
    }
    assert_eq!(client.get("/session", Some(&key)).await.expect(403).text("code"), "api_key_not_allowed");
    database.sql("UPDATE users SET is_admin = true").await;
    client.get("/admin", Some(&key)).await.expect(200);
    database.sql("UPDATE users SET is_active = false").await;
    assert_refused(&client, Some(&key), 403, "inactive_account").await;
    database.sql("DELETE FROM api_keys").await;
    assert_refused(&client, Some(&key), 401, "invalid_token").await;
}

#[tokio::test]
async fn a_limited_key_of_an_administrator_is_granted_rights_that_no_permission_has() {
    let (database, client, _) = service().await;
    database.sql("UPDATE users SET is_admin = true").await;
    let reader = key(&database, "'{user:read}'").await;
    client.get("/permitted", Some(&reader)).await.expect(200);
    assert_eq!(client.get("/rights", Some(&reader)).await.expect(200).json, json!([]));
    assert_eq!(client.get("/admin", Some(&reader)).await.expect(403).text("code"), "admin_required");
    assert_eq!(client.get("/account", Some(&reader)).await.expect(200).json["is_admin"], false);
    let other = key(&database, "'{user:write}'").await;
    assert_eq!(client.get("/permitted", Some(&other)).await.expect(403).text("code"), "permission_denied");
    let all = key(&database, "'{admin:all}'").await;
    client.get("/admin", Some(&all)).await.expect(200);
}

#[tokio::test]
async fn an_administrator_passes_everywhere() {
    let (database, client, _) = service().await;
    let (_, token) = database.sign_in("root@example.com", true).await;
    for path in ["/public", "/account", "/rights", "/admin", "/part", "/permitted"] {
        let answer = client.get(path, Some(&token)).await;
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_deactivated_account_is_told_so_even_after_its_session_has_ended() {
    let (database, client, token) = service().await;
    database.sql("UPDATE users SET is_active = false").await;
    assert_refused(&client, Some(&token), 403, "inactive_account").await;
    database.sql("DELETE FROM sessions").await;
    assert_refused(&client, Some(&token), 403, "inactive_account").await;
}

#[tokio::test]
async fn without_a_session_nobody_learns_which_accounts_there_are() {
    let (database, ..) = service().await;
    let db = database.connect().await;
    let ask =
        "SELECT caller_by_token((SELECT coalesce(max(id), 0) FROM users) + $1, 999999, NULL, '{profile}')";
    let mut answers = Vec::new();
    for above in [0, 1] {
        let text: String = db.query_one(ask, &[&above]).await.unwrap().get(0);
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        answer["now"].take();
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_token_ends_with_its_session_and_with_its_account() {
    let (database, client, token) = service().await;
    for statement in ["UPDATE sessions SET expires_at = now()", "DELETE FROM sessions", "DELETE FROM users"] {
        database.sql(statement).await;
        assert_refused(&client, Some(&token), 401, "invalid_token").await;
    }
}

#[tokio::test]
async fn a_path_or_method_outside_the_table_of_routes_is_a_problem() {
    let (_database, client, _) = service().await;
    assert_eq!(client.get("/nowhere", None).await.expect(404).text("code"), "not_found");
    let answer = client.post("/public", None, &Value::Null).await.expect(405);
    assert_eq!(answer.text("code"), "method_not_allowed");
}

#[test]
fn a_rule_describes_its_right_and_its_problems() {
    let required: Vec<String> = routes().iter().map(|route| route.required.to_string()).collect();
    assert_eq!(
        required,
        [
            "public",
            "account",
            "account",
            "account",
            "account",
            "admin",
            "accounts:read",
            "user:read",
            "account",
            "account",
            "session",
            "account",
            "session",
            "session",
            "session",
        ]
    );

    let document = document("0", "", vec![Part::new("x", "", routes())]).unwrap();
    let document = serde_json::to_value(document).unwrap();
    let get = |path: &str| &document["paths"][path]["get"];
    assert_eq!(
        (&get("/public")["security"], &get("/public")["responses"]["401"]),
        (&json!([]), &Value::Null)
    );
    let description = |path: &str| get(path)["description"].as_str().unwrap_or_default();
    assert_eq!(description("/admin"), "For administrators.");
    assert_eq!(
        description("/part"),
        "For administrators, and for callers with the permission `accounts:read`."
    );
    for (path, forbidden) in [
        ("/account", "AddressRefusedOrInactiveAccount"),
        ("/rights", "AddressRefusedOrInactiveAccount"),
        ("/roles", "AddressRefusedOrInactiveAccount"),
        ("/profile", "AddressRefusedOrInactiveAccount"),
        ("/session", "AddressRefusedOrApiKeyNotAllowedOrInactiveAccount"),
        ("/fresh", "AddressRefusedOrApiKeyNotAllowedOrInactiveAccount"),
        ("/fresh-factor", "AddressRefusedOrApiKeyNotAllowedOrInactiveAccount"),
        ("/admin", "AddressRefusedOrAdminRequiredOrInactiveAccountOrPermissionDenied"),
        ("/part", "AddressRefusedOrAdminRequiredOrInactiveAccountOrPermissionDenied"),
        ("/permitted", "AddressRefusedOrInactiveAccountOrPermissionDenied"),
    ] {
        assert_eq!(get(path)["security"].as_array().map(Vec::len), Some(2), "{path}");
        let problem = |status: &str| get(path)["responses"][status]["$ref"].as_str().unwrap_or_default();
        let problem = |status: &str| problem(status).rsplit('/').next().unwrap_or_default();
        let unauthorized = if path.starts_with("/fresh") {
            "InsufficientUserAuthenticationOrInvalidTokenOrNotAuthenticated"
        } else {
            "InvalidTokenOrNotAuthenticated"
        };
        assert_eq!(problem("401"), unauthorized, "{path}");
        assert_eq!(problem("403"), forbidden, "{path}");
        assert_eq!((problem("500"), problem("503")), ("InternalError", "DatabaseUnavailable"), "{path}");
    }
}

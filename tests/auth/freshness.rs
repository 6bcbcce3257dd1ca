//! Fresh sessions: what needs one, and what makes one (RFC 9470).

use serde_json::{Value, json};
use users_tests::{Account, Answer, PASSWORD, Service, Tokens, assert_problem, token};

/// A new password.
const NEW: &str = "a stapled battery of horses";
/// The routes that need a fresh session. `{other}` is another session of the account.
const FRESH: [(&str, &str); 4] = [
    ("DELETE", "/auth/sessions/{other}"),
    ("DELETE", "/auth/sessions"),
    ("POST", "/auth/api-keys"),
    ("GET", "/auth/export"),
];
/// The routes whose body has the password, which is the proof unless a second factor is set up.
const WITH_PASSWORD: [(&str, &str); 3] =
    [("PUT", "/auth/password"), ("PUT", "/auth/email"), ("DELETE", "/auth/me")];
/// Routes of a session that need no fresh one. `{own}` is the session itself.
const OTHERS: [(&str, &str); 7] = [
    ("GET", "/auth/me"),
    ("GET", "/auth/sessions"),
    ("GET", "/auth/api-keys"),
    ("POST", "/auth/email/verification"),
    ("DELETE", "/auth/api-keys/1"),
    ("DELETE", "/auth/sessions/{own}"),
    ("POST", "/auth/logout"),
];

fn session(tokens: &Tokens) -> String {
    token::claims(&tokens.access)["sid"].as_str().expect("a session").to_owned()
}

fn body(path: &str) -> Value {
    match path {
        "/auth/password" => json!({"current_password": PASSWORD, "new_password": NEW}),
        "/auth/email" => json!({"email": "ada@example.org", "password": PASSWORD}),
        "/auth/me" => json!({"password": PASSWORD}),
        "/auth/api-keys" => json!({"name": "a key"}),
        _ => Value::Null,
    }
}

/// Sends a request from a new session of a new account, after these statements; `{id}` in them is the account.
async fn send(service: &Service, (method, path): (&str, &str), email: &str, statements: &str) -> Answer {
    let account = service.account(email).await;
    let other = service.login(email, PASSWORD).await;
    service.sql(&statements.replace("{id}", &account.id.to_string())).await;
    let path = path.replace("{other}", &session(&other)).replace("{own}", &session(&account.tokens));
    let request = service.request(method, &path).bearer(&account.tokens.access);
    match body(&path) {
        Value::Null => request.send().await,
        body => request.json(&body).send().await,
    }
}

/// A state of sessions: its name, the statements that make it, and whether each group of routes admits the caller.
struct State {
    name: &'static str,
    statements: &'static str,
    admits_fresh: bool,
    admits_with_password: bool,
}

const STATES: [State; 7] = [
    State { name: "new", statements: "SELECT", admits_fresh: true, admits_with_password: true },
    State {
        name: "stale",
        statements: "UPDATE sessions SET authenticated_at = now() - interval '11 minutes' WHERE user_id = {id}",
        admits_fresh: false,
        admits_with_password: true,
    },
    State {
        name: "of the release before, new",
        statements: "UPDATE sessions SET authenticated_at = NULL, methods = NULL WHERE user_id = {id}",
        admits_fresh: true,
        admits_with_password: true,
    },
    State {
        name: "of the release before, stale",
        statements: "UPDATE sessions SET authenticated_at = NULL, methods = NULL, created_at = now() - interval '11 minutes' WHERE user_id = {id}",
        admits_fresh: false,
        admits_with_password: true,
    },
    State {
        name: "new, but without the factor that is set up",
        statements: "UPDATE users SET factors_since = now() WHERE id = {id}",
        admits_fresh: false,
        admits_with_password: false,
    },
    State {
        name: "with a stale factor",
        statements: "UPDATE users SET factors_since = now() WHERE id = {id};
                     UPDATE sessions SET factor_at = now() - interval '11 minutes' WHERE user_id = {id}",
        admits_fresh: false,
        admits_with_password: false,
    },
    State {
        name: "with a fresh factor",
        statements: "UPDATE users SET factors_since = now() - interval '1 day' WHERE id = {id};
                     UPDATE sessions SET factor_at = now() - interval '9 minutes', authenticated_at = now() - interval '11 minutes'
                      WHERE user_id = {id}",
        admits_fresh: true,
        admits_with_password: true,
    },
];

#[tokio::test]
async fn what_matters_needs_a_fresh_session_and_nothing_else_does() {
    let service = Service::start().await;
    for (number, state) in STATES.iter().enumerate() {
        for (group, admits) in [
            (&FRESH[..], state.admits_fresh),
            (&WITH_PASSWORD[..], state.admits_with_password),
            (&OTHERS[..], true),
        ] {
            for (index, route) in group.iter().enumerate() {
                let email = format!("a{number}-{}-{index}@example.com", group.len());
                let answer = send(&service, *route, &email, state.statements).await;
                if admits {
                    let is_expected =
                        answer.status < 300 || (route.1 == "/auth/api-keys/1" && answer.status == 404);
                    assert!(is_expected, "{} {route:?}: {answer:#?}", state.name);
                } else {
                    assert_problem(&answer, 401, "insufficient_user_authentication");
                    let names_a_level = answer
                        .header("www-authenticate")
                        .is_some_and(|it| it.contains(r#", acr_values="2","#));
                    assert_eq!(names_a_level, state.statements.contains("factors_since"), "{}", state.name);
                }
            }
        }
    }
}

async fn make_stale(service: &Service) {
    service.sql("UPDATE sessions SET authenticated_at = now() - interval '11 minutes'").await;
}

async fn export(service: &Service, access: &str) -> Answer {
    service.get("/auth/export").bearer(access).send().await
}

#[tokio::test]
async fn a_refused_request_changes_nothing_and_says_what_to_do_next() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    service.login("alice@example.com", PASSWORD).await;
    make_stale(&service).await;
    let state =
        "SELECT s FROM sessions s ORDER BY id; SELECT k FROM api_keys k; SELECT o FROM outbox o ORDER BY id";
    let before = service.sql(state).await;
    for (method, path) in [("DELETE", "/auth/sessions"), ("POST", "/auth/api-keys")] {
        let request = service.request(method, path).bearer(&alice.tokens.access).json(&json!({"name": "x"}));
        let answer = request.send().await;
        assert_problem(&answer, 401, "insufficient_user_authentication");
        assert!(answer.json()["detail"].as_str().unwrap().contains("POST /auth/reauthenticate"));
    }
    assert_eq!(service.sql(state).await, before);
}

#[tokio::test]
async fn a_refresh_makes_no_session_fresh_and_a_login_does() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    make_stale(&service).await;
    let refreshed = Tokens::of(&service.refresh(&alice.tokens.refresh).await.expect(200));
    assert_problem(&export(&service, &refreshed.access).await, 401, "insufficient_user_authentication");
    let again = service.login("alice@example.com", PASSWORD).await;
    export(&service, &again.access).await.expect(200);
    assert_problem(&export(&service, &refreshed.access).await, 401, "insufficient_user_authentication");
}

#[tokio::test]
async fn a_session_that_does_not_exist_is_404_for_a_fresh_session_only() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let end = || service.delete("/auth/sessions/999999").bearer(&alice.tokens.access).send();
    assert_problem(&end().await, 404, "not_found");
    make_stale(&service).await;
    assert_problem(&end().await, 401, "insufficient_user_authentication");
}

#[tokio::test]
async fn a_key_is_refused_for_being_one_even_if_the_sessions_are_stale() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "a key"})).await;
    make_stale(&service).await;
    for (method, path) in FRESH.into_iter().chain(WITH_PASSWORD).chain([("POST", "/auth/reauthenticate")]) {
        let path = path.replace("{other}", "1");
        let request = service.request(method, &path).bearer(&key).json(&body(&path));
        assert_problem(&request.send().await, 403, "api_key_not_allowed");
    }
}

#[tokio::test]
async fn a_refused_request_costs_one_statement_and_an_admitted_one_two() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let export = |id: &'static str| service.get("/auth/export").bearer(&alice.tokens.access).id(id).send();
    export("fresh").await.expect(200);
    make_stale(&service).await;
    export("stale").await.expect(401);
    for (id, statements) in [("fresh", 2), ("stale", 1)] {
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), statements, "{id}: {log:#?}");
    }
}

/// `auth_time`, `acr` and `amr` of a token, and the age of the first, in seconds.
fn claims(tokens: &Tokens) -> (i64, Value, Value) {
    let claims = token::claims(&tokens.access);
    let time = |name: &str| claims[name].as_i64().expect("a time");
    (time("iat") - time("auth_time"), claims["acr"].clone(), claims["amr"].clone())
}

async fn refreshed(service: &Service, account: &Account) -> Tokens {
    Tokens::of(&service.refresh(&account.tokens.refresh).await.expect(200))
}

#[tokio::test]
async fn tokens_say_when_and_how_the_owner_was_authenticated() {
    let service = Service::start().await;
    let by_password = |age: i64| (age, json!("1"), json!(["pwd"]));
    let alice = service.account("alice@example.com").await;
    assert_eq!(claims(&alice.tokens), by_password(0));
    service.sql("UPDATE sessions SET authenticated_at = authenticated_at - interval '1 hour'").await;
    let (age, level, methods) = claims(&refreshed(&service, &alice).await);
    assert!((3600..3660).contains(&age), "expected the time of the login: {age}");
    assert_eq!((level, methods), (json!("1"), json!(["pwd"])));

    let bob = service.account("bob@example.com").await;
    service.sql("UPDATE sessions SET methods = '{pwd,otp,mfa}'").await;
    let (_, level, methods) = claims(&refreshed(&service, &bob).await);
    assert_eq!((level, methods), (json!("2"), json!(["pwd", "otp", "mfa"])));

    let carol = service.account("carol@example.com").await;
    service
        .sql("UPDATE sessions SET methods = NULL, authenticated_at = NULL, created_at = created_at - interval '2 hours'")
        .await;
    let (age, level, methods) = claims(&refreshed(&service, &carol).await);
    assert!((7200..7260).contains(&age), "expected the time of the login in the release before: {age}");
    assert_eq!((level, methods), (json!("1"), json!(["pwd"])));
}

#[tokio::test]
async fn an_introspection_tells_what_the_session_proves_now() {
    let service = Service::start().await;
    let root = service.administrator("root@example.com").await;
    let alice = service.account("alice@example.com").await;
    let ask = async || {
        let form = [("token", alice.tokens.access.as_str())];
        service
            .post("/auth/introspect")
            .bearer(&root.tokens.access)
            .form(&form)
            .send()
            .await
            .expect(200)
            .json()
    };
    let issued = token::claims(&alice.tokens.access);
    let told = ask().await;
    for claim in ["auth_time", "acr", "amr"] {
        assert_eq!(told[claim], issued[claim], "{claim}");
    }
    service.sql("UPDATE sessions SET authenticated_at = authenticated_at + interval '5 minutes', methods = '{pwd,otp,mfa}'").await;
    let told = ask().await;
    assert_eq!(told["auth_time"].as_i64(), issued["auth_time"].as_i64().map(|time| time + 300));
    assert_eq!((&told["acr"], &told["amr"]), (&json!("2"), &json!(["pwd", "otp", "mfa"])));
}

//! `/auth/…`: an account, and the sessions that its owner opens and ends.

use serde_json::{Value, json};
use users_tests::{
    Account, Answer, PASSWORD, Tokens, assert_problem, assert_timestamp, assert_user, fields, pointers, token,
};

use crate::world::{World, content, id};

/// As she writes it; she may write it otherwise when she logs in.
const EMAIL: &str = "Grace@Example.com";

#[tokio::test]
async fn a_newcomer_registers_logs_in_and_is_known() {
    let world = World::new().await;
    let user = register(&world).await;
    refused_registrations(&world).await;
    let answer = world.service.try_login("grace@example.com", PASSWORD).await;
    let grace =
        Account { id: id(&user), email: EMAIL.to_owned(), tokens: logged_in(&world, &user, &answer).await };
    known(&world, &grace, &user).await;
}

async fn register(world: &World) -> Value {
    let body = json!({
        "email": EMAIL, "password": PASSWORD, "full_name": "Grace Hopper", "is_admin": true, "roles": ["admin"],
    });
    let answer = world.service.post("/auth/register").json(&body).send().await;
    let user = content(&answer, 201);
    assert_user(&user);
    assert_eq!(answer.header("location"), Some(format!("/users/{}", user["id"])));
    assert_eq!((&user["email"], &user["full_name"]), (&json!(EMAIL), &json!("Grace Hopper")));
    assert_eq!(
        (&user["is_active"], &user["is_admin"]),
        (&json!(true), &json!(false)),
        "expected no more than asked"
    );
    let row = "SELECT id, email, full_name, is_active, is_admin, password_hash ~ '^\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$'
                 FROM users WHERE lower(email) = 'grace@example.com'";
    assert_eq!(world.sql(row).await, [format!("{}|{EMAIL}|Grace Hopper|t|f|t", user["id"])]);
    let roles = "SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                  WHERE ur.user_id = (SELECT id FROM users WHERE full_name = 'Grace Hopper')";
    assert_eq!(world.sql(roles).await, ["user"], "expected the role that is everybody's");
    user
}

async fn refused_registrations(world: &World) {
    assert_problem(&world.service.register("GRACE@example.COM", PASSWORD).await, 409, "email_taken");
    let answer = world.service.register("grace", "secret").await;
    assert_eq!(pointers(&answer), ["/email", "/password"]);
    assert_eq!(world.sql("SELECT count(*) FROM users").await, ["2"], "expected her and the administrator");
}

async fn logged_in(world: &World, user: &Value, answer: &Answer) -> Tokens {
    let body = content(answer, 200);
    let expected = ["access_token", "expires_in", "refresh_expires_in", "refresh_token", "token_type"];
    assert_eq!(fields(&body), expected);
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(
        (&body["expires_in"], &body["refresh_expires_in"]),
        (&json!(15 * 60), &json!(30 * 24 * 60 * 60))
    );
    let tokens = Tokens::of(answer);
    let claims = token::claims(&tokens.access);
    assert_eq!(token::header(&tokens.access)["typ"], "at+jwt");
    assert_eq!((&claims["sub"], &claims["iss"]), (&json!(user["id"].to_string()), &json!("users")));
    let kept = format!(
        "SELECT s.id, encode(t.token_hash, 'hex') FROM sessions s JOIN refresh_tokens t ON t.session_id = s.id
          WHERE s.user_id = {}",
        user["id"]
    );
    let (sid, hash) = (text(&claims["sid"]), token::sha256_hex(&tokens.refresh));
    assert_eq!(
        world.sql(&kept).await,
        [format!("{sid}|{hash}")],
        "expected a session, and no token as it is"
    );
    tokens
}

/// A claim, be it a text or a number.
fn text(claim: &Value) -> String {
    claim.as_str().map_or_else(|| claim.to_string(), str::to_owned)
}

async fn known(world: &World, grace: &Account, user: &Value) {
    let me = content(&world.get(grace, "/auth/me").await, 200);
    assert_eq!(me, token::with(user, "roles", json!(["user"])));
    assert_timestamp(&me["created_at"]);
    let tested = world.service.post("/auth/test-token").bearer(&grace.tokens.access).send().await;
    assert_eq!(content(&tested, 200), *user);
    assert_problem(&world.service.get("/auth/me").send().await, 401, "not_authenticated");
    assert_problem(&world.service.me("not a token").await, 401, "invalid_token");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_told_apart_by_nobody() {
    let world = World::new().await;
    let wrong = world.service.try_login(&world.root.email, "a wrong password").await;
    let unknown = world.service.try_login("nobody@example.com", PASSWORD).await;
    for answer in [&wrong, &unknown] {
        assert_problem(answer, 401, "invalid_credentials");
    }
    assert_eq!(wrong.json()["detail"], unknown.json()["detail"]);
    assert_eq!(world.rows_of("sessions", world.root.id).await, 1, "expected no session but the first");
}

#[tokio::test]
async fn a_user_stays_logged_in_by_refreshing_until_the_logout() {
    let world = World::new().await;
    let grace = world.service.account(EMAIL).await;
    let phone = world.service.login(EMAIL, PASSWORD).await;
    let mut newest = grace.tokens.clone();
    for rotations in 1..=3 {
        let answer = world.service.refresh(&newest.refresh).await;
        content(&answer, 200);
        let next = Tokens::of(&answer);
        assert_ne!(next.refresh, newest.refresh, "expected each to work once");
        let session = |tokens: &Tokens| token::claims(&tokens.access)["sid"].clone();
        assert_eq!(session(&next), session(&newest), "expected the session to go on");
        world.service.me(&next.access).await.expect(200);
        let spent = "SELECT FROM refresh_tokens WHERE spent_at IS NOT NULL";
        assert_eq!(world.sql(spent).await.len(), rotations);
        newest = next;
    }
    assert_eq!(world.rows_of("sessions", grace.id).await, 2, "expected one per login");

    let logout = world.service.post("/auth/logout").bearer(&newest.access).send().await;
    assert_eq!(content(&logout, 204), Value::Null);
    for access in [&newest.access, &grace.tokens.access] {
        assert_problem(&world.service.me(access).await, 401, "invalid_token");
    }
    assert_problem(&world.service.refresh(&newest.refresh).await, 401, "invalid_token");
    world.service.me(&phone.access).await.expect(200);
    assert_eq!(world.rows_of("sessions", grace.id).await, 1, "expected the telephone's alone");

    let again = world.service.login(EMAIL, PASSWORD).await;
    world.service.me(&again.access).await.expect(200);
}

//! The limits of the other routes that take a password or write an e-mail.

use serde_json::{Value, json};
use users_tests::{Account, Answer, Front, PASSWORD, Service, assert_problem};

const ALICE: &str = "alice@example.com";
const ELSEWHERE: [u8; 4] = [127, 0, 0, 66];

/// The routes that ask for the caller's password.
const ROUTES: [(&str, &str); 4] = [
    ("PUT", "/auth/password"),
    ("PUT", "/auth/email"),
    ("DELETE", "/auth/me"),
    ("POST", "/auth/reauthenticate"),
];

fn body(path: &str, password: &str) -> Value {
    match path {
        "/auth/password" => {
            json!({"current_password": password, "new_password": "a stapled battery of horses"})
        }
        "/auth/email" => json!({"email": "ada@example.org", "password": password}),
        _ => json!({"password": password}),
    }
}

async fn send(front: &Front, account: &Account, (method, path): (&str, &str), password: &str) -> Answer {
    let request = front.request(method, path).bearer(&account.tokens.access);
    request.json(&body(path, password)).send().await
}

async fn allowing(failures: &str) -> (Service, Account) {
    let service = Service::builder().variable("limit_password_failures", failures).start().await;
    let account = service.account(ALICE).await;
    service.empty_outbox().await;
    (service, account)
}

#[tokio::test]
async fn a_wrong_password_counts_at_every_route_that_takes_one() {
    let (service, account) = allowing("4/10m").await;
    for route in ROUTES {
        assert_problem(&send(&service, &account, route, "not the password").await, 403, "wrong_password");
    }
    for route in ROUTES {
        let answer = send(&service, &account, route, PASSWORD).await;
        assert_problem(&answer, 429, "too_many_requests");
        assert_eq!(answer.header("ratelimit-policy").as_deref(), Some(r#""password-failures";q=4;w=600"#));
    }
    assert_eq!(service.try_login(ALICE, PASSWORD).await.status, 429, "the address is the same");
    assert_eq!(service.sql("SELECT count(*) FROM users WHERE email = 'alice@example.com'").await, ["1"]);
    assert_eq!(service.outbox().await, [format!("password_guessed|{}|{{}}", account.id)]);
    // At another address, the owner's session may still try.
    send(&service.at(ELSEWHERE), &account, ("DELETE", "/auth/me"), PASSWORD).await.expect(204);
}

#[tokio::test]
async fn logins_elsewhere_use_up_the_guesses_of_a_stolen_token() {
    let (service, account) = allowing("2/10m").await;
    let thief = service.at(ELSEWHERE);
    thief.try_login(ALICE, "not the password").await.expect(401);
    send(&thief, &account, ROUTES[0], "not the password").await.expect(403);
    send(&thief, &account, ROUTES[2], PASSWORD).await.expect(429);
}

#[tokio::test]
async fn a_right_password_is_no_wrong_one_whatever_follows() {
    let (service, account) = allowing("1/10m").await;
    service.register("bob@example.com", PASSWORD).await.expect(201);
    let taken = json!({"email": "bob@example.com", "password": PASSWORD});
    let attempts = "SELECT count(*) FROM limits WHERE attempts <> '{}'";
    for _ in 0..2 {
        let request = service.put("/auth/email").bearer(&account.tokens.access).json(&taken);
        assert_problem(&request.send().await, 409, "email_taken");
        assert_eq!(service.sql(attempts).await, ["0"]);
        send(&service, &account, ("PUT", "/auth/email"), PASSWORD).await.expect(202);
        assert_eq!(service.sql(attempts).await, ["0"]);
    }
    service.sql(&format!("UPDATE users SET is_admin = (id = {})", account.id)).await;
    for _ in 0..2 {
        assert_problem(&send(&service, &account, ("DELETE", "/auth/me"), PASSWORD).await, 409, "last_admin");
        assert_eq!(service.sql(attempts).await, ["0"]);
    }
    send(&service, &account, ("PUT", "/auth/password"), PASSWORD).await.expect(204);
    assert_eq!(service.sql(attempts).await, ["0"]);
}

#[tokio::test]
async fn a_change_with_a_password_runs_three_statements_and_a_refused_one_two() {
    let (service, account) = allowing("1/10m").await;
    let elsewhere = service.at(ELSEWHERE);
    let new = "a stapled battery of horses";
    for (front, (method, path), password, id, status, statements) in [
        // The last one that may be wrong tells the owner.
        (&*service, ROUTES[0], "wrong", "wrong", 403, 3),
        (&*service, ROUTES[0], "wrong", "refused", 429, 2),
        (&elsewhere, ROUTES[1], PASSWORD, "address", 202, 3),
        (&elsewhere, ROUTES[0], PASSWORD, "password", 204, 3),
        (&elsewhere, ROUTES[3], new, "proof", 204, 3),
        (&elsewhere, ROUTES[2], new, "account", 204, 3),
    ] {
        let request = front.request(method, path).bearer(&account.tokens.access).id(id);
        request.json(&body(path, password)).send().await.expect(status);
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), statements, "{id}: {log:#?}");
    }
}

#[tokio::test]
async fn registrations_from_one_client_address_are_limited() {
    let service = Service::builder().variable("limit_registrations", "2/1h").start().await;
    service.register(ALICE, PASSWORD).await.expect(201);
    // A registration that fails has also cost a hash.
    service.register(ALICE, PASSWORD).await.expect(409);
    let refused = service.register("bob@example.com", PASSWORD).await;
    assert_problem(&refused, 429, "too_many_requests");
    assert_eq!(refused.header("ratelimit-policy").as_deref(), Some(r#""registrations";q=2;w=3600"#));
    assert_eq!(service.sql("SELECT email FROM users").await, [ALICE]);
    // A body that breaks a rule costs nothing, and does not count.
    service.at(ELSEWHERE).register("no address", PASSWORD).await.expect(422);
    service.at(ELSEWHERE).register("carol@example.com", PASSWORD).await.expect(201);
    service.at(ELSEWHERE).register("dave@example.com", PASSWORD).await.expect(201);
    service.at(ELSEWHERE).register("eve@example.com", PASSWORD).await.expect(429);
}

#[tokio::test]
async fn a_registration_runs_two_statements() {
    let service = Service::builder().with_limits().start().await;
    let body = json!({"email": ALICE, "password": PASSWORD});
    service.post("/auth/register").id("register").json(&body).send().await.expect(201);
    let log = service.logs().of_request("register").await;
    assert_eq!(log.statements().len(), 2, "{log:#?}");
}

#[tokio::test]
async fn forgotten_passwords_from_one_client_address_are_limited_for_every_address_alike() {
    let service = Service::builder().variable("limit_forgotten", "2/1h").start().await;
    service.register(ALICE, PASSWORD).await.expect(201);
    service.empty_outbox().await;
    let forgot = async |front: &Front, email: &str| {
        front.post("/auth/password/forgot").id("forgot").json(&json!({"email": email})).send().await
    };
    forgot(&service, ALICE).await.expect(202);
    forgot(&service, "nobody@example.com").await.expect(202);
    for email in [ALICE, "nobody@example.com"] {
        let refused = forgot(&service, email).await;
        assert_problem(&refused, 429, "too_many_requests");
        assert_eq!(refused.header("ratelimit-policy").as_deref(), Some(r#""forgotten";q=2;w=3600"#));
    }
    assert_eq!(service.sql("SELECT count(*) FROM outbox").await, ["2"]);
    forgot(&service.at(ELSEWHERE), ALICE).await.expect(202);
}

#[tokio::test]
async fn a_forgotten_password_runs_one_statement() {
    let service = Service::builder().with_limits().start().await;
    let body = json!({"email": ALICE});
    service.post("/auth/password/forgot").id("forgot").json(&body).send().await.expect(202);
    assert_eq!(service.logs().of_request("forgot").await.statements().len(), 1);
}

#[tokio::test]
async fn a_reset_by_link_clears_all_counts_and_makes_the_client_address_known() {
    let (service, account) = allowing("1/10m").await;
    let new = service.at(ELSEWHERE);
    for front in [&*service, &new] {
        front.try_login(ALICE, "not the password").await.expect(401);
        front.try_login(ALICE, PASSWORD).await.expect(429);
    }
    let link = service.link("password_reset", account.id, ALICE).await;
    let body = json!({"token": link, "new_password": "a stapled battery of horses"});
    new.post("/auth/password/reset").json(&body).send().await.expect(204);
    let known = "SELECT count(*) FROM known_addresses WHERE user_id = 1";
    assert_eq!(service.sql(known).await, ["2"]);
    // From now on, others cannot lock the owner out there.
    service.at([127, 0, 0, 67]).try_login(ALICE, "not the password").await.expect(401);
    service.at([127, 0, 0, 67]).try_login(ALICE, "not the password").await.expect(429);
    new.login(ALICE, "a stapled battery of horses").await;
    service.login(ALICE, "a stapled battery of horses").await;
}

//! Nobody passes with the first factor alone, by any route. `second_factor.txt` is the table of every route.

use serde_json::{Value, json};
use users_tests::{
    Account, Answer, Authenticator, Front, PASSWORD, Service, Tokens, assert_problem, operations, token,
};

use super::rights::{Fixture, Row, table as routes};

const ALICE: &str = "alice@example.com";

/// The states of the account, in the order of the columns, and the statements that make them.
const STATES: [(&str, &str); 3] = [
    (
        "none",
        "UPDATE users SET factors_since = NULL; UPDATE sessions SET factor_at = NULL, authenticated_at = now()",
    ),
    (
        "not given",
        "UPDATE users SET factors_since = now() WHERE kind = 'person';
         UPDATE sessions SET factor_at = now() - interval '11 minutes', authenticated_at = now()",
    ),
    (
        "given",
        "UPDATE users SET factors_since = now() WHERE kind = 'person';
         UPDATE sessions SET factor_at = now(), authenticated_at = now()",
    ),
];

/// The statuses of a route, by its method and path.
fn table() -> Vec<(&'static str, [u16; STATES.len()])> {
    let lines = include_str!("second_factor.txt").lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (route, statuses) = line.split_once('|').unwrap_or_else(|| panic!("expected a `|`: {line}"));
            let statuses: Vec<u16> =
                statuses.split_whitespace().map(|status| status.parse().expect("a number")).collect();
            (route.trim(), statuses.try_into().unwrap_or_else(|_| panic!("expected three statuses: {line}")))
        })
        .collect()
}

fn name(row: &Row) -> String {
    format!("{:<9} {}", row.method, row.path)
}

#[test]
fn every_route_has_a_row() {
    let listed: Vec<_> = table().iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(listed, routes().iter().map(name).collect::<Vec<_>>());
}

#[tokio::test]
async fn every_route_answers_as_the_table_says() {
    let fixture = Fixture::start().await;
    let mut wrong = Vec::new();
    for (row, (route, statuses)) in routes().iter().zip(table()) {
        for ((state, statements), expected) in STATES.into_iter().zip(statuses) {
            fixture.prepare().await;
            let access = fixture.token("administrator").await.expect("an administrator has a token");
            let mut request = fixture.request(row, Some(&access)).await.bearer(&access);
            fixture.service.sql(statements).await;
            if (row.path, state) == ("/auth/login/factor", "not given") {
                let challenge = fixture.service.challenge("other@example.com").await;
                let body = json!({"challenge": challenge, "recovery_code": "00000-00000"});
                request = fixture.service.post(row.path).json(&body);
            }
            let before = fixture.state().await;
            let answer = request.send().await;
            if answer.status != expected {
                wrong.push(format!("{route}, {state}: expected {expected}, got {answer:#?}"));
            } else if expected == 401 {
                assert_eq!(fixture.state().await, before, "{route}, {state}: expected no change");
                assert!(!answer.body.contains("access_token"), "{route}, {state}: {answer:#?}");
            }
        }
    }
    assert!(wrong.is_empty(), "{} answers differ from the table: {}", wrong.len(), wrong.join("\n"));
}

/// A service, an account with an authenticator, and its recovery codes.
async fn start() -> (Service, Account, Authenticator) {
    let service = Service::start().await;
    let alice = service.account(ALICE).await;
    let (authenticator, _) = service.authenticator(&alice).await;
    (service, alice, authenticator)
}

async fn sessions(service: &Service) -> Vec<String> {
    service.sql("SELECT id FROM sessions ORDER BY id").await
}

/// The challenge is all that a password gets. It is no access token, no refresh token, no API key and no link.
#[tokio::test]
async fn the_challenge_opens_nothing_but_the_second_step() {
    let (service, ..) = start().await;
    let before = sessions(&service).await;
    let challenge = service.challenge(ALICE).await;
    let mut tried = 0;
    for operation in operations(|operation| !operation.path.contains('{')) {
        for token in [challenge.clone(), format!("uk_{challenge}")] {
            let body = json!({
                "challenge": challenge, "token": challenge, "refresh_token": challenge, "new_password": "a stapled battery",
                "username": ALICE, "email": ALICE, "password": PASSWORD, "current_password": PASSWORD, "code": "000000",
            });
            let request = service.request(&operation.method, &operation.path).bearer(&token);
            let answer = request.json(&body).send().await;
            assert!(
                !answer.body.contains(r#""access_token":""#),
                "{} {}: {answer:#?}",
                operation.method,
                operation.path
            );
            tried += 1;
        }
    }
    assert!(tried > 50, "expected many operations: {tried}");
    assert_eq!(sessions(&service).await, before);
}

async fn try_refresh(service: &Service, tokens: &Tokens) -> Answer {
    service.refresh(&tokens.refresh).await
}

/// Every session of before ends with the first factor: of another browser, another tab, and whoever has stolen one.
#[tokio::test]
async fn no_session_of_before_goes_on() {
    let service = Service::start().await;
    let alice = service.account(ALICE).await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(service.login(ALICE, PASSWORD).await);
    }
    let refreshed = Tokens::of(&try_refresh(&service, &others[0]).await.expect(200));
    service.authenticator(&alice).await;
    for tokens in others.iter().chain([&refreshed]) {
        assert_problem(&service.me(&tokens.access).await, 401, "invalid_token");
        assert_problem(&try_refresh(&service, tokens).await, 401, "invalid_token");
    }
    // The session that set it up has proved it.
    let refreshed = Tokens::of(&try_refresh(&service, &alice.tokens).await.expect(200));
    assert_eq!(token::claims(&refreshed.access)["acr"], "2");
}

/// A refresh does not prove a factor.
#[tokio::test]
async fn a_refresh_does_not_make_a_session_fresh() {
    let (service, alice, _) = start().await;
    service.sql("UPDATE sessions SET factor_at = now() - interval '11 minutes'").await;
    let refreshed = Tokens::of(&try_refresh(&service, &alice.tokens).await.expect(200));
    let key = service.try_api_key(&refreshed.access, &json!({"name": "a key"})).await;
    assert_problem(&key, 401, "insufficient_user_authentication");
    let reauthenticated = service.reauthenticate(&refreshed.access, &json!({"password": PASSWORD})).await;
    assert_problem(&reauthenticated, 401, "insufficient_user_authentication");
}

/// Whoever reads the owner's e-mails has the first factor, and not the second one.
#[tokio::test]
async fn links_in_emails_replace_the_password_only() {
    let (service, alice, authenticator) = start().await;
    service.sql("UPDATE users SET email_verified = true").await;
    let link = service.link("email_verification", alice.id, ALICE).await;
    let verified = service.post("/auth/email/verify").json(&json!({"token": link})).send().await.expect(204);
    assert!(verified.body.is_empty());
    let link = service.link("password_reset", alice.id, ALICE).await;
    let new = "a stapled battery of horses";
    let body = json!({"token": link, "new_password": new});
    service.post("/auth/password/reset").json(&body).send().await.expect(204);
    assert!(sessions(&service).await.is_empty());
    let answer = service.try_login(ALICE, new).await;
    assert_problem(&answer, 401, "second_factor_required");
    let challenge: Value = answer.json()["challenge"].clone();
    let front: &Front = &service;
    let code = json!({"code": authenticator.code(0)});
    front.login_factor(challenge.as_str().unwrap(), &code).await.expect(200);
}

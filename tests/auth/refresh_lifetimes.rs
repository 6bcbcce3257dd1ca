//! `POST /auth/refresh`: lifetimes of sessions, and refused accounts.

use users_tests::{PASSWORD, Service, Tokens, assert_problem};

const DAY: i64 = 24 * 60 * 60;

/// Moves the session and its tokens into the past.
async fn days_pass(service: &Service, days: u32) {
    let back = |column: &str| format!("{column} = {column} - interval '{days} days'");
    let (created, expires, spent) = (back("created_at"), back("expires_at"), back("spent_at"));
    service
        .sql(&format!(
            "UPDATE sessions SET {created}, {expires}; UPDATE refresh_tokens SET {created}, {expires}, {spent}"
        ))
        .await;
}

/// The seconds until the session and its newest refresh token expire.
async fn remaining(service: &Service) -> (i64, i64) {
    let seconds =
        |table: &str| format!("(SELECT extract(epoch FROM max(expires_at) - now())::bigint FROM {table})");
    let row =
        service.sql(&format!("SELECT {}, {}", seconds("sessions"), seconds("refresh_tokens"))).await.concat();
    let (session, token) = row.split_once('|').expect("two columns");
    (session.parse().expect("a number"), token.parse().expect("a number"))
}

fn near(seconds: i64, expected: i64) -> bool {
    (expected - 60..=expected).contains(&seconds)
}

#[tokio::test]
async fn every_refresh_extends_the_session_to_30_days() {
    let service = Service::start().await;
    let mut refresh = service.account("alice@example.com").await.tokens.refresh;
    for _ in 0..2 {
        days_pass(&service, 25).await;
        let answer = service.refresh(&refresh).await.expect(200);
        assert_eq!(answer.json()["refresh_expires_in"], 30 * DAY, "expected 30 days anew");
        let (session, token) = remaining(&service).await;
        assert!(near(session, 30 * DAY) && near(token, 30 * DAY), "expected 30 days anew: {session} {token}");
        refresh = Tokens::of(&answer).refresh;
    }
}

#[tokio::test]
async fn a_session_ends_90_days_after_its_login() {
    let service = Service::start().await;
    let mut refresh = service.account("alice@example.com").await.tokens.refresh;
    for days in [24, 24, 29] {
        days_pass(&service, days).await;
        refresh = Tokens::of(&service.refresh(&refresh).await.expect(200)).refresh;
    }
    // 77 days after the login.
    let (session, token) = remaining(&service).await;
    assert!(near(session, 13 * DAY) && near(token, 13 * DAY), "expected 90 days in all: {session} {token}");
    days_pass(&service, 3).await;
    let answer = service.refresh(&refresh).await.expect(200);
    let promised = answer.json()["refresh_expires_in"].as_i64().expect("a number");
    assert!(near(promised, 10 * DAY), "expected about 10 days: {answer:#?}");
    days_pass(&service, 11).await;
    assert_problem(&service.refresh(&Tokens::of(&answer).refresh).await, 401, "invalid_token");
}

#[tokio::test]
async fn the_limit_of_90_days_counts_from_the_login() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE sessions SET created_at = created_at - interval '80 days'").await;
    let answer = service.refresh(&account.tokens.refresh).await.expect(200);
    let promised = answer.json()["refresh_expires_in"].as_i64().expect("a number");
    assert!(near(promised, 10 * DAY), "expected about 10 days: {answer:#?}");
}

#[tokio::test]
async fn a_session_near_its_limit_reports_its_remaining_time() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE sessions SET created_at = now() - interval '90 days' + interval '5 min'").await;
    let answer = service.refresh(&account.tokens.refresh).await.expect(200);
    let promised = answer.json()["refresh_expires_in"].as_i64().expect("a number");
    assert!((240..=300).contains(&promised), "expected at most five minutes: {answer:#?}");
}

#[tokio::test]
async fn an_expired_refresh_token_is_401() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE refresh_tokens SET expires_at = now() - interval '1 s'").await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
}

#[tokio::test]
async fn a_refresh_token_of_an_expired_session_is_401() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE sessions SET expires_at = now() - interval '1 s'").await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
}

#[tokio::test]
async fn a_session_expires_after_30_days_without_a_refresh() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    days_pass(&service, 30).await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    assert_problem(&service.me(&account.tokens.access).await, 401, "invalid_token");
}

#[tokio::test]
async fn a_deactivated_user_cannot_refresh() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE users SET is_active = false").await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 403, "inactive_account");
    assert_problem(&service.refresh("unknown").await, 401, "invalid_token");
}

#[tokio::test]
async fn a_deactivated_user_gets_no_successor_again() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.refresh(&account.tokens.refresh).await.expect(200);
    service.sql("UPDATE users SET is_active = false").await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 403, "inactive_account");
}

#[tokio::test]
async fn a_deleted_user_cannot_refresh() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("DELETE FROM users").await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    service.register("alice@example.com", PASSWORD).await.expect(201);
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
}

#[tokio::test]
async fn a_refresh_runs_at_most_two_statements() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let body = serde_json::json!({"refresh_token": account.tokens.refresh});
    service.post("/auth/refresh").json(&body).id("refresh").send().await.expect(200);
    let log = service.logs().of_request("refresh").await;
    assert!((1..=2).contains(&log.statements().len()), "expected one statement or two: {log:#?}");
}

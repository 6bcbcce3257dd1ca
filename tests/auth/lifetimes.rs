//! The variables that set the lifetimes of tokens and sessions.

use users_tests::{PASSWORD, Service, Tokens, assert_problem, token};

/// The seconds from the issue of an access token to its `exp`.
fn lifetime(tokens: &Tokens) -> i64 {
    let claims = token::claims(&tokens.access);
    claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()
}

#[tokio::test]
async fn lifetimes_are_those_of_the_variables() {
    let builder = Service::builder().variable("access_token_lifetime", "90s");
    let builder = builder.variable("session_idle_lifetime", "2h").variable("session_lifetime", "1d");
    let service = builder.start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let login = service.try_login("alice@example.com", PASSWORD).await.expect(200);
    let refreshed = service.refresh(&Tokens::of(&login).refresh).await.expect(200);
    for answer in [&login, &refreshed] {
        let body = answer.json();
        assert_eq!(
            (body["expires_in"].as_i64(), body["refresh_expires_in"].as_i64()),
            (Some(90), Some(7200))
        );
        assert_eq!(lifetime(&Tokens::of(answer)), 90);
    }
    service.sql("UPDATE sessions SET created_at = now() - interval '23 hours'").await;
    let last = service.refresh(&Tokens::of(&refreshed).refresh).await.expect(200).json();
    let remaining = last["refresh_expires_in"].as_i64().unwrap();
    assert!((3500..=3600).contains(&remaining), "expected an hour of the day: {last:#}");
}

#[tokio::test]
async fn a_session_never_outlives_its_lifetime_from_the_login_on() {
    let builder = Service::builder().variable("session_idle_lifetime", "30d");
    let service = builder.variable("session_lifetime", "1h").start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let login = service.try_login("alice@example.com", PASSWORD).await.expect(200);
    assert_eq!(login.json()["refresh_expires_in"], 3600);
    let expires = "SELECT count(*) FROM sessions s, refresh_tokens t
                    WHERE s.expires_at = s.created_at + interval '1 hour' AND t.expires_at = s.expires_at";
    assert_eq!(service.sql(expires).await, ["1"]);
}

#[tokio::test]
async fn a_session_that_is_older_than_a_shortened_lifetime_has_ended() {
    let service = Service::builder().variable("session_lifetime", "1d").start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE sessions SET created_at = now() - interval '10 days'").await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    assert_eq!(service.sql("SELECT count(*) FROM sessions WHERE expires_at > now()").await, ["0"]);
}

#[tokio::test]
async fn an_invalid_lifetime_is_a_defect_of_the_deployment_that_the_log_names() {
    for (name, value) in
        [("access_token_lifetime", "25h"), ("session_idle_lifetime", "0d"), ("session_lifetime", "90")]
    {
        let service = Service::builder().variable(name, value).start().await;
        let answer = service.get("/auth/me").id("broken").send().await;
        assert_problem(&answer, 500, "internal_error");
        assert!(!answer.body.contains(name), "{answer:#?}");
        let log = service.logs().of_request("broken").await;
        assert!(format!("{log:?}").contains(&format!("the variable {name} must be")), "{log:#?}");
    }
}

//! `POST /auth/refresh`: rotation and the detection of reuse.

use futures::future::join_all;
use serde_json::json;
use users_tests::{
    Answer, PASSWORD, Service, Tokens, assert_common_headers, assert_no_store, assert_problem, fields,
    pointers, token,
};

/// Moves the use of every spent refresh token into the past.
async fn spent_earlier(service: &Service, seconds: u32) {
    let shift = format!("UPDATE refresh_tokens SET spent_at = spent_at - interval '{seconds} s'");
    service.sql(&shift).await;
}

async fn rotate(service: &Service, refresh: &str) -> Tokens {
    Tokens::of(&service.refresh(refresh).await.expect(200))
}

/// The number of live refresh tokens.
const LIVE: &str = "SELECT count(*) FROM refresh_tokens WHERE spent_at IS NULL";

/// Exchanges the live token as the previous release does: without a nonce.
async fn rotated_by_the_release_before(service: &Service) {
    service
        .sql(
            "UPDATE refresh_tokens SET spent_at = now() WHERE spent_at IS NULL;
             INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
             SELECT sha256('successor'), id, expires_at FROM sessions",
        )
        .await;
}

/// Asserts that both tokens are valid. Spends the refresh token.
async fn assert_works(service: &Service, tokens: &Tokens) {
    service.me(&tokens.access).await.expect(200);
    service.refresh(&tokens.refresh).await.expect(200);
}

#[tokio::test]
async fn a_refresh_returns_a_new_pair_of_the_same_session() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let answer = service.refresh(&account.tokens.refresh).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let body = answer.json();
    let expected = ["access_token", "expires_in", "refresh_expires_in", "refresh_token", "token_type"];
    assert_eq!(fields(&body), expected);
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("bearer"), &json!(900)));
    let newer = Tokens::of(&answer);
    assert_ne!(newer.refresh, account.tokens.refresh, "expected a new refresh token");
    let (before, after) = (token::claims(&account.tokens.access), token::claims(&newer.access));
    assert_eq!((&before["sid"], &before["sub"]), (&after["sid"], &after["sub"]), "expected the same session");
    assert_ne!(before["jti"], after["jti"], "expected a new access token");
    service.me(&account.tokens.access).await.expect(200);
    assert_works(&service, &newer).await;
}

#[tokio::test]
async fn a_retry_within_the_grace_returns_the_same_successor() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let first = rotate(&service, &account.tokens.refresh).await;
    spent_earlier(&service, 5).await;
    let second = rotate(&service, &account.tokens.refresh).await;
    assert_eq!(first.refresh, second.refresh, "expected the same refresh token again");
    assert_ne!(token::claims(&first.access)["jti"], token::claims(&second.access)["jti"]);
    service.me(&first.access).await.expect(200);
    assert_works(&service, &second).await;
}

#[tokio::test]
async fn a_retry_extends_neither_the_session_nor_the_successor() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    rotate(&service, &account.tokens.refresh).await;
    let shorter = "UPDATE TABLE SET expires_at = now() + interval '1 day' WHERE expires_at > now()";
    for table in ["sessions", "refresh_tokens"] {
        service.sql(&shorter.replace("TABLE", table)).await;
    }
    let answer = service.refresh(&account.tokens.refresh).await.expect(200);
    let promised = answer.json()["refresh_expires_in"].as_i64().expect("a number");
    assert!((86_340..=86_400).contains(&promised), "expected what is left of a day: {answer:#?}");
}

/// RFC 9700 section 4.14.2: one of the owner and a thief has used the successor already, so the other one sends this request.
#[tokio::test]
async fn a_spent_refresh_token_whose_successor_was_used_ends_the_session_within_the_grace() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let second = rotate(&service, &account.tokens.refresh).await;
    let newest = rotate(&service, &second.refresh).await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    assert_problem(&service.refresh(&newest.refresh).await, 401, "invalid_token");
    assert_problem(&service.me(&newest.access).await, 401, "invalid_token");
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"], "expected the session to end");
}

/// The owner and a thief refresh with the same token within the grace, so both hold its successor.
#[tokio::test]
async fn a_thief_is_noticed_when_the_second_of_two_refreshes_later_than_the_grace() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let owner = rotate(&service, &account.tokens.refresh).await;
    let thief = rotate(&service, &account.tokens.refresh).await;
    spent_earlier(&service, 11).await;
    let next = rotate(&service, &owner.refresh).await;
    spent_earlier(&service, 11).await;
    assert_problem(&service.refresh(&thief.refresh).await, 401, "invalid_token");
    assert_problem(&service.me(&next.access).await, 401, "invalid_token");
}

/// Such a token has no nonce, so another token replaces its unused successor.
#[tokio::test]
async fn a_retry_within_the_grace_of_a_token_that_the_release_before_spent_returns_another_successor() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    rotated_by_the_release_before(&service).await;
    let second = rotate(&service, &account.tokens.refresh).await;
    assert_eq!(service.sql(LIVE).await, ["1"], "expected one live token");
    let again = rotate(&service, &account.tokens.refresh).await;
    assert_eq!(second.refresh, again.refresh, "expected the same refresh token again");
    assert_problem(&service.refresh("successor").await, 401, "invalid_token");
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"], "expected the session to end");
}

#[tokio::test]
async fn a_token_that_the_release_before_spent_ends_the_session_after_the_grace() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    rotated_by_the_release_before(&service).await;
    let earlier = "UPDATE refresh_tokens SET spent_at = spent_at - interval '11 s', created_at = created_at - interval '11 s'";
    service.sql(earlier).await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"], "expected the session to end");
}

/// During a deployment, replicas of the previous release share the database, and may spend a successor that has a nonce.
#[tokio::test]
async fn a_successor_that_the_release_before_spent_is_not_given_again() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    rotate(&service, &account.tokens.refresh).await;
    rotated_by_the_release_before(&service).await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"], "expected the session to end");
}

/// The previous release issued a new token for each retry within the grace.
#[tokio::test]
async fn a_refresh_ends_the_other_branches_of_a_session_that_the_release_before_forked() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let fork = "INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
                SELECT sha256('branch'), id, expires_at FROM sessions";
    service.sql(fork).await;
    rotate(&service, &account.tokens.refresh).await;
    assert_eq!(service.sql(LIVE).await, ["1"], "expected one live token");
    assert_problem(&service.refresh("branch").await, 401, "invalid_token");
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"], "expected the session to end");
}

#[tokio::test]
async fn the_next_refresh_replaces_the_nonce_of_the_last() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let second = rotate(&service, &account.tokens.refresh).await;
    rotate(&service, &second.refresh).await;
    let spent = service.sql("SELECT encode(spent_hash, 'hex') FROM refresh_nonces").await;
    assert_eq!(spent, [token::sha256_hex(&second.refresh)]);
}

#[tokio::test]
async fn a_refresh_erases_the_nonces_of_other_sessions_a_minute_after_their_grace() {
    let service = Service::start().await;
    let (alice, bob) = (service.account("alice@example.com").await, service.account("bob@example.com").await);
    let earlier =
        |seconds: u32| format!("UPDATE refresh_nonces SET expires_at = now() - interval '{seconds} s'");
    let next = rotate(&service, &alice.tokens.refresh).await;
    service.sql(&earlier(50)).await;
    let other = rotate(&service, &bob.tokens.refresh).await;
    assert_eq!(service.sql("SELECT count(*) FROM refresh_nonces").await, ["2"]);
    service.sql(&earlier(61)).await;
    let newest = rotate(&service, &other.refresh).await;
    let spent = service.sql("SELECT encode(spent_hash, 'hex') FROM refresh_nonces").await;
    assert_eq!(spent, [token::sha256_hex(&other.refresh)], "expected the nonce of the last refresh only");
    assert_works(&service, &next).await;
    assert_works(&service, &newest).await;
}

#[tokio::test]
async fn a_spent_refresh_token_ends_the_session() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let newest = rotate(&service, &account.tokens.refresh).await;
    spent_earlier(&service, 11).await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    assert_problem(&service.refresh(&newest.refresh).await, 401, "invalid_token");
    assert_problem(&service.me(&newest.access).await, 401, "invalid_token");
    assert_problem(&service.me(&account.tokens.access).await, 401, "invalid_token");
}

#[tokio::test]
async fn a_refresh_token_spent_long_ago_ends_the_session_too() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let second = rotate(&service, &account.tokens.refresh).await;
    let third = rotate(&service, &second.refresh).await;
    let newest = rotate(&service, &third.refresh).await;
    spent_earlier(&service, 3600).await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
    assert_problem(&service.refresh(&newest.refresh).await, 401, "invalid_token");
    assert_problem(&service.me(&newest.access).await, 401, "invalid_token");
}

#[tokio::test]
async fn a_retry_does_not_extend_the_grace() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    rotate(&service, &account.tokens.refresh).await;
    spent_earlier(&service, 6).await;
    rotate(&service, &account.tokens.refresh).await;
    spent_earlier(&service, 6).await;
    assert_problem(&service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
}

#[tokio::test]
async fn the_reuse_of_a_token_ends_its_own_session_only() {
    let service = Service::start().await;
    let (alice, bob) = (service.account("alice@example.com").await, service.account("bob@example.com").await);
    let other = service.login("alice@example.com", PASSWORD).await;
    rotate(&service, &alice.tokens.refresh).await;
    spent_earlier(&service, 11).await;
    assert_problem(&service.refresh(&alice.tokens.refresh).await, 401, "invalid_token");
    assert_works(&service, &other).await;
    assert_works(&service, &bob.tokens).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_uses_of_one_refresh_token_return_the_same_successor() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let answers = join_all((0..40).map(|_| service.refresh(&account.tokens.refresh))).await;
    let tokens: Vec<_> = answers.into_iter().map(|answer| Tokens::of(&answer.expect(200))).collect();
    for token in &tokens {
        assert_eq!(token.refresh, tokens[0].refresh, "expected one successor");
        service.me(&token.access).await.expect(200);
    }
    assert_eq!(service.sql(LIVE).await, ["1"], "expected one live token");
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["1"], "expected one session");
    assert_works(&service, &tokens[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reused_token_ends_the_session_despite_a_concurrent_refresh() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    for _ in 0..5 {
        let login = service.login("alice@example.com", PASSWORD).await;
        let newest = rotate(&service, &login.refresh).await;
        spent_earlier(&service, 11).await;
        let (reuse, use_) = tokio::join!(service.refresh(&login.refresh), service.refresh(&newest.refresh));
        assert_problem(&reuse, 401, "invalid_token");
        if use_.status == 200 {
            let tokens = Tokens::of(&use_);
            assert_problem(&service.me(&tokens.access).await, 401, "invalid_token");
            assert_problem(&service.refresh(&tokens.refresh).await, 401, "invalid_token");
        }
    }
    assert_works(&service, &account.tokens).await;
}

#[tokio::test]
async fn refresh_tokens_are_stored_as_sha_256_only() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let newer = rotate(&service, &account.tokens.refresh).await;
    let mut expected = vec![token::sha256_hex(&account.tokens.refresh), token::sha256_hex(&newer.refresh)];
    expected.sort_unstable();
    let stored = "SELECT encode(token_hash, 'hex') FROM refresh_tokens ORDER BY 1";
    assert_eq!(service.sql(stored).await, expected);
    for table in ["users", "sessions", "refresh_tokens", "refresh_nonces"] {
        let rows = service.sql(&format!("SELECT row_to_json({table})::text FROM {table}")).await.concat();
        for secret in [&account.tokens.refresh, &newer.refresh, &account.tokens.access, &newer.access] {
            assert!(!rows.contains(secret.as_str()), "expected no token in {table}: {rows}");
        }
    }
}

#[tokio::test]
async fn an_invalid_refresh_token_is_401() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let hash = token::sha256_hex(&account.tokens.refresh);
    let cut = &account.tokens.refresh[1..];
    for bad in ["unknown", &"A".repeat(43), &account.tokens.access, &hash, cut, "é", &"x".repeat(5_000)] {
        assert_problem(&service.refresh(bad).await, 401, "invalid_token");
    }
    assert_works(&service, &account.tokens).await;
}

#[tokio::test]
async fn a_refresh_token_must_be_a_string() {
    let service = Service::start().await;
    for body in [
        json!({}),
        json!({"refresh_token": null}),
        json!({"refresh_token": 7}),
        json!({"refresh_token": "a\0b"}),
    ] {
        let answer = service.post("/auth/refresh").json(&body).send().await;
        assert_eq!(pointers(&answer), ["/refresh_token"], "{body}");
    }
}

#[tokio::test]
async fn a_refresh_token_is_no_access_token() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    assert_problem(&service.me(&account.tokens.refresh).await, 401, "invalid_token");
}

async fn send_form(service: &Service, form: &[(&str, &str)]) -> Answer {
    service.post("/auth/refresh").form(form).send().await
}

/// RFC 6749 section 6.
#[tokio::test]
async fn a_refresh_token_may_come_in_the_form_of_oauth() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", account.tokens.refresh.as_str()),
        ("client_id", "x"),
        ("scope", "everything"),
        ("resource", "a"),
        ("resource", "b"),
    ];
    let newer = Tokens::of(&send_form(&service, &form).await.expect(200));
    assert_eq!(
        rotate(&service, &account.tokens.refresh).await.refresh,
        newer.refresh,
        "expected one successor"
    );
    assert_works(&service, &newer).await;
}

#[tokio::test]
async fn the_form_needs_the_grant_type_refresh_token() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let refresh = account.tokens.refresh.as_str();
    for other in ["password", "client_credentials", "Refresh_token"] {
        let answer = send_form(&service, &[("grant_type", other), ("refresh_token", refresh)]).await;
        assert_eq!(pointers(&answer), ["/grant_type"], "{other}");
        assert_eq!(answer.json()["error"], "unsupported_grant_type", "{other}");
    }
    for form in [vec![("refresh_token", refresh)], vec![("grant_type", ""), ("refresh_token", refresh)]] {
        let answer = send_form(&service, &form).await;
        assert_eq!(pointers(&answer), ["/grant_type"]);
        assert_eq!(answer.json()["error"], "invalid_request");
    }
    assert_works(&service, &account.tokens).await;
}

#[tokio::test]
async fn the_form_needs_one_refresh_token() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let grant = ("grant_type", "refresh_token");
    let token = ("refresh_token", account.tokens.refresh.as_str());
    for form in [vec![grant], vec![grant, ("refresh_token", "")], vec![grant, token, token]] {
        let answer = send_form(&service, &form).await;
        assert_eq!(pointers(&answer), ["/refresh_token"], "{form:?}");
        assert_eq!(answer.json()["error"], "invalid_request", "{form:?}");
    }
    assert_works(&service, &account.tokens).await;
}

/// RFC 6749 section 5.2: the member `error`, in addition to the members of every problem.
#[tokio::test]
async fn every_refused_refresh_has_the_error_of_oauth() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let refresh = || service.post("/auth/refresh");
    for (answer, status, code, error) in [
        (refresh().body("application/json", "{"), 400, "malformed_body", "invalid_request"),
        (refresh().json(&json!({})), 422, "validation_failed", "invalid_request"),
        (refresh().body("text/plain", "{}"), 415, "unsupported_media_type", "invalid_request"),
        (refresh().json(&json!({"refresh_token": "unknown"})), 401, "invalid_token", "invalid_grant"),
    ] {
        let answer = answer.send().await;
        assert_problem(&answer, status, code);
        assert_eq!(answer.json()["error"], error);
    }
    service.sql("UPDATE users SET is_active = false").await;
    let inactive = service.refresh(&account.tokens.refresh).await;
    assert_problem(&inactive, 403, "inactive_account");
    assert_eq!(inactive.json()["error"], "invalid_grant");
}

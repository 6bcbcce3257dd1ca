//! `GET`, `DELETE /auth/sessions` and `DELETE /auth/sessions/{id}`

use serde_json::{Value, json};
use users_tests::{
    Account, Answer, Barrier, PASSWORD, Service, Tokens, assert_common_headers, assert_no_store,
    assert_problem, assert_timestamp, fields, pointers, token,
};

async fn list(service: &Service, access: &str) -> Answer {
    service.get("/auth/sessions").bearer(access).send().await
}

/// The ids of the listed sessions.
async fn ids(service: &Service, access: &str) -> Vec<i64> {
    let sessions = list(service, access).await.expect(200).json();
    sessions.as_array().unwrap().iter().map(|session| session["id"].as_i64().unwrap()).collect()
}

/// The id of a token's session.
fn id(tokens: &Tokens) -> i64 {
    token::claims(&tokens.access)["sid"].as_str().unwrap().parse().unwrap()
}

async fn end(service: &Service, access: &str, session: i64) -> Answer {
    service.delete(&format!("/auth/sessions/{session}")).bearer(access).send().await
}

/// Logs in with a `User-Agent`.
async fn login_with(service: &Service, email: &str, program: &[u8]) -> Tokens {
    let request = service.post("/auth/login").header("user-agent", program);
    Tokens::of(&request.form(&[("username", email), ("password", PASSWORD)]).send().await.expect(200))
}

#[tokio::test]
async fn the_sessions_of_an_account_are_listed_newest_first() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    service.account("bob@example.com").await;
    let second = login_with(&service, "alice@example.com", b"curl/8.5.0").await;
    let answer = list(&service, &alice.tokens.access).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let sessions = answer.json();
    let [newer, older] = &sessions.as_array().unwrap()[..] else { panic!("expected two: {answer:#?}") };
    let expected = ["address", "client", "created_at", "expires_at", "id", "is_current", "last_used_at"];
    for session in [newer, older] {
        assert_eq!(fields(session), expected);
        for time in ["created_at", "last_used_at", "expires_at"] {
            assert_timestamp(&session[time]);
        }
        assert_eq!(session["created_at"], session["last_used_at"]);
        assert_eq!(session["address"], "127.0.0.1");
    }
    assert_eq!((newer["id"].as_i64(), &newer["client"]), (Some(id(&second)), &json!("curl/8.5.0")));
    assert_eq!((&newer["is_current"], &older["is_current"]), (&json!(false), &json!(true)));
    assert_eq!(older["client"], Value::Null, "expected null for a login without a User-Agent");
    let other = list(&service, &second.access).await.expect(200).json();
    assert_eq!((&other[0]["is_current"], &other[1]["is_current"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn a_client_cannot_forge_the_address_of_its_session() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    for (name, value) in [
        ("spin-client-addr", "192.0.2.1:1"),
        ("x-forwarded-for", "192.0.2.1"),
        ("forwarded", "for=192.0.2.1"),
        ("x-client-addr", "192.0.2.1:1"),
    ] {
        let request = service.post("/auth/login").header(name, value);
        let form = [("username", "alice@example.com"), ("password", PASSWORD)];
        request.form(&form).send().await.expect(200);
    }
    let addresses = service.sql("SELECT DISTINCT address FROM sessions").await;
    assert_eq!(addresses, ["127.0.0.1"]);
    let sessions = list(&service, &alice.tokens.access).await.json();
    assert!(sessions.as_array().unwrap().iter().all(|it| it["address"] == "127.0.0.1"), "{sessions:#}");
}

#[tokio::test]
async fn a_user_agent_is_cut_to_255_characters_and_kept_only_as_text() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    login_with(&service, "alice@example.com", "é".repeat(300).as_bytes()).await;
    if users_tests::environment().lets_header_through(b"\xff") {
        login_with(&service, "alice@example.com", b"x\xff").await;
    }
    let last = login_with(&service, "alice@example.com", b"").await;
    let sessions = list(&service, &last.access).await.expect(200).json();
    let clients: Vec<_> = sessions.as_array().unwrap().iter().map(|it| it["client"].clone()).collect();
    assert_eq!(clients.last(), Some(&json!("é".repeat(255))));
    assert!(clients[..clients.len() - 1].iter().all(Value::is_null), "{clients:?}");
}

#[tokio::test]
async fn a_refresh_moves_the_time_of_the_last_use() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let before = list(&service, &alice.tokens.access).await.json();
    service.refresh(&alice.tokens.refresh).await.expect(200);
    let after = list(&service, &alice.tokens.access).await.json();
    assert!(after[0]["last_used_at"].as_str() > before[0]["last_used_at"].as_str(), "{before:#} {after:#}");
    assert_eq!(after[0]["created_at"], before[0]["created_at"]);
    service.sql("UPDATE sessions SET last_used_at = NULL").await;
    let unknown = list(&service, &alice.tokens.access).await.json();
    assert_eq!(unknown[0]["last_used_at"], unknown[0]["created_at"]);
}

#[tokio::test]
async fn an_expired_session_is_neither_listed_nor_ended() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let other = service.login("alice@example.com", PASSWORD).await;
    service.sql(&format!("UPDATE sessions SET expires_at = now() WHERE id = {}", id(&other))).await;
    assert_eq!(ids(&service, &alice.tokens.access).await, [id(&alice.tokens)]);
    assert_problem(&end(&service, &alice.tokens.access, id(&other)).await, 404, "not_found");
}

#[tokio::test]
async fn an_ended_session_fails_at_the_next_request() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let other = service.login("alice@example.com", PASSWORD).await;
    end(&service, &alice.tokens.access, id(&other)).await.expect(204);
    assert_problem(&service.me(&other.access).await, 401, "invalid_token");
    assert_problem(&service.refresh(&other.refresh).await, 401, "invalid_token");
    assert_problem(&end(&service, &alice.tokens.access, id(&other)).await, 404, "not_found");
    assert_eq!(ids(&service, &alice.tokens.access).await, [id(&alice.tokens)]);
    end(&service, &alice.tokens.access, id(&alice.tokens)).await.expect(204);
    assert_problem(&service.me(&alice.tokens.access).await, 401, "invalid_token");
    assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"]);
}

#[tokio::test]
async fn a_session_of_another_account_is_404_and_stays() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let bob = service.administrator("bob@example.com").await;
    for (caller, session) in [(&alice, id(&bob.tokens)), (&bob, id(&alice.tokens)), (&alice, 999_999)] {
        assert_problem(&end(&service, &caller.tokens.access, session).await, 404, "not_found");
    }
    let large = end(&service, &alice.tokens.access, i64::MAX).await;
    assert_problem(&large, 404, "not_found");
    for bad in ["0", "-1", "x", "01", "9223372036854775808"] {
        let request = service.delete(&format!("/auth/sessions/{bad}")).bearer(&alice.tokens.access);
        assert_eq!(pointers(&request.send().await), ["/session_id"], "{bad}");
    }
    for account in [&alice, &bob] {
        service.me(&account.tokens.access).await.expect(200);
    }
}

#[tokio::test]
async fn all_sessions_end_but_the_current_one() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let bob = service.account("bob@example.com").await;
    let others = [
        service.login("alice@example.com", PASSWORD).await,
        service.login("alice@example.com", PASSWORD).await,
    ];
    for _ in 0..2 {
        service.delete("/auth/sessions").bearer(&alice.tokens.access).send().await.expect(204);
        assert_eq!(ids(&service, &alice.tokens.access).await, [id(&alice.tokens)]);
    }
    for other in &others {
        assert_problem(&service.me(&other.access).await, 401, "invalid_token");
        assert_problem(&service.refresh(&other.refresh).await, 401, "invalid_token");
    }
    service.refresh(&alice.tokens.refresh).await.expect(200);
    service.me(&bob.tokens.access).await.expect(200);
}

/// An owner who recovers an account ends the thief's session. A pending request of the thief must not end the owner's new session.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_meanwhile_ends_no_other() {
    let service = Service::builder().one_request_per_instance().start().await;
    let thief = service.account("alice@example.com").await;
    let owner = service.login("alice@example.com", PASSWORD).await;
    let (mine, paths) = (id(&owner), ["/auth/sessions".to_owned(), format!("/auth/sessions/{}", id(&owner))]);
    for path in paths {
        let thief = relogin(&service, &thief).await;
        let db = service.db().await;
        db.batch_execute(&format!("BEGIN; SELECT FROM users WHERE id = {} FOR NO KEY UPDATE", thief.id))
            .await
            .unwrap();
        let request = service.delete(&path).bearer(&thief.tokens.access).send();
        let recovery = async {
            users_tests::statements_wait(&service.db().await, 1).await;
            db.batch_execute(&format!("DELETE FROM sessions WHERE id = {}; COMMIT", id(&thief.tokens)))
                .await
                .unwrap();
        };
        let (answer, ()) = tokio::join!(request, recovery);
        assert_problem(&answer, 401, "invalid_token");
        assert_eq!(service.sql(&format!("SELECT FROM sessions WHERE id = {mine}")).await.len(), 1, "{path}");
    }
}

async fn relogin(service: &Service, account: &Account) -> Account {
    Account { tokens: service.login(&account.email, PASSWORD).await, ..account.clone() }
}

#[tokio::test]
async fn each_route_runs_two_statements() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let other = service.login("alice@example.com", PASSWORD).await;
    for (name, method, path) in [
        ("list", "GET", "/auth/sessions".to_owned()),
        ("one", "DELETE", format!("/auth/sessions/{}", id(&other))),
        ("others", "DELETE", "/auth/sessions".to_owned()),
    ] {
        service.request(method, &path).bearer(&alice.tokens.access).id(name).send().await;
        let log = service.logs().of_request(name).await;
        assert_eq!(log.statements().len(), 2, "{name}: {log:#?}");
    }
}

/// A login that waits for the end of all other sessions is not one of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_at_the_same_moment_keeps_the_account_usable() {
    let service = Service::builder().one_request_per_instance().start().await;
    let alice = service.account("alice@example.com").await;
    let barrier = Barrier::before(&service, "INSERT ON refresh_tokens").await;
    let others = service.delete("/auth/sessions").bearer(&alice.tokens.access).send();
    let (login, ended) = barrier.overlap(service.try_login("alice@example.com", PASSWORD), others).await;
    ended.expect(204);
    login.expect(200);
    assert_eq!(ids(&service, &alice.tokens.access).await, [id(&alice.tokens)], "expected the login's to end");
}

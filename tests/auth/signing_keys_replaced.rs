//! Signing keys are replaced, retired and revoked: by `auth`, by the worker and by an operator.

use futures::future::join_all;
use users_tests::{Account, KEY_SECRET, PASSWORD, Service, Tokens, assert_problem, token};

/// The keys of the database: their ids, the oldest first.
async fn keys(service: &Service) -> Vec<String> {
    service.sql("SELECT kid FROM signing_keys ORDER BY signs_from").await
}

/// The key that signed a token.
fn kid(tokens: &Tokens) -> String {
    let header = token::header(&tokens.access);
    assert_eq!((&header["alg"], &header["typ"]), (&"EdDSA".into(), &"at+jwt".into()));
    header["kid"].as_str().expect("a token names its key").to_owned()
}

/// Makes all keys older.
async fn let_time_pass(service: &Service, time: &str) {
    service.sql(&format!("UPDATE signing_keys SET signs_from = signs_from - interval '{time}'")).await;
}

/// Has the worker keep house once.
async fn work(service: &Service) {
    let sent = service.mail_with(&[("KEY_SECRET", KEY_SECRET)]).await;
    drop(sent);
}

fn usersctl(service: &Service, arguments: &[&str]) -> String {
    service.database().usersctl(&[arguments, &["--key-secret", KEY_SECRET]].concat())
}

async fn with_account() -> (Service, Account) {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    (service, account)
}

#[tokio::test]
async fn logins_at_once_make_one_key() {
    let service = Service::builder().one_request_per_instance().start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let tokens = join_all((0..6).map(|_| service.login("alice@example.com", PASSWORD))).await;
    let made = keys(&service).await;
    assert_eq!(made.len(), 1, "{made:?}");
    for tokens in &tokens {
        assert_eq!(kid(tokens), made[0]);
        service.me(&tokens.access).await.expect(200);
    }
}

#[tokio::test]
async fn a_login_plans_the_successor_of_a_due_key_and_tokens_of_both_stay_good() {
    let (service, alice) = with_account().await;
    let first = kid(&alice.tokens);
    let_time_pass(&service, "89 days 23 hours").await;
    assert_eq!(kid(&service.login(&alice.email, PASSWORD).await), first, "expected 90 days");
    let_time_pass(&service, "1 hour").await;
    let at_once = join_all((0..4).map(|_| service.login(&alice.email, PASSWORD))).await;
    let made = keys(&service).await;
    assert_eq!(made.len(), 2, "expected one new key: {made:?}");
    assert_eq!(made[0], first);
    for tokens in &at_once {
        assert_eq!(kid(tokens), first, "expected the new key to be published a day before it signs");
    }
    let_time_pass(&service, "1 day 1 second").await;
    let next = service.login(&alice.email, PASSWORD).await;
    assert_eq!((kid(&next), keys(&service).await), (made[1].clone(), made));
    for tokens in [&alice.tokens, &at_once[0], &next] {
        service.me(&tokens.access).await.expect(200);
    }
}

#[tokio::test]
async fn a_key_that_the_worker_plans_is_known_a_day_before_it_signs() {
    let (service, alice) = with_account().await;
    let first = kid(&alice.tokens);
    let_time_pass(&service, "89 days").await;
    work(&service).await;
    let made = keys(&service).await;
    assert_eq!((made.len(), &made[0]), (2, &first));
    // The planned one keeps the present one from being replaced, although that is due.
    let_time_pass(&service, "23 hours 59 minutes").await;
    service
        .sql(&format!(
            "UPDATE signing_keys SET signs_from = now() - interval '90 days 1 minute' WHERE kid = '{first}'"
        ))
        .await;
    assert_eq!(kid(&service.login(&alice.email, PASSWORD).await), first);
    let_time_pass(&service, "1 minute").await;
    let tokens = service.login(&alice.email, PASSWORD).await;
    assert_eq!((kid(&tokens), keys(&service).await), (made[1].clone(), made));
    service.me(&tokens.access).await.expect(200);
    service.me(&alice.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_key_that_the_worker_has_retired_signs_and_verifies_no_more() {
    let (service, alice) = with_account().await;
    usersctl(&service, &["keys", "rotate"]);
    usersctl(&service, &["keys", "rotate", "--now"]);
    work(&service).await;
    let sealed = "SELECT sealed_key IS NOT NULL FROM signing_keys ORDER BY signs_from";
    assert_eq!(service.sql(sealed).await, ["f", "t"]);
    service.me(&alice.tokens.access).await.expect(200);
    let_time_pass(&service, "25 hours").await;
    work(&service).await;
    let tokens = service.login(&alice.email, PASSWORD).await;
    assert_eq!(keys(&service).await, [kid(&tokens)]);
    assert_problem(&service.me(&alice.tokens.access).await, 401, "invalid_token");
}

#[tokio::test]
async fn the_tokens_of_a_revoked_key_are_refused_at_the_next_request_and_sessions_go_on() {
    let service = Service::start().await;
    let root = service.administrator("root@example.com").await;
    let access = &root.tokens.access;
    // Every component knows the key now.
    let paths = ["/auth/me", "/users/", "/profile/", "/rbac/my-permissions"];
    for path in paths {
        service.get(path).bearer(access).send().await.expect(200);
    }
    let first = kid(&root.tokens);
    usersctl(&service, &["keys", "revoke", &first]);
    for path in paths {
        assert_problem(&service.get(path).bearer(access).send().await, 401, "invalid_token");
    }
    let next = Tokens::of(&service.refresh(&root.tokens.refresh).await.expect(200));
    assert_ne!(kid(&next), first);
    for path in paths {
        service.get(path).bearer(&next.access).send().await.expect(200);
    }
    assert_eq!(
        service
            .sql(
                "SELECT kid, sealed_key IS NULL, revoked_at IS NOT NULL FROM signing_keys ORDER BY signs_from"
            )
            .await,
        [format!("{first}|t|t"), format!("{}|f|f", kid(&next))]
    );
}

#[tokio::test]
async fn after_a_revocation_without_the_secret_the_next_login_makes_a_key() {
    let (service, alice) = with_account().await;
    let first = kid(&alice.tokens);
    let _ = service.database().usersctl(&["keys", "revoke", &first]);
    assert_problem(&service.me(&alice.tokens.access).await, 401, "invalid_token");
    let tokens = service.login(&alice.email, PASSWORD).await;
    assert_ne!(kid(&tokens), first);
    service.me(&tokens.access).await.expect(200);
    assert_eq!(keys(&service).await.len(), 2);
}

//! If a secret is invalid, the service tells its operator, but no client.

use serde_json::json;
use users_tests::{Answer, Call, Front, PASSWORD, Service, Tokens, assert_problem, operations, token};

/// The answers of all operations that need the secret. These are the operations that document an internal error.
async fn answers(service: &Service) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (number, operation) in operations(|it| it.has(500, "internal_error")).into_iter().enumerate() {
        let request = Call::new(service, operation).bearer("x.y.z").request();
        answers.push(request.id(&format!("secret-{number}")).send().await);
    }
    answers
}

async fn assert_refused(service: &Service, secret: &str) {
    for (number, answer) in answers(service).await.iter().enumerate() {
        assert_problem(answer, 500, "internal_error");
        for hint in ["secret", "jwt", "32"] {
            assert!(
                !answer.json()["detail"].to_string().contains(hint),
                "expected a fixed text: {answer:#?}"
            );
        }
        let log = service.logs().of_request(&format!("secret-{number}")).await;
        let named = log.causes().iter().any(|it| it.contains("jwt_secret") && it.contains("32 bytes"));
        assert!(named, "expected the log to name jwt_secret and 32 bytes: {log:#?}");
    }
    assert!(secret.is_empty() || !service.logs().text().contains(secret), "expected no secret in the log");
}

#[tokio::test]
async fn a_secret_under_32_bytes_is_refused_with_a_clear_log_line() {
    for secret in ["short", "just31bytes-just31bytes-just31b"] {
        let service = Service::builder().variable("jwt_secret", secret).start().await;
        assert_refused(&service, secret).await;
    }
}

#[tokio::test]
async fn without_a_signing_secret_tokens_are_signed_with_keys() {
    let service = Service::builder().variable("jwt_secret", "").start().await;
    let account = service.account("alice@example.com").await;
    assert_eq!(token::header(&account.tokens.access)["alg"], "EdDSA");
    service.me(&account.tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_previous_secret_under_32_bytes_is_refused_with_a_clear_log_line() {
    for secret in ["short", "just31bytes-just31bytes-just31b"] {
        let service = Service::builder().variable("jwt_secret_previous", secret).start().await;
        assert_refused(&service, secret).await;
        let named = service.logs().text().contains("jwt_secret_previous has fewer than 32 bytes");
        assert!(named, "expected the log to name jwt_secret_previous: {}", service.logs().text());
    }
}

#[tokio::test]
async fn a_secret_of_32_bytes_is_accepted() {
    let service = Service::builder().variable("jwt_secret", "just32bytes-just32bytes-just32by").start().await;
    let account = service.account("alice@example.com").await;
    service.me(&account.tokens.access).await.expect(200);
}

/// Logs in, which needs all secrets of the component `auth`. Expects a 500 with a fixed text, and this cause in the log.
async fn assert_login_refused(service: &Service, words: &[&str], secret: &str) {
    let login = service
        .post("/auth/login")
        .id("login")
        .form(&[("username", "a@example.com"), ("password", PASSWORD)]);
    assert_problem(&login.send().await, 500, "internal_error");
    let log = service.logs().of_request("login").await;
    let named = log.causes().iter().any(|it| words.iter().all(|word| it.contains(word)));
    assert!(named, "expected the log to name {words:?}: {log:#?}");
    assert!(secret.is_empty() || !service.logs().text().contains(secret), "expected no secret in the log");
    // The other components do not have it.
    service.get("/readyz").send().await.expect(200);
}

#[tokio::test]
async fn a_secret_of_the_signing_keys_under_32_bytes_is_refused_with_a_clear_log_line() {
    for secret in ["", "short", "just31bytes-just31bytes-just31b"] {
        let service = Service::builder().variable("key_secret", secret).start().await;
        assert_login_refused(&service, &["key_secret", "32 bytes"], secret).await;
    }
}

#[tokio::test]
async fn a_former_secret_of_the_keys_under_32_bytes_is_refused_with_a_clear_log_line() {
    for secret in ["short", "just31bytes-just31bytes-just31b"] {
        let service = Service::builder().variable("key_secret_previous", secret).start().await;
        assert_login_refused(&service, &["key_secret_previous", "32 bytes"], secret).await;
    }
}

#[tokio::test]
async fn a_missing_secret_of_the_signing_keys_is_named_at_start_or_in_the_log() {
    match Service::builder().without("key_secret").try_start().await {
        // Spin does not start without a required variable.
        Err(said) => assert!(said.contains("key_secret"), "expected key_secret to be named: {said}"),
        Ok(service) => {
            let form = [("username", "a@example.com"), ("password", PASSWORD)];
            assert_problem(&service.post("/auth/login").form(&form).send().await, 500, "internal_error");
            let is_named = |lines: &[String]| lines.iter().any(|it| it.contains("key_secret"));
            service.logs().wait_for("key_secret", |lines| is_named(lines)).await;
        }
    }
}

#[tokio::test]
async fn with_another_secret_than_made_the_signing_key_only_logins_fail_and_the_log_says_why() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    // A key that was made under another secret.
    let other = "another secret that is just as long";
    service.sql("DELETE FROM signing_keys").await;
    let _ = service.database().usersctl(&["keys", "rotate", "--key-secret", other]);
    let form = [("username", "alice@example.com"), ("password", PASSWORD)];
    let login = service.post("/auth/login").id("login").form(&form).send().await;
    assert_problem(&login, 500, "internal_error");
    let log = service.logs().of_request("login").await;
    assert!(log.causes().iter().any(|it| it.contains("key_secret does not open")), "{log:#?}");
    assert_problem(&service.me(&account.tokens.access).await, 401, "invalid_token");
    // The remedy that the log names.
    let kid = service.sql("SELECT kid FROM signing_keys").await.concat();
    let _ = service.database().usersctl(&["keys", "revoke", &kid]);
    let tokens = service.login("alice@example.com", PASSWORD).await;
    service.me(&tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_outlives_a_signing_key_that_cannot_be_opened() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("DELETE FROM signing_keys").await;
    let other = "another secret that is just as long";
    let _ = service.database().usersctl(&["keys", "rotate", "--key-secret", other]);
    for _ in 0..2 {
        assert_problem(&service.refresh(&account.tokens.refresh).await, 500, "internal_error");
        let spent = "SELECT count(*) FROM refresh_tokens WHERE spent_at IS NOT NULL";
        assert_eq!(service.sql(spent).await, ["0"]);
        // More than the ten seconds in which a spent token yields its successor again.
        service.sql("UPDATE sessions SET created_at = created_at - interval '1 minute'").await;
        service
            .sql("UPDATE refresh_tokens SET created_at = created_at - interval '1 minute', spent_at = spent_at - interval '1 minute'")
            .await;
    }
    let kid = service.sql("SELECT kid FROM signing_keys").await.concat();
    let _ = service.database().usersctl(&["keys", "revoke", &kid]);
    let newer = Tokens::of(&service.refresh(&account.tokens.refresh).await.expect(200));
    service.me(&newer.access).await.expect(200);
}

#[tokio::test]
async fn with_another_secret_no_successor_is_made_for_a_key_that_is_due() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    service.sql("UPDATE signing_keys SET signs_from = now() - interval '90 days'").await;
    let replica = service.replica_with(&[("key_secret", "another secret that is just as long")]);
    let other = Front::new(replica.address(), true);
    let form = [("username", "alice@example.com"), ("password", PASSWORD)];
    assert_problem(&other.post("/auth/login").form(&form).send().await, 500, "internal_error");
    assert_problem(&other.refresh(&account.tokens.refresh).await, 500, "internal_error");
    assert_eq!(service.sql("SELECT count(*) FROM signing_keys").await, ["1"]);
    service.refresh(&account.tokens.refresh).await.expect(200);
    assert_eq!(service.sql("SELECT count(*) FROM signing_keys").await, ["2"]);
}

#[tokio::test]
async fn a_service_without_a_public_url_says_so_even_if_it_has_an_issuer() {
    for issuer in ["", "acme"] {
        let service =
            Service::builder().variable("public_url", "").variable("jwt_issuer", issuer).start().await;
        for (number, answer) in answers(&service).await.iter().enumerate() {
            assert_problem(answer, 500, "internal_error");
            let log = service.logs().of_request(&format!("secret-{number}")).await;
            assert!(log.causes().iter().any(|it| it.starts_with("public_url ")), "{log:#?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_database_password_is_503_and_stays_out_of_the_log() {
    let service = Service::builder().variable("db_password_auth", "wrong-password-quux").start().await;
    let answer = service
        .post("/auth/register")
        .id("refused")
        .json(&json!({"email": "a@example.com", "password": PASSWORD}));
    assert_problem(&answer.send().await, 503, "database_unavailable");
    let log = service.logs().of_request("refused").await;
    assert!(!log.causes().is_empty(), "expected the cause in the log: {log:#?}");
    assert!(
        !service.logs().text().contains("quux"),
        "expected no password in the log: {}",
        service.logs().text()
    );
}

#[tokio::test]
async fn a_component_without_a_password_for_the_database_is_500_and_the_log_says_what_to_set() {
    let service = Service::builder().without("db_user_auth").without("db_password_auth").start().await;
    let body = json!({"email": "a@example.com", "password": PASSWORD});
    let answer = service.post("/auth/register").id("none").json(&body).send().await;
    assert_problem(&answer, 500, "internal_error");
    let log = service.logs().of_request("none").await;
    let named = log.causes().iter().any(|it| it.contains("db_user_") && it.contains("db_password"));
    assert!(named, "expected the log to name the variables: {log:#?}");
    // The others have a role of their own each.
    service.get("/readyz").send().await.expect(200);
}

#[tokio::test]
async fn one_role_for_all_components_goes_on_working() {
    let service = Service::builder().one_role_for_all().start().await;
    let account = service.account("alice@example.com").await;
    service.me(&account.tokens.access).await.expect(200);
    service.get("/readyz").send().await.expect(200);
    let users = "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'users'";
    assert_eq!(service.sql(users).await, [users_tests::ROLE]);
}

#[tokio::test]
async fn a_secret_of_the_limits_under_32_bytes_is_refused_with_a_clear_log_line() {
    for secret in ["", "short", "just31bytes-just31bytes-just31b"] {
        let service = Service::builder().variable("limit_secret", secret).start().await;
        let login = service
            .post("/auth/login")
            .id("login")
            .form(&[("username", "a@example.com"), ("password", PASSWORD)]);
        assert_problem(&login.send().await, 500, "internal_error");
        let log = service.logs().of_request("login").await;
        let named = log.causes().iter().any(|it| it.contains("limit_secret") && it.contains("32 bytes"));
        assert!(named, "expected the log to name limit_secret and 32 bytes: {log:#?}");
        assert!(
            secret.is_empty() || !service.logs().text().contains(secret),
            "expected no secret in the log"
        );
        // The other components do not have it.
        service.get("/readyz").send().await.expect(200);
    }
}

#[tokio::test]
async fn a_missing_secret_of_the_limits_is_named_at_start_or_in_the_log() {
    match Service::builder().without("limit_secret").try_start().await {
        Err(said) => assert!(said.contains("limit_secret"), "expected limit_secret to be named: {said}"),
        Ok(service) => {
            let form = [("username", "a@example.com"), ("password", PASSWORD)];
            assert_problem(&service.post("/auth/login").form(&form).send().await, 500, "internal_error");
            let is_named = |lines: &[String]| lines.iter().any(|it| it.contains("limit_secret"));
            service.logs().wait_for("limit_secret", |lines| is_named(lines)).await;
        }
    }
}

#[tokio::test]
async fn a_wrong_limit_is_refused_with_a_clear_log_line() {
    for name in
        ["limit_password_failures", "limit_logins", "limit_registrations", "limit_forgotten", "limit_codes"]
    {
        let service = Service::builder().variable(name, "ten").start().await;
        let login = service
            .post("/auth/login")
            .id("login")
            .form(&[("username", "a@example.com"), ("password", PASSWORD)]);
        assert_problem(&login.send().await, 500, "internal_error");
        let log = service.logs().of_request("login").await;
        assert!(log.causes().iter().any(|it| it.contains(name)), "expected the log to name {name}: {log:#?}");
    }
}

#[tokio::test]
async fn a_public_url_that_nobody_can_reach_is_refused_with_a_clear_log_line() {
    for url in ["", "users.example.com", "ftp://users.example.com", "https://users.example.com?a=b"] {
        let service = Service::builder().variable("public_url", url).start().await;
        for (number, path) in ["/auth/me", "/users/", "/profile/", "/rbac/my-permissions"].iter().enumerate()
        {
            let id = format!("url-{number}");
            let answer = service.get(path).id(&id).bearer("x.y.z").send().await;
            assert_problem(&answer, 500, "internal_error");
            let log = service.logs().of_request(&id).await;
            assert!(log.causes().iter().any(|it| it.starts_with("public_url ")), "{url} {path}: {log:#?}");
        }
        service.get("/readyz").send().await.expect(200);
    }
}

//! The log holds no secrets and no personal data.

use serde_json::json;
use users_tests::token::{Key, sha256_hex, with};
use users_tests::{Account, PASSWORD, Service, Tokens, assert_problem, fields, token};

const WRONG_PASSWORD: &str = "Tr0ub4dor and three";
const NEW_PASSWORD: &str = "a stapled battery of horses";
const RESET_PASSWORD: &str = "a horse of stapled batteries";

/// The address of the client. It differs from that of the service.
const CLIENT: [u8; 4] = [127, 0, 0, 77];

/// Sends valid and invalid requests. Returns their secrets.
async fn send_requests(service: &Service) -> Vec<String> {
    let alice = service.account("alice.secretive@example.com").await;
    let newer = Tokens::of(&service.refresh(&alice.tokens.refresh).await.expect(200));
    service.me(&newer.access).await.expect(200);
    service.post("/auth/test-token").bearer(&newer.access).send().await.expect(200);
    send_invalid_requests(service, &alice).await;
    let hash = service.sql("SELECT password_hash FROM users").await.concat();
    service.post("/auth/logout").bearer(&newer.access).send().await.expect(204);
    let of_keys = use_keys(service).await;
    let of_recoveries = recover(service).await;
    let of_factors = use_factors(service).await;
    database_errors(service).await;

    let mut secrets = vec![
        "secretive@".into(),
        "Carol Concealed".into(),
        "Bob Concealed".into(),
        PASSWORD.into(),
        WRONG_PASSWORD.into(),
        hash.rsplit('$').next().unwrap().to_owned(),
        "$argon2".into(),
        "127.0.0.77".into(),
        "203.0.113.9".into(),
        users_tests::KEY_SECRET.into(),
        users_tests::LIMIT_SECRET.into(),
        "it's a ".into(),
        "query-secret".into(),
        "path-secret".into(),
        "field-secret".into(),
    ];
    for tokens in [&alice.tokens, &newer] {
        secrets.extend(tokens.access.split('.').map(str::to_owned));
        secrets.push(tokens.refresh.clone());
        secrets.push(sha256_hex(&tokens.refresh));
    }
    // The start of every token.
    secrets.push("eyJ".into());
    secrets.extend(of_keys);
    secrets.extend(of_recoveries);
    secrets.extend(of_factors);
    secrets
}

/// Makes an API key, and uses it in good and in bad requests. Returns the secrets in these requests.
async fn use_keys(service: &Service) -> Vec<String> {
    let frank = service.account("frank.secretive@example.com").await;
    let body = json!({"name": "field-secret", "addresses": ["127.0.0.0/8"], "permissions": []});
    let key = service.api_key(&frank.tokens.access, &body).await;
    service.me(&key).await.expect(200);
    service.get("/auth/sessions").bearer(&key).send().await.expect(403);
    service.me(&format!("{}.", &key[..45])).await.expect(401);
    service.get(&format!("/auth/me?key={key}")).send().await.expect(401);
    service.sql("UPDATE api_keys SET expires_at = now()").await;
    service.me(&key).await.expect(401);
    vec![sha256_hex(&key), key[..45].to_owned()]
}

/// Sets up a second factor, and proves it rightly and wrongly. Returns the secrets in these requests.
async fn use_factors(service: &Service) -> Vec<String> {
    let grace = service.account("grace.secretive@example.com").await;
    let begun = service.post("/auth/totp").bearer(&grace.tokens.access).send().await.expect(200).json();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let (authenticator, codes) = service.authenticator(&grace).await;
    let challenge = service.challenge(&grace.email).await;
    for proof in [
        json!({"code": authenticator.wrong_code()}),
        json!({"recovery_code": "00000-00000"}),
        json!({"code": "field-secret"}),
        json!({"recovery_code": codes[0]}),
        json!({"recovery_code": codes[0]}),
    ] {
        service.login_factor(&challenge, &proof).await;
        service.reauthenticate(&grace.tokens.access, &proof).await;
    }
    let mut secrets = vec![secret, sha256_hex(&challenge), challenge, "otpauth".to_owned()];
    secrets.extend(codes.iter().flat_map(|code| [code.clone(), code.replace('-', "")]));
    secrets
}

/// Changes a password and an address, and resets a forgotten password. Returns the secrets in these requests.
async fn recover(service: &Service) -> Vec<String> {
    let erin = service.account("erin.secretive@example.com").await;
    let token = &erin.tokens.access;
    let change = json!({"current_password": WRONG_PASSWORD, "new_password": NEW_PASSWORD});
    service.put("/auth/password").bearer(token).json(&change).send().await.expect(403);
    let change = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    service.put("/auth/password").bearer(token).json(&change).send().await.expect(204);
    let address = json!({"email": "new.secretive@example.com", "password": NEW_PASSWORD});
    service.put("/auth/email").bearer(token).json(&address).send().await.expect(202);
    service.post("/auth/email/verification").bearer(token).send().await.expect(202);
    let forgotten = json!({"email": erin.email});
    service.post("/auth/password/forgot").json(&forgotten).send().await.expect(202);

    let new_email = service.link("email_change", erin.id, "new.secretive@example.com").await;
    for status in [204, 410] {
        service.post("/auth/email/verify").json(&json!({"token": new_email})).send().await.expect(status);
    }
    let reset = service.link("password_reset", erin.id, "new.secretive@example.com").await;
    let body = json!({"token": reset, "new_password": RESET_PASSWORD});
    for status in [204, 410] {
        service.post("/auth/password/reset").json(&body).send().await.expect(status);
    }
    let unused = service.link("password_reset", erin.id, "new.secretive@example.com").await;
    let bad = json!({"token": unused, "new_password": "Tr0ub4d"});
    service.post("/auth/password/reset").json(&bad).send().await.expect(422);

    let mut secrets = vec![NEW_PASSWORD.to_owned(), RESET_PASSWORD.to_owned(), "Tr0ub4d".to_owned()];
    for token in [new_email, reset, unused] {
        secrets.push(sha256_hex(&token));
        secrets.push(token);
    }
    secrets
}

/// Sends requests whose statements fail. Postgres quotes values of rows and parameters in its errors.
async fn database_errors(service: &Service) {
    let email = "carol.secretive@example.com";
    let body = json!({"email": email, "password": PASSWORD, "full_name": "Carol Concealed"});
    for fault in [
        "ALTER TABLE users ADD CONSTRAINT nobody CHECK (false) NOT VALID",
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN NEW.id := NEW.email::integer; RETURN NEW; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION refuse()",
        "ALTER TABLE users RENAME COLUMN password_hash TO elsewhere",
    ] {
        service.sql(fault).await;
        let answer = service.post("/auth/register").json(&body).send().await;
        assert_problem(&answer, 500, "internal_error");
    }
    assert_problem(&service.try_login(email, PASSWORD).await, 500, "internal_error");
    service
        .sql(
            "CREATE FUNCTION refuse_message() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN NEW.user_id := (NEW.carries ->> 'email')::integer; RETURN NEW; END $$;
             CREATE TRIGGER refuse BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION refuse_message()",
        )
        .await;
    let forgotten = service.post("/auth/password/forgot").json(&json!({"email": email})).send().await;
    assert_problem(&forgotten, 500, "internal_error");
}

/// Sends invalid requests.
async fn send_invalid_requests(service: &Service, alice: &Account) {
    let email = &alice.email;
    service.register(email, PASSWORD).await.expect(409);
    service.register(email, "short").await.expect(422);
    service.register("bob.secretive@", PASSWORD).await.expect(422);
    let body =
        json!({"email": "bob.secretive@example.com\0", "password": PASSWORD, "full_name": "Bob Concealed"});
    service.post("/auth/register").json(&body).send().await.expect(422);
    let broken = format!(r#"{{"email": "{email}", "password": "{PASSWORD}" "#);
    service.post("/auth/register").body("application/json", broken).send().await.expect(400);
    service.post("/auth/register").body("text/plain", PASSWORD).send().await.expect(415);
    service.try_login(email, WRONG_PASSWORD).await.expect(401);
    service.try_login("dave.secretive@example.com", WRONG_PASSWORD).await.expect(401);
    service.me(&format!("{}x", alice.tokens.access)).await.expect(401);
    let (key, claims) = (Key::numbered(1), token::claims(&alice.tokens.access));
    service.knows(&key).await;
    service.me(&key.signed(&key.header(), &with(&claims, "exp", 1))).await.expect(401);
    service.refresh(&format!("{}x", alice.tokens.refresh)).await.expect(401);
    let path = format!("/path-secret/{email}?token=query-secret&email={email}");
    let request =
        service.get(&path).header("x-forwarded-for", "203.0.113.9").header("user-agent", "field-secret");
    request.header("cookie", "a=field-secret").send().await.expect(404);
    service.get("/auth/me?access_token=query-secret").send().await.expect(401);
    service.get("/auth/me").header("x-request-id", "field-secret with spaces").send().await.expect(401);
}

#[tokio::test]
async fn no_log_line_holds_anything_personal_or_secret() {
    let service = Service::start().await.from_address(CLIENT);
    let secrets = send_requests(&service).await;
    service.get("/healthz").id("the-last").send().await.expect(200);
    service.logs().of_request("the-last").await;
    let text = service.logs().text();
    for secret in secrets {
        if let Some(line) = text.lines().find(|line| line.contains(&secret)) {
            panic!("expected no {secret:?} in the log: {line}");
        }
    }
}

#[tokio::test]
async fn no_message_and_no_stored_link_holds_a_token_or_a_password() {
    let service = Service::start().await;
    // The rule keeps all messages in the outbox, so that the test can read them.
    service.sql("CREATE RULE keep AS ON DELETE TO outbox DO INSTEAD NOTHING").await;
    let secrets = recover(&service).await;
    let messages = service.sql("SELECT o FROM outbox o").await;
    assert!(messages.len() >= 6, "expected the messages of all requests: {messages:#?}");
    let links = service.sql("SELECT t FROM one_time_tokens t").await;
    assert_eq!(links.len(), 1, "expected the link that was not used: {links:#?}");
    for secret in secrets.iter().map(String::as_str).chain([PASSWORD, WRONG_PASSWORD, "$argon2", "eyJ"]) {
        let is_hash = secret.len() == 64;
        for row in messages.iter().chain(links.iter().filter(|_| !is_hash)) {
            assert!(!row.contains(secret), "expected no {secret:?}: {row}");
        }
    }
}

#[tokio::test]
async fn every_line_of_a_component_is_json() {
    let service = Service::start().await;
    send_requests(&service).await;
    service.get("/healthz").id("the-last").send().await.expect(200);
    service.logs().of_request("the-last").await;
    let objects = service.logs().objects();
    assert!(objects.len() > 20, "expected a line for each request: {objects:#?}");
    for object in objects {
        let names = fields(&object);
        for name in ["component", "level", "time"] {
            assert!(names.iter().any(|it| it == name), "expected {name} in every line: {object:#}");
        }
    }
}

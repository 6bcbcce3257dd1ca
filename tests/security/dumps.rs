//! Dumps of the database hold no token that works.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use users_tests::{PASSWORD, Service};

const RESET_PASSWORD: &str = "a horse of stapled batteries";

/// All rows of all tables, as text.
async fn dump(service: &Service) -> String {
    let rows = "SELECT query_to_xml('SELECT * FROM ' || quote_ident(table_name), true, false, '')
                  FROM information_schema.tables
                 WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
    service.sql(&format!("SET xmlbinary = hex; {rows}; SET xmlbinary = base64; {rows}")).await.concat()
}

/// A token as it is sent, and its bits in the other forms in which Postgres may print them.
fn forms(token: &str) -> [String; 4] {
    let bits = URL_SAFE_NO_PAD.decode(token).expect("a token is base64url");
    let hex: String = bits.iter().map(|octet| format!("{octet:02x}")).collect();
    [token.to_owned(), token.replace('-', "+").replace('_', "/"), hex.to_uppercase(), hex]
}

#[tokio::test]
async fn no_dump_taken_at_any_moment_holds_a_token_that_works() {
    let service = Service::start().await;
    let mut dumps = Vec::new();
    let administrator = service.administrator("root@example.com").await;
    let alice = service.account("alice@example.com").await;
    dumps.push(dump(&service).await);
    let invited = json!({"email": "bob@example.com"});
    service.post("/users/").bearer(&administrator.tokens.access).json(&invited).send().await.expect(201);
    service.post("/auth/password/forgot").json(&json!({"email": alice.email})).send().await.expect(202);
    let address = json!({"email": "new@example.com", "password": PASSWORD});
    service.put("/auth/email").bearer(&alice.tokens.access).json(&address).send().await.expect(202);
    dumps.push(dump(&service).await);
    let sent = service.mail().await;
    dumps.push(dump(&service).await);

    // The links work, so these are the tokens that the dumps must not hold.
    let token = |to: &str, page: &str| {
        let mail =
            sent.iter().find(|mail| mail.to == to && mail.link().is_some_and(|link| link.contains(page)));
        mail.unwrap_or_else(|| panic!("expected a link to {to}: {sent:#?}")).token().to_owned()
    };
    let verification = token("alice@example.com", "/verify-email");
    let invitation = token("bob@example.com", "/reset-password");
    let reset = token("alice@example.com", "/reset-password");
    let change = token("new@example.com", "/verify-email");
    service.post("/auth/email/verify").json(&json!({"token": verification})).send().await.expect(204);
    for token in [&invitation, &reset] {
        let body = json!({"token": token, "new_password": RESET_PASSWORD});
        service.post("/auth/password/reset").json(&body).send().await.expect(204);
    }
    dumps.push(dump(&service).await);
    // The reset ended this link.
    service.post("/auth/email/verify").json(&json!({"token": change})).send().await.expect(410);

    let mut tokens = vec![verification, invitation, reset, change];
    for account in [&administrator, &alice] {
        tokens.push(account.tokens.refresh.clone());
    }
    for (moment, dump) in dumps.iter().enumerate() {
        assert!(dump.contains("alice@example.com"), "expected the rows of all tables: {dump}");
        for form in tokens.iter().flat_map(|token| forms(token)) {
            assert!(!dump.contains(&form), "expected no {form} in dump {moment}");
        }
        for account in [&administrator, &alice] {
            assert!(!dump.contains(&account.tokens.access), "expected no access token in dump {moment}");
        }
    }
}

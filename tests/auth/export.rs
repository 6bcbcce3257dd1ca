//! `GET /auth/export`

use std::collections::BTreeSet;

use serde_json::{Value, json};
use users_tests::{
    Account, Service, assert_common_headers, assert_no_store, assert_timestamp, environment, fields, token,
};

/// An account with a row in every table of personal data.
async fn filled(service: &Service) -> Account {
    let alice = service.account("alice@example.com").await;
    service.refresh(&alice.tokens.refresh).await.expect(200);
    let profile = service.post("/profile").bearer(&alice.tokens.access).json(&json!({"bio": "A life"}));
    profile.send().await.expect(201);
    service
        .sql(&format!(
            "DELETE FROM outbox;
             INSERT INTO roles (name) VALUES ('reader');
             INSERT INTO user_roles VALUES ({id}, 1);
             INSERT INTO totp VALUES ({id}, 'the seed', now(), 1, 'its successor', {session}, now());
             INSERT INTO recovery_codes (user_id, code_hash) VALUES ({id}, sha256('code'));
             INSERT INTO passkey_handles VALUES ({id}, 'a handle of 16 octets or more');
             INSERT INTO passkeys (user_id, name, credential_id, public_key, algorithm, sign_count, backup_eligible, backed_up, user_verified,
                                   transports, aaguid)
             VALUES ({id}, 'my phone', '\\xfbff', 'key', -7, 1, true, false, true, '{{hybrid}}', gen_random_uuid());
             INSERT INTO login_challenges (challenge_hash, user_id, network, client, shared_key, own_key)
             VALUES (sha256('challenge'), {id}, 'network', 'Firefox', 'shared', 'own');
             INSERT INTO passkey_challenges (challenge_hash, purpose, session_id) VALUES (sha256('proof'), 'proof', {session});
             INSERT INTO api_keys (user_id, name, key_hash) VALUES ({id}, 'a key', sha256('y'));
             INSERT INTO one_time_tokens (token_hash, user_id, purpose, email, message_id, expires_at)
             VALUES (sha256('x'), {id}, 'password_reset', 'alice@example.com', 1, now() + interval '1 day');
             INSERT INTO outbox (kind, user_id) VALUES ('password_changed', {id});
             INSERT INTO outbox (kind, carries) VALUES
                 ('password_forgotten', '{{\"email\": \"Alice@example.com\", \"email_key\": \"alice@example.com\"}}'),
                 ('password_forgotten', '{{\"email\": \"eve@example.com\", \"email_key\": \"eve@example.com\"}}')",
            id = alice.id,
            session = token::claims(&alice.tokens.access)["sid"].as_str().expect("a session")
        ))
        .await;
    alice
}

async fn export(service: &Service, account: &Account) -> Value {
    service.get("/auth/export").bearer(&account.tokens.access).send().await.expect(200).json()
}

#[tokio::test]
async fn an_export_is_a_file_with_everything_about_the_caller_alone() {
    let service = Service::start().await;
    let alice = filled(&service).await;
    service.account("bob@example.com").await;
    service.sql("UPDATE outbox SET user_id = 999 WHERE user_id <> 1").await;
    let answer = service.get("/auth/export").bearer(&alice.tokens.access).send().await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let expected = format!("attachment; filename=\"account-{}.json\"", alice.id);
    assert_eq!(answer.header("content-disposition"), Some(expected));
    let export = answer.json();
    let parts = [
        "account",
        "api_keys",
        "exported_at",
        "factors",
        "factors_since",
        "failures_forgiven_at",
        "known_addresses",
        "links",
        "messages",
        "profile",
        "roles",
        "sessions",
    ];
    assert_eq!(fields(&export), parts);
    assert_timestamp(&export["exported_at"]);
    assert_timestamp(&export["sessions"][0]["refresh_tokens"][0]["created_at"]);
    assert_eq!(export["account"]["email"], "alice@example.com");
    assert_eq!(export["profile"]["bio"], "A life");
    assert_eq!(export["factors"]["passkeys"][0]["credential_id"], "-_8");
    assert_eq!(export["roles"], json!([{"id": 1, "name": "reader"}]));
    assert_eq!(export["sessions"].as_array().unwrap().len(), 1, "{export:#}");
    assert_eq!(export["sessions"][0]["refresh_tokens"].as_array().unwrap().len(), 2, "{export:#}");
    let kinds: Vec<_> = export["messages"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["password_changed", "password_forgotten"]);
    assert!(!answer.body.contains("bob@") && !answer.body.contains("eve@"), "{export:#}");
}

#[tokio::test]
async fn an_export_of_a_new_account_has_empty_parts() {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let export = export(&service, &alice).await;
    assert_eq!(
        (&export["profile"], &export["roles"], &export["links"]),
        (&Value::Null, &json!([]), &json!([]))
    );
}

#[tokio::test]
async fn an_export_holds_no_secret() {
    let service = Service::start().await;
    let alice = filled(&service).await;
    let body = service.get("/auth/export").bearer(&alice.tokens.access).send().await.expect(200).body;
    let secrets = "SELECT password_hash FROM users
                   UNION ALL SELECT encode(token_hash, 'hex') FROM refresh_tokens
                   UNION ALL SELECT encode(nonce, 'hex') FROM refresh_nonces
                   UNION ALL SELECT encode(token_hash, 'hex') FROM one_time_tokens
                   UNION ALL SELECT encode(key_hash, 'hex') FROM api_keys
                   UNION ALL SELECT encode(code_hash, 'hex') FROM recovery_codes
                   UNION ALL SELECT encode(secret, form) FROM totp, unnest('{hex,base64,escape}'::text[]) AS form
                   UNION ALL SELECT encode(next_secret, form) FROM totp, unnest('{hex,base64,escape}'::text[]) AS form";
    for secret in service.sql(secrets).await {
        assert!(!body.contains(&secret), "expected no secret: {body}");
    }
    assert!(!body.contains(&alice.tokens.refresh) && !body.contains(&alice.tokens.access), "{body}");
}

#[tokio::test]
async fn an_export_runs_two_statements() {
    let service = Service::start().await;
    let alice = filled(&service).await;
    service.get("/auth/export").bearer(&alice.tokens.access).id("export").send().await.expect(200);
    let log = service.logs().of_request("export").await;
    assert_eq!(log.statements().len(), 2, "{log:#?}");
}

/// The columns of the export, as `table.column`.
fn exported(export: &Value) -> BTreeSet<String> {
    let session = &export["sessions"][0];
    let role = json!({"role_id": export["roles"][0]["id"]});
    let forgiven = json!({"failures_forgiven_at": export["failures_forgiven_at"]});
    let factors = json!({"factors_since": export["factors_since"]});
    let factors_of = &export["factors"];
    let handle = json!({"handle": factors_of["passkey_handle"]});
    let parts = [
        ("totp", &factors_of["totp"]),
        ("passkey_handles", &handle),
        ("passkeys", &factors_of["passkeys"][0]),
        ("recovery_codes", &factors_of["recovery_codes"][0]),
        ("login_challenges", &factors_of["login_challenges"][0]),
        ("passkey_challenges", &factors_of["passkey_challenges"][0]),
        ("users", &export["account"]),
        ("users", &forgiven),
        ("users", &factors),
        ("api_keys", &export["api_keys"][0]),
        ("known_addresses", &export["known_addresses"][0]),
        ("profiles", &export["profile"]),
        ("user_roles", &role),
        ("sessions", session),
        ("refresh_tokens", &session["refresh_tokens"][0]),
        ("one_time_tokens", &export["links"][0]),
        ("outbox", &export["messages"][0]),
    ];
    let columns = parts
        .iter()
        .flat_map(|(table, part)| fields(part).into_iter().map(move |column| format!("{table}.{column}")));
    // The tokens of a session come from another table.
    columns.filter(|column| column != "sessions.refresh_tokens").collect()
}

/// The lines of the list. Each has a column or `table.*`, and the kind of reason.
fn withheld() -> Vec<(String, String)> {
    let path = environment().root().join("components/auth/src/account/withheld.txt");
    let text = std::fs::read_to_string(path).expect("the list can be read");
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [column, kind, _reason, ..] = words[..] else { panic!("expected a reason: {line}") };
            assert!(["secret", "derived", "nobody"].contains(&kind), "unknown kind of reason: {line}");
            assert_eq!(
                column.ends_with(".*"),
                kind == "nobody",
                "only whole tables are about nobody: {line}"
            );
            (column.to_owned(), kind.to_owned())
        })
        .collect()
}

/// A new column needs a decision: a field of the export, or a line in the list.
#[tokio::test]
async fn every_column_of_the_database_is_exported_or_withheld_for_a_reason() {
    let service = Service::start().await;
    let alice = filled(&service).await;
    let exported = exported(&export(&service, &alice).await);
    let columns = service
        .sql(
            "SELECT c.table_name || '.' || c.column_name
               FROM information_schema.columns c
               JOIN information_schema.tables t USING (table_schema, table_name)
              WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
        )
        .await;
    let columns: BTreeSet<String> = columns.into_iter().collect();
    let table_of = |column: &str| format!("{}.*", column.split('.').next().unwrap_or_default());
    let mut decided = exported.clone();
    for (entry, _) in withheld() {
        let covered: Vec<_> =
            columns.iter().filter(|column| **column == entry || table_of(column) == entry).cloned().collect();
        assert!(!covered.is_empty(), "the list names what the database does not have: {entry}");
        for column in covered {
            assert!(decided.insert(column.clone()), "{column} is decided twice");
        }
    }
    let undecided: Vec<_> = columns.difference(&decided).collect();
    assert!(undecided.is_empty(), "export these columns, or add them to withheld.txt: {undecided:?}");
    let unknown: Vec<_> = exported.difference(&columns).collect();
    assert!(unknown.is_empty(), "expected the export to have the names of the columns: {unknown:?}");
}

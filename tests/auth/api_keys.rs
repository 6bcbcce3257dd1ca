//! `POST`, `GET /auth/api-keys` and `DELETE /auth/api-keys/{id}`, and what a key may do.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use users_tests::{
    Account, Answer, PASSWORD, Service, assert_common_headers, assert_no_store, assert_problem,
    assert_timestamp, fields, pointers, statements_wait,
};

/// The members of a key in a list.
const FIELDS: [&str; 8] =
    ["addresses", "created_at", "expires_at", "id", "last_used_at", "name", "permissions", "second_factor"];

async fn start() -> (Service, Account) {
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    service.empty_outbox().await;
    (service, alice)
}

async fn list(service: &Service, account: &Account) -> Value {
    service.get("/auth/api-keys").bearer(&account.tokens.access).send().await.expect(200).json()
}

async fn end(service: &Service, account: &Account, key: i64) -> Answer {
    service.delete(&format!("/auth/api-keys/{key}")).bearer(&account.tokens.access).send().await
}

/// A text with a right checksum that is no key.
fn unknown_key() -> String {
    let drawn = [7; 28];
    let sum = Sha256::digest([b"uk_".as_slice(), &drawn].concat());
    format!("uk_{}", URL_SAFE_NO_PAD.encode([&drawn[..], &sum[..4]].concat()))
}

/// Gives an account a role with these permissions, written `resource:action`.
async fn grant(service: &Service, account: &Account, role: &str, permissions: &[&str]) {
    service.sql(&format!("INSERT INTO roles (name) VALUES ('{role}')")).await;
    for permission in permissions {
        let (resource, action) = permission.split_once(':').unwrap();
        service
            .sql(&format!(
                "WITH granted AS (
                     INSERT INTO permissions (name, resource, action) VALUES ('{permission}', '{resource}', '{action}')
                     RETURNING id
                 )
                 INSERT INTO role_permissions SELECT r.id, granted.id FROM roles r, granted WHERE r.name = '{role}'"
            ))
            .await;
    }
    service
        .sql(&format!("INSERT INTO user_roles SELECT {}, id FROM roles WHERE name = '{role}'", account.id))
        .await;
}

/// True if a key may do something, as the service itself says.
async fn allows(service: &Service, key: &str, right: &str) -> bool {
    let (resource, action) = right.split_once(':').unwrap();
    let question = json!({"resource": resource, "action": action});
    let answer = service.post("/rbac/check-permission").bearer(key).json(&question).send().await;
    answer.expect(200).json()["allowed"].as_bool().unwrap()
}

#[tokio::test]
async fn a_key_is_shown_once_and_only_its_hash_is_stored() {
    let (service, alice) = start().await;
    let body = json!({
        "name": " nightly report ", "expires_at": "2099-01-01T01:00:00+01:00", "permissions": [],
        "addresses": ["192.0.2.7/32", "10.0.0.0/8", "2001:DB8::/32"],
    });
    let answer = service.try_api_key(&alice.tokens.access, &body).await.expect(201);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let mut made = answer.json();
    assert_eq!(answer.header("location"), Some(format!("/auth/api-keys/{}", made["id"])));
    let key = made.as_object_mut().unwrap().remove("key").unwrap();
    let key = key.as_str().unwrap();
    assert!(key.starts_with("uk_") && key.len() == 46, "{key}");
    assert_eq!(fields(&made), FIELDS);
    assert_eq!(made["name"], "nightly report");
    assert_eq!(made["expires_at"], "2099-01-01T00:00:00.000000Z");
    assert_eq!(made["permissions"], json!([]));
    assert_eq!(made["addresses"], json!(["192.0.2.7", "10.0.0.0/8", "2001:db8::/32"]));
    assert_timestamp(&made["created_at"]);
    assert_eq!(made["last_used_at"], Value::Null);

    let listed = service.get("/auth/api-keys").bearer(&alice.tokens.access).send().await.expect(200);
    assert_common_headers(&listed);
    assert_no_store(&listed);
    assert_eq!(listed.json(), json!([made]));
    let stored = service.sql(&format!("SELECT key_hash = sha256('{key}'), k FROM api_keys k")).await;
    assert!(stored.len() == 1 && stored[0].starts_with("t|") && !stored[0].contains(key), "{stored:?}");
}

#[tokio::test]
async fn a_new_key_may_have_only_a_name_and_its_owner_is_told() {
    let (service, alice) = start().await;
    let made = service.try_api_key(&alice.tokens.access, &json!({"name": "x"})).await.expect(201).json();
    for member in ["permissions", "addresses", "expires_at"] {
        assert_eq!(made[member], Value::Null, "{member}");
    }
    assert_eq!(service.outbox().await, [format!("api_key_created|{}|{{}}", alice.id)]);
    let mails = service.mail().await;
    assert_eq!(mails.len(), 1, "{mails:#?}");
    assert_eq!((mails[0].to.as_str(), mails[0].link()), ("alice@example.com", None));
    assert!(!mails[0].raw.contains("uk_"), "expected no key in {}", mails[0].raw);
    assert!(
        mails[0].raw.contains("/auth/api-keys"),
        "expected where all keys are listed in {}",
        mails[0].raw
    );
}

#[tokio::test]
async fn every_broken_field_is_told_and_nothing_is_made() {
    let (service, alice) = start().await;
    let try_with = async |body: Value| service.try_api_key(&alice.tokens.access, &body).await;
    assert_eq!(pointers(&try_with(json!({})).await), ["/name"]);
    let body = json!({
        "name": "x".repeat(101), "expires_at": "2020-01-01T00:00:00Z", "permissions": ["a:b", "accounts"],
        "addresses": ["10.0.0.1/8"],
    });
    let expected = ["/addresses/0", "/expires_at", "/name", "/permissions/1"];
    assert_eq!(pointers(&try_with(body).await), expected);
    let body = json!({"name": "x", "expires_at": "soon", "permissions": "a:b", "addresses": []});
    assert_eq!(pointers(&try_with(body).await), ["/addresses", "/expires_at", "/permissions"]);
    assert!(service.sql("SELECT FROM api_keys UNION ALL SELECT FROM outbox").await.is_empty());
}

#[tokio::test]
async fn a_permission_that_the_owner_lacks_counts_once_the_owner_has_it() {
    let (service, alice) = start().await;
    let listed = json!(["report:read", "user:all", "new:right"]);
    let body = json!({"name": "x", "permissions": listed});
    let made = service.try_api_key(&alice.tokens.access, &body).await.expect(201).json();
    assert_eq!(made["permissions"], listed);
    let key = made["key"].as_str().unwrap();
    assert!(!allows(&service, key, "report:read").await && !allows(&service, key, "user:read").await);
    grant(&service, &alice, "reporter", &["report:all", "user:read"]).await;
    assert!(allows(&service, key, "report:read").await && allows(&service, key, "user:read").await);
    assert!(!allows(&service, key, "report:write").await && !allows(&service, key, "new:right").await);
    // An administrator has every right, also one that no permission names.
    service.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", alice.id)).await;
    assert!(allows(&service, key, "new:right").await && !allows(&service, key, "report:write").await);
}

#[tokio::test]
async fn a_key_acts_as_its_account() {
    let (service, alice) = start().await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x"})).await;
    let me = service.me(&key).await.expect(200);
    assert_eq!(me.json(), service.me(&alice.tokens.access).await.json());
    assert_no_store(&me);
    let tested = service.post("/auth/test-token").bearer(&key).send().await.expect(200).json();
    assert_eq!(tested["id"], alice.id);
    service.post("/profile/").bearer(&key).json(&json!({"bio": "by key"})).send().await.expect(201);
    let profile = service.get("/profile/").bearer(&alice.tokens.access).send().await.expect(200).json();
    assert_eq!(profile["bio"], "by key");
    let mine = service.get("/rbac/my-permissions").bearer(&key).send().await.expect(200).json();
    assert_eq!(mine["user_id"], alice.id);
    assert_problem(&service.get("/users/").bearer(&key).send().await, 403, "admin_required");
}

#[tokio::test]
async fn a_key_does_not_reach_what_belongs_to_a_session() {
    let (service, alice) = start().await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x"})).await;
    for (method, path, body) in [
        ("GET", "/auth/sessions", Value::Null),
        ("DELETE", "/auth/sessions", Value::Null),
        ("POST", "/auth/api-keys", json!({"name": "another"})),
        ("GET", "/auth/api-keys", Value::Null),
        ("DELETE", "/auth/api-keys/1", Value::Null),
        ("PUT", "/auth/password", json!({"current_password": PASSWORD, "new_password": "another password"})),
        ("PUT", "/auth/email", json!({"email": "a@example.org", "password": PASSWORD})),
        ("DELETE", "/auth/me", json!({"password": PASSWORD})),
        ("GET", "/auth/export", Value::Null),
        // The refresh token would name the session if there was no good token.
        ("POST", "/auth/logout", json!({"refresh_token": alice.tokens.refresh})),
    ] {
        let request = service.request(method, path).bearer(&key);
        let request = if body.is_null() { request } else { request.json(&body) };
        assert_problem(&request.send().await, 403, "api_key_not_allowed");
    }
    service.me(&alice.tokens.access).await.expect(200);
    service.me(&key).await.expect(200);
    // A key that does not exist is no good token.
    let request = service.post("/auth/logout").bearer(&unknown_key());
    request.json(&json!({"refresh_token": alice.tokens.refresh})).send().await.expect(204);
    assert_problem(&service.me(&alice.tokens.access).await, 401, "invalid_token");
    service.me(&key).await.expect(200);
}

#[tokio::test]
async fn a_key_without_permissions_has_what_its_account_has_at_the_moment_of_use() {
    let (service, alice) = start().await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x"})).await;
    assert!(!allows(&service, &key, "report:read").await);
    grant(&service, &alice, "reporter", &["report:read"]).await;
    assert!(allows(&service, &key, "report:read").await);
    assert_eq!(service.me(&key).await.json()["roles"], json!(["reporter"]));
    service.sql("DELETE FROM user_roles").await;
    assert!(!allows(&service, &key, "report:read").await);
    service.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", alice.id)).await;
    service.get("/users/").bearer(&key).send().await.expect(200);
    service.sql("UPDATE users SET is_admin = false").await;
    assert_problem(&service.get("/users/").bearer(&key).send().await, 403, "admin_required");
}

#[tokio::test]
async fn a_key_with_permissions_has_no_more_than_these_and_no_more_than_its_account() {
    let (service, alice) = start().await;
    grant(&service, &alice, "reporter", &["report:all", "user:read", "user:write"]).await;
    let body = json!({"name": "x", "permissions": ["report:read", "user:read"]});
    let key = service.api_key(&alice.tokens.access, &body).await;
    let rights = async || {
        let mut allowed = Vec::new();
        for right in ["report:read", "report:all", "report:write", "user:read", "user:write", "admin:all"] {
            if allows(&service, &key, right).await {
                allowed.push(right);
            }
        }
        allowed
    };
    assert_eq!(rights().await, ["report:read", "user:read"]);
    let mine = service.get("/rbac/my-permissions").bearer(&key).send().await.expect(200).json();
    assert_eq!((&mine["is_admin"], &mine["roles"]), (&json!(false), &json!([])));
    let named: Vec<_> = mine["permissions"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(named, ["user:read"], "no permission of the installation is report:read alone");
    // The account loses a right, and the key with it.
    service.sql("DELETE FROM permissions WHERE name = 'report:all'").await;
    assert_eq!(rights().await, ["user:read"]);
    service.sql("DELETE FROM user_roles").await;
    assert_eq!(rights().await, [""; 0]);
    // More rights of the account give the key no more.
    service.sql(&format!("UPDATE users SET is_admin = true WHERE id = {}", alice.id)).await;
    assert_eq!(rights().await, ["report:read", "user:read"]);
}

#[tokio::test]
async fn a_wildcard_in_the_list_of_a_key_gives_what_the_account_has_of_it() {
    let (service, alice) = start().await;
    grant(&service, &alice, "all", &["user:all"]).await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x", "permissions": ["user:all"]})).await;
    service.sql("UPDATE permissions SET action = 'read'").await;
    assert!(allows(&service, &key, "user:read").await);
    assert!(!allows(&service, &key, "user:write").await && !allows(&service, &key, "user:all").await);
}

#[tokio::test]
async fn the_key_of_an_administrator_administrates_only_with_admin_all_in_its_list() {
    let (service, _) = start().await;
    let root = service.administrator("root@example.com").await;
    for (permissions, is_admin) in [
        (Value::Null, true),
        (json!(["user:read", "admin:all"]), true),
        (json!(["user:read", "users:all", "admin:read"]), false),
        (json!([]), false),
    ] {
        let body = json!({"name": "x", "permissions": permissions});
        let key = service.api_key(&root.tokens.access, &body).await;
        assert_eq!(service.me(&key).await.expect(200).json()["is_admin"], is_admin, "{permissions}");
        let users = service.get("/users/").bearer(&key).send().await;
        let roles = service.get("/rbac/roles").bearer(&key).send().await;
        for answer in [users, roles] {
            if is_admin {
                answer.expect(200);
            } else {
                assert_problem(&answer, 403, "admin_required");
            }
        }
    }
}

#[tokio::test]
async fn a_key_is_refused_once_it_has_expired_and_stays_listed() {
    let (service, alice) = start().await;
    let body = json!({"name": "x", "expires_at": "2099-01-01T00:00:00Z"});
    let key = service.api_key(&alice.tokens.access, &body).await;
    service.me(&key).await.expect(200);
    service.sql("UPDATE api_keys SET expires_at = now()").await;
    assert_problem(&service.me(&key).await, 401, "invalid_token");
    assert_eq!(list(&service, &alice).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_is_refused_from_an_address_outside_of_its_list() {
    let service = Service::builder().variable("trusted_proxies", "127.0.0.1").start().await;
    let alice = service.account("alice@example.com").await;
    let body = json!({"name": "x", "addresses": ["192.0.2.0/24", "2001:db8::/32", "::ffff:198.51.100.9"]});
    let key = service.api_key(&alice.tokens.access, &body).await;
    let from = async |client: &str| {
        service.get("/auth/me").bearer(&key).header("x-forwarded-for", client).send().await
    };
    for inside in [
        "192.0.2.1",
        "192.0.2.255",
        "::ffff:192.0.2.1",
        "2001:db8::9",
        "2001:db8:ffff::1",
        "198.51.100.9",
        "203.0.113.9, 192.0.2.1",
    ] {
        from(inside).await.expect(200);
    }
    for outside in ["192.0.3.1", "2001:db9::1", "198.51.100.10", "192.0.2.1, 203.0.113.9", "unknown", "::"] {
        assert_problem(&from(outside).await, 401, "invalid_token");
    }
    assert_problem(&service.me(&key).await, 401, "invalid_token");
    // The owner is not bound to them.
    service.me(&alice.tokens.access).await.expect(200);
    // An address in a header that no trusted proxy wrote does not count.
    let service = Service::start().await;
    let alice = service.account("alice@example.com").await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x", "addresses": ["192.0.2.1"]})).await;
    let answer = service.get("/auth/me").bearer(&key).header("x-forwarded-for", "192.0.2.1").send().await;
    assert_problem(&answer, 401, "invalid_token");
    let key =
        service.api_key(&alice.tokens.access, &json!({"name": "x", "addresses": ["127.0.0.0/8"]})).await;
    service.me(&key).await.expect(200);
}

#[tokio::test]
async fn an_ended_key_fails_at_the_next_request_and_ends_nothing_else() {
    let (service, alice) = start().await;
    let bob = service.account("bob@example.com").await;
    let (first, second) = (
        service.api_key(&alice.tokens.access, &json!({"name": "first"})).await,
        service.api_key(&alice.tokens.access, &json!({"name": "second"})).await,
    );
    let listed = list(&service, &alice).await;
    assert_eq!((&listed[0]["name"], &listed[1]["name"]), (&json!("second"), &json!("first")));
    let id = listed[1]["id"].as_i64().unwrap();
    for (account, key) in [(&bob, id), (&alice, 999_999), (&alice, i64::MAX)] {
        assert_problem(&end(&service, account, key).await, 404, "not_found");
    }
    for bad in ["0", "-1", "x", "01", "9223372036854775808"] {
        let request = service.delete(&format!("/auth/api-keys/{bad}")).bearer(&alice.tokens.access);
        assert_eq!(pointers(&request.send().await), ["/key_id"], "{bad}");
    }
    service.me(&first).await.expect(200);
    end(&service, &alice, id).await.expect(204);
    assert_problem(&service.me(&first).await, 401, "invalid_token");
    assert_problem(&end(&service, &alice, id).await, 404, "not_found");
    service.me(&second).await.expect(200);
    service.me(&alice.tokens.access).await.expect(200);
    assert_eq!(list(&service, &bob).await, json!([]));
}

#[tokio::test]
async fn a_reset_password_ends_the_keys_of_its_account_alone_and_a_changed_one_none() {
    let (service, alice) = start().await;
    let bob = service.account("bob@example.com").await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x"})).await;
    let of_bob = service.api_key(&bob.tokens.access, &json!({"name": "x"})).await;
    let body = json!({"current_password": PASSWORD, "new_password": "a stapled battery of horses"});
    service.put("/auth/password").bearer(&alice.tokens.access).json(&body).send().await.expect(204);
    service.me(&key).await.expect(200);
    let token = service.link("password_reset", alice.id, &alice.email).await;
    let body = json!({"token": token, "new_password": PASSWORD});
    service.post("/auth/password/reset").json(&body).send().await.expect(204);
    assert_problem(&service.me(&key).await, 401, "invalid_token");
    service.me(&of_bob).await.expect(200);
    assert_eq!(service.sql("SELECT user_id FROM api_keys").await, [bob.id.to_string()]);
}

/// A replica of the previous release does not know of keys.
#[tokio::test]
async fn a_reset_by_the_previous_release_ends_the_keys_and_a_renewed_hash_does_not() {
    let (service, alice) = start().await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x"})).await;
    for harmless in [
        "UPDATE users SET password_hash = password_hash || 'x'",
        "UPDATE users SET failures_forgiven_at = now()",
        "UPDATE users SET password_hash = password_hash, failures_forgiven_at = clock_timestamp()",
    ] {
        service.sql(harmless).await;
        service.me(&key).await.expect(200);
    }
    service.sql("UPDATE users SET password_hash = 'new', failures_forgiven_at = clock_timestamp()").await;
    assert_problem(&service.me(&key).await, 401, "invalid_token");
}

/// A thief with a stolen session asks for a key at the moment at which the owner takes the account back.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_thief_asks_for_during_a_recovery_does_not_survive_it() {
    let service = Service::builder().one_request_per_instance().start().await;
    let thief = service.account("alice@example.com").await;
    let db = service.db().await;
    db.batch_execute(&format!("BEGIN; SELECT FROM users WHERE id = {} FOR NO KEY UPDATE", thief.id))
        .await
        .unwrap();
    let body = json!({"name": "x"});
    let asked = service.try_api_key(&thief.tokens.access, &body);
    let recovery = async {
        statements_wait(&service.db().await, 1).await;
        db.batch_execute(
            "SELECT end_sessions('{1}');
             UPDATE users SET password_hash = 'new', failures_forgiven_at = clock_timestamp() WHERE id = 1; COMMIT",
        )
        .await
        .unwrap();
    };
    let (answer, ()) = tokio::join!(asked, recovery);
    assert_problem(&answer, 401, "invalid_token");
    assert!(service.sql("SELECT FROM api_keys").await.is_empty());
}

#[tokio::test]
async fn a_deactivated_account_has_no_use_of_its_keys_and_a_deleted_one_has_none() {
    let (service, alice) = start().await;
    let root = service.administrator("root@example.com").await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x"})).await;
    let set = async |state: &str| {
        let path = format!("/users/{}/{state}", alice.id);
        service.put(&path).bearer(&root.tokens.access).send().await.expect(200);
    };
    set("deactivate").await;
    for path in ["/auth/me", "/profile/", "/rbac/my-permissions", "/users/", "/auth/sessions"] {
        assert_problem(&service.get(path).bearer(&key).send().await, 403, "inactive_account");
    }
    set("activate").await;
    service.me(&key).await.expect(200);
    let path = format!("/users/{}", alice.id);
    service.delete(&path).bearer(&root.tokens.access).send().await.expect(204);
    assert_problem(&service.me(&key).await, 401, "invalid_token");
    assert!(service.sql("SELECT FROM api_keys").await.is_empty());
}

/// Counts the updates of keys, and the hours in them: one more if the hour changes during the test.
async fn count_writes(service: &Service) {
    service
        .sql(
            "CREATE TABLE writes (hour timestamptz);
             CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
                 $$ BEGIN INSERT INTO writes VALUES (NEW.last_used_at); RETURN NULL; END $$;
             CREATE TRIGGER count_write AFTER UPDATE ON api_keys FOR EACH ROW EXECUTE FUNCTION count_write()",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_used_often_costs_one_write_an_hour() {
    let service = Service::builder().one_request_per_instance().start().await;
    let alice = service.account("alice@example.com").await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x"})).await;
    count_writes(&service).await;
    for last_use in ["NULL", "now() - interval '1 hour'", "now() - interval '30 days'"] {
        service
            .sql(&format!(
                "ALTER TABLE api_keys DISABLE TRIGGER count_write; UPDATE api_keys SET last_used_at = {last_use};
                 ALTER TABLE api_keys ENABLE TRIGGER count_write; DELETE FROM writes"
            ))
            .await;
        for _ in 0..3 {
            for answer in join_all((0..20).map(|_| service.me(&key))).await {
                answer.expect(200);
            }
        }
        let writes = service.sql("SELECT count(*) = count(DISTINCT hour), count(*) >= 1 FROM writes").await;
        assert_eq!(writes, ["t|t"], "{last_use}");
        let hour = "SELECT last_used_at = date_trunc('hour', last_used_at, 'UTC'),
                           last_used_at > now() - interval '61 minutes' FROM api_keys";
        assert_eq!(service.sql(hour).await, ["t|t"], "{last_use}");
    }
    assert_timestamp(&list(&service, &alice).await[0]["last_used_at"]);
}

#[tokio::test]
async fn a_refused_use_is_not_written_down() {
    let (service, alice) = start().await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x", "addresses": ["192.0.2.1"]})).await;
    assert_problem(&service.me(&key).await, 401, "invalid_token");
    service.sql("UPDATE api_keys SET addresses = NULL, expires_at = now()").await;
    assert_problem(&service.me(&key).await, 401, "invalid_token");
    service.sql("UPDATE api_keys SET expires_at = NULL; UPDATE users SET is_active = false").await;
    assert_problem(&service.me(&key).await, 403, "inactive_account");
    assert_eq!(list_of(&service).await, ["t"]);
}

async fn list_of(service: &Service) -> Vec<String> {
    service.sql("SELECT last_used_at IS NULL FROM api_keys").await
}

#[tokio::test]
async fn a_use_does_not_wait_for_a_lock_on_the_key() {
    let (service, alice) = start().await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x"})).await;
    let db = service.db().await;
    db.batch_execute("BEGIN; SELECT FROM api_keys FOR UPDATE").await.unwrap();
    service.me(&key).await.expect(200);
    assert_eq!(list_of(&service).await, ["t"]);
    db.batch_execute("COMMIT").await.unwrap();
    service.me(&key).await.expect(200);
    assert_eq!(list_of(&service).await, ["f"]);
}

#[tokio::test]
async fn a_mistyped_key_costs_no_statement_and_an_unknown_one_costs_one() {
    let (service, alice) = start().await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x"})).await;
    let other = if key.ends_with('A') { "E" } else { "A" };
    let mistyped = format!("{}{other}", &key[..45]);
    let unknown = unknown_key();
    for (number, (presented, statements)) in [
        (mistyped.as_str(), 0),
        (&key[..45], 0),
        ("uk_", 0),
        ("uk_x.y.z", 0),
        (format!("{key}{key}").as_str(), 0),
        (key.to_uppercase().as_str(), 0),
        (unknown.as_str(), 1),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("typed-{number}");
        let answer = service.get("/auth/me").bearer(presented).id(&id).send().await;
        assert_problem(&answer, 401, "invalid_token");
        assert_eq!(service.logs().of_request(&id).await.statements().len(), statements, "{presented}");
    }
    service.me(&key).await.expect(200);
}

#[tokio::test]
async fn a_request_by_key_runs_one_statement_and_each_route_for_keys_two() {
    let (service, alice) = start().await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x"})).await;
    for (id, path) in [
        ("me", "/auth/me"),
        ("again", "/auth/me"),
        ("profile", "/profile/"),
        ("preferences", "/profile/preferences"),
        ("permissions", "/rbac/my-permissions"),
    ] {
        service.get(path).bearer(&key).id(id).send().await.expect(200);
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 1, "{id}: {log:#?}");
    }
    for (id, method, path) in [
        ("create", "POST", "/auth/api-keys"),
        ("list", "GET", "/auth/api-keys"),
        ("end", "DELETE", "/auth/api-keys/1"),
    ] {
        let request = service.request(method, path).bearer(&alice.tokens.access).id(id);
        let request = if method == "POST" { request.json(&json!({"name": "x"})) } else { request };
        let answer = request.send().await;
        assert!((200..300).contains(&answer.status), "{answer:#?}");
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 2, "{id}: {log:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_at_most_a_hundred_keys_however_many_are_asked_for_at_once() {
    let service = Service::builder().one_request_per_instance().start().await;
    let alice = service.account("alice@example.com").await;
    service
        .sql(
            "INSERT INTO api_keys (user_id, name, key_hash)
             SELECT 1, n::text, sha256(n::text::bytea) FROM generate_series(1, 98) n",
        )
        .await;
    let body = json!({"name": "x"});
    let answers = join_all((0..6).map(|_| service.try_api_key(&alice.tokens.access, &body))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 2, "{answers:#?}");
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        assert_problem(refused, 409, "too_many_api_keys");
    }
    assert_eq!(service.sql("SELECT count(*) FROM api_keys").await, ["100"]);
    end(&service, &alice, 1).await.expect(204);
    service.try_api_key(&alice.tokens.access, &body).await.expect(201);
}

#[tokio::test]
async fn a_key_counts_only_in_the_authorization_field_with_the_bearer_scheme() {
    let (service, alice) = start().await;
    let key = service.api_key(&alice.tokens.access, &json!({"name": "x"})).await;
    let query = service.get(&format!("/auth/me?access_token={key}&key={key}&api_key={key}")).send().await;
    assert_problem(&query, 401, "not_authenticated");
    for (name, value) in [
        ("x-api-key", key.clone()),
        ("api-key", key.clone()),
        ("cookie", format!("key={key}")),
        ("proxy-authorization", format!("Bearer {key}")),
        ("authorization", key.clone()),
        ("authorization", format!("ApiKey {key}")),
        ("authorization", format!("Basic {}", URL_SAFE_NO_PAD.encode(format!("{key}:")))),
    ] {
        assert_problem(&service.get("/auth/me").header(name, value).send().await, 401, "not_authenticated");
    }
    let refresh = service.refresh(&key).await;
    assert_problem(&refresh, 401, "invalid_token");
    let login = service.try_login("alice@example.com", &key).await;
    assert_problem(&login, 401, "invalid_credentials");
    let body = json!({"token": key, "new_password": PASSWORD});
    let reset = service.post("/auth/password/reset").json(&body).send().await;
    assert_problem(&reset, 410, "link_invalid");
    service.me(&key).await.expect(200);
}

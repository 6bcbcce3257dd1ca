//! `PUT /users/{id}`

use serde_json::{Value, json};
use users_tests::{
    PASSWORD, assert_common_headers, assert_no_store, assert_problem, assert_user, etag, pointers,
};

use crate::support::Fixture;

impl Fixture {
    /// Registers an account with a verified address and a link. Returns its id.
    async fn verified(&self) -> i64 {
        let user = self.service.register("alice@example.com", PASSWORD).await.expect(201).json();
        let id = user["id"].as_i64().unwrap();
        self.sql(&format!(
            "UPDATE users SET full_name = 'Alice', search_text = E'alice@example.com\\nalice', email_verified = true
              WHERE id = {id};
             DELETE FROM outbox;
             INSERT INTO one_time_tokens (token_hash, user_id, purpose, email, message_id, expires_at)
             VALUES (sha256('x'), {id}, 'password_reset', 'alice@example.com', 1, now() + interval '1 day');
             INSERT INTO profiles (user_id, is_created, preferences) VALUES ({id}, false, '{{\"language\": \"de\"}}')"
        ))
        .await;
        id
    }

    async fn change(&self, id: i64, body: &Value) -> users_tests::Answer {
        self.put_json(&format!("/users/{id}"), body).await
    }
}

#[tokio::test]
async fn a_new_address_is_not_verified_ends_all_links_and_is_told_at_both() {
    let fixture = Fixture::start().await;
    let id = fixture.verified().await;
    let before = etag(&fixture.get(&format!("/users/{id}")).await);
    let answer = fixture.change(id, &json!({"email": "Alicia@example.org"})).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    assert_user(&answer.json());
    assert_eq!(answer.json()["email"], "Alicia@example.org");
    assert_eq!(
        (&answer.json()["email_verified"], &answer.json()["full_name"]),
        (&json!(false), &json!("Alice"))
    );
    assert_ne!(etag(&answer), before);
    let read = fixture.get(&format!("/users/{id}")).await;
    assert_eq!((read.json(), etag(&read)), (answer.json(), etag(&answer)));
    let keys = format!("SELECT email_key, search_text FROM users WHERE id = {id}");
    assert_eq!(fixture.sql(&keys).await, ["alicia@example.org|alicia@example.org\nalice"]);
    let told = "SELECT kind, user_id, carries->>'email', carries->>'language' FROM outbox ORDER BY kind";
    let [from, to] = &fixture.sql(told).await[..] else { panic!("expected two messages") };
    assert_eq!(*from, format!("email_changed_from|{id}|alice@example.com|de"));
    assert!(to.starts_with(&format!("email_changed_to|{id}")), "{to}");
    assert!(fixture.sql("SELECT FROM one_time_tokens").await.is_empty(), "expected no link to be left");
    fixture.service.login("alicia@example.org", PASSWORD).await;
    let former = fixture.service.try_login("alice@example.com", PASSWORD).await;
    assert_problem(&former, 401, "invalid_credentials");
}

#[tokio::test]
async fn an_administrator_may_vouch_for_an_address() {
    let fixture = Fixture::start().await;
    let id = fixture.verified().await;
    let body = json!({"email": "alicia@example.org", "email_verified": true});
    assert_eq!(fixture.change(id, &body).await.expect(200).json()["email_verified"], true);
    fixture.sql("DELETE FROM outbox").await;
    let taken_back = fixture.change(id, &json!({"email_verified": false})).await.expect(200);
    assert_eq!(taken_back.json()["email_verified"], false);
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty());
}

#[tokio::test]
async fn the_same_address_in_another_spelling_is_no_new_one() {
    let fixture = Fixture::start().await;
    let id = fixture.verified().await;
    let answer = fixture.change(id, &json!({"email": "ALICE@example.com"})).await.expect(200);
    assert_eq!(answer.json()["email"], "ALICE@example.com");
    assert_eq!(answer.json()["email_verified"], true);
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty(), "expected nobody to be told");
    let again = fixture.change(id, &json!({"email": "ALICE@example.com"})).await.expect(200);
    assert_eq!((again.json(), etag(&again)), (answer.json(), etag(&answer)), "expected nothing to change");
}

#[tokio::test]
async fn a_name_changes_alone_and_null_clears_it() {
    let fixture = Fixture::start().await;
    let id = fixture.verified().await;
    for (name, text) in [(json!("Ünal\nB"), "ünal\nb"), (Value::Null, ""), (json!("Alice"), "alice")] {
        let answer = fixture.change(id, &json!({"full_name": name})).await.expect(200);
        assert_eq!((&answer.json()["full_name"], &answer.json()["email_verified"]), (&name, &json!(true)));
        let row = format!("SELECT search_text FROM users WHERE id = {id}");
        assert_eq!(fixture.sql(&row).await, [format!("alice@example.com\n{text}")]);
    }
    let nothing = fixture.change(id, &json!({})).await.expect(200);
    assert_eq!(nothing.json()["full_name"], "Alice");
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty());
    assert_eq!(fixture.sql("SELECT count(*) FROM one_time_tokens").await, ["1"]);
}

#[tokio::test]
async fn an_address_in_use_is_409_and_nothing_changes() {
    let fixture = Fixture::start().await;
    let id = fixture.verified().await;
    fixture.service.register("jürgen@bücher.example", PASSWORD).await.expect(201);
    fixture.add_named("old@example.com", "Old").await;
    fixture.sql("DELETE FROM outbox").await;
    let before = fixture.sql("SELECT u FROM users u ORDER BY id").await;
    for email in ["JÜRGEN@xn--bcher-kva.example", "ROOT@example.com", "OLD@example.com"] {
        let answer = fixture.change(id, &json!({"email": email, "full_name": "Another"})).await;
        assert_problem(&answer, 409, "email_taken");
    }
    assert_eq!(fixture.sql("SELECT u FROM users u ORDER BY id").await, before);
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty());
}

#[tokio::test]
async fn an_account_that_the_release_before_wrote_gets_its_key_with_its_address() {
    let fixture = Fixture::start().await;
    let id = fixture.add_named("old@example.com", "Old").await;
    let answer = fixture.change(id, &json!({"email": "new@example.com"})).await.expect(200);
    assert_eq!(answer.json()["email"], "new@example.com");
    let keys = format!("SELECT email_key, search_text IS NULL FROM users WHERE id = {id}");
    assert_eq!(fixture.sql(&keys).await, ["new@example.com|t"]);
}

#[tokio::test]
async fn administrators_do_not_change_their_own_account_here() {
    let fixture = Fixture::start().await;
    for body in
        [json!({"email": "x@example.com"}), json!({"email_verified": true}), json!({"full_name": "X"})]
    {
        let answer = fixture.change(fixture.root.id, &body).await;
        assert_problem(&answer, 409, "cannot_target_self");
        assert!(answer.body.contains("PUT /auth/email"), "{answer:#?}");
    }
}

#[tokio::test]
async fn only_the_expected_version_changes() {
    let fixture = Fixture::start().await;
    let id = fixture.verified().await;
    let stale = etag(&fixture.get(&format!("/users/{id}")).await);
    let current = etag(&fixture.change(id, &json!({"full_name": "B"})).await.expect(200));
    let put = |tag: &str| {
        let request = fixture.service.put(&format!("/users/{id}")).bearer(&fixture.root.tokens.access);
        request.header("if-match", tag).json(&json!({"email": "b@example.com"})).send()
    };
    assert_problem(&put(&stale).await, 412, "precondition_failed");
    assert!(fixture.sql("SELECT FROM outbox").await.is_empty());
    put(&current).await.expect(200);
}

#[tokio::test]
async fn broken_fields_and_unknown_accounts_are_refused() {
    let fixture = Fixture::start().await;
    let id = fixture.verified().await;
    let body = json!({"email": null, "full_name": 7, "email_verified": "yes"});
    assert_eq!(pointers(&fixture.change(id, &body).await), ["/email", "/email_verified", "/full_name"]);
    assert_problem(&fixture.change(999_999, &json!({})).await, 404, "not_found");
}

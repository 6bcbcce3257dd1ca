//! `GET /rbac/users`: the accounts with their roles.

use serde_json::{Value, json};
use users_tests::{
    USER_FIELDS, assert_common_headers, assert_no_store, assert_problem, assert_user, fields, token,
};

use crate::{Rbac, ids};

#[tokio::test]
async fn accounts_are_listed_with_the_ids_and_names_of_their_roles() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    let permission = rbac.permission("user:read").await;
    let (zeta, alpha) = (rbac.role("zeta", &[permission]).await, rbac.role("alpha", &[]).await);
    rbac.assign(alice.id, &[alpha, zeta]).await;
    let answer = rbac.get("/rbac/users").await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let list = answer.json();
    assert_eq!(ids(&list), [rbac.root.id, alice.id], "expected both in the order of ids");
    let mut expected: Vec<&str> = USER_FIELDS.into();
    expected.push("roles");
    expected.sort_unstable();
    for user in list.as_array().expect("a list") {
        assert_eq!(fields(user), expected);
        assert_user(&token::without(user, "roles"));
        let alone = rbac.get(&format!("/users/{}", user["id"])).await.expect(200).json();
        assert_eq!(token::without(user, "roles"), alone, "expected the User");
    }
    assert_eq!(list[0]["roles"], json!([]));
    let roles = json!([{"id": zeta, "name": "zeta"}, {"id": alpha, "name": "alpha"}]);
    assert_eq!(list[1]["roles"], roles, "expected the roles in the order of ids");
}

/// Adds accounts with two roles each.
async fn add(rbac: &Rbac, count: usize) {
    rbac.sql(&format!(
        "INSERT INTO roles (name) VALUES ('one'), ('two');
         INSERT INTO users (email, password_hash)
         SELECT 'u' || n || '@example.com', '!' FROM generate_series(1, {count}) n;
         INSERT INTO user_roles SELECT u.id, r.id FROM users u, roles r WHERE u.password_hash = '!'"
    ))
    .await;
}

#[tokio::test]
async fn a_long_page_runs_two_statements() {
    let rbac = Rbac::start().await;
    add(&rbac, 300).await;
    let list = rbac.request("GET", "/rbac/users?limit=1000").id("page").send().await.expect(200).json();
    let list = list.as_array().expect("a list");
    assert_eq!(list.len(), 301);
    assert!(list[1..].iter().all(|user| user["roles"].as_array().map(Vec::len) == Some(2)));
    let log = rbac.service.logs().of_request("page").await;
    assert!(
        log.statements().len() <= 2,
        "expected one statement for the caller and one for the page: {log:#?}"
    );
}

#[tokio::test]
async fn accounts_are_paged() {
    let rbac = Rbac::start().await;
    add(&rbac, 6).await;
    let all = ids(&rbac.get("/rbac/users").await.expect(200).json());
    assert_eq!(all.len(), 7);
    let mut path = "/rbac/users?limit=3".to_owned();
    let mut read: Vec<Value> = Vec::new();
    for pages in 1.. {
        let page = rbac.get(&path).await.expect(200);
        read.extend(page.json().as_array().expect("a list").iter().cloned());
        let Some(link) = page.header("link") else {
            assert_eq!(pages, 3);
            break;
        };
        path = link.trim_start_matches('<').split('>').next().expect("a link").to_owned();
    }
    assert_eq!(ids(&Value::from(read)), all);
}

#[tokio::test]
async fn only_the_accounts_with_a_role_are_listed_with_all_their_roles() {
    let rbac = Rbac::start().await;
    let (alice, bob) =
        (rbac.service.account("alice@example.com").await, rbac.service.account("bob@example.com").await);
    let (editor, reader) = (rbac.role("editor", &[]).await, rbac.role("reader", &[]).await);
    rbac.assign(alice.id, &[editor]).await;
    rbac.assign(bob.id, &[editor, reader]).await;
    let holders = async |query: &str| rbac.get(&format!("/rbac/users?{query}")).await.expect(200);
    let both = holders(&format!("role_id={editor}&limit=1&total=true")).await;
    assert_eq!(ids(&both.json()), [alice.id]);
    assert_eq!(both.header("x-total-count").as_deref(), Some("2"));
    let link = format!("</rbac/users?after={}&limit=1&total=true&role_id={editor}>; rel=\"next\"", alice.id);
    assert_eq!(both.header("link"), Some(link));
    let last = holders(&format!("role_id={editor}&after={}", alice.id)).await;
    assert_eq!((ids(&last.json()), last.header("link")), (vec![bob.id], None));
    let roles = json!([{"id": editor, "name": "editor"}, {"id": reader, "name": "reader"}]);
    assert_eq!(last.json()[0]["roles"], roles, "expected all roles");
    assert_eq!(ids(&holders(&format!("role_id={reader}")).await.json()), [bob.id]);
    let none = holders("role_id=999999&total=true").await;
    assert_eq!((none.json(), none.header("x-total-count").as_deref()), (json!([]), Some("0")));
    assert_problem(&rbac.get("/rbac/users?role_id=x").await, 422, "validation_failed");
}

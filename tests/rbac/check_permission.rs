//! `POST /rbac/check-permission`

use serde_json::{Value, json};
use users_tests::{Account, Answer, assert_common_headers, assert_no_store, assert_problem, pointers};

use crate::{Rbac, ids};

const PATH: &str = "/rbac/check-permission";

/// Asks a question with an account's token.
async fn ask(rbac: &Rbac, account: &Account, question: &Value) -> Answer {
    rbac.service.post(PATH).bearer(&account.tokens.access).json(question).send().await
}

/// True if an account has a right. The account itself asks.
async fn may(rbac: &Rbac, account: &Account, right: &str) -> bool {
    let (resource, action) = right.split_once(':').expect("a right is resource:action");
    let question = json!({"resource": resource, "action": action});
    let answer = ask(rbac, account, &question).await.expect(200).json();
    let allowed = answer["allowed"].as_bool().expect("an answer");
    let expected = json!({"allowed": allowed, "user_id": account.id, "resource": resource, "action": action});
    assert_eq!(answer, expected, "expected the question and the answer");
    allowed
}

#[tokio::test]
async fn the_answer_repeats_the_question() {
    let rbac = Rbac::start().await;
    let alice = rbac.account_with("alice", &["user:read"]).await;
    for (action, allowed) in [("read", true), ("write", false)] {
        let answer = ask(&rbac, &alice, &json!({"resource": "user", "action": action})).await.expect(200);
        assert_common_headers(&answer);
        assert_no_store(&answer);
        let expected = json!({"allowed": allowed, "user_id": alice.id, "resource": "user", "action": action});
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn rights_come_from_roles() {
    let rbac = Rbac::start().await;
    let nobody = rbac.service.account("nobody@example.com").await;
    let exact = rbac.account_with("exact", &["user:read"]).await;
    let several = rbac.account_with("several", &["user:read", "role:write"]).await;
    let resource = rbac.account_with("resource", &["user:all"]).await;
    let other_admin = rbac.account_with("other-admin", &["admin:read", "admins:all", "all:admin"]).await;
    let everything = rbac.account_with("everything", &["admin:all"]).await;
    let empty = rbac.account_with("empty", &[]).await;
    let rights = [
        "user:read",
        "user:write",
        "user:all",
        "users:read",
        "role:read",
        "role:write",
        "admin:all",
        "admin:read",
        "x:y",
    ];
    let table: [(&str, &Account, &[&str]); 8] = [
        ("nobody", &nobody, &[]),
        ("no permission", &empty, &[]),
        ("user:read", &exact, &["user:read"]),
        ("user:read, role:write", &several, &["user:read", "role:write"]),
        ("user:all", &resource, &["user:read", "user:write", "user:all"]),
        ("much like admin:all", &other_admin, &["admin:read"]),
        ("admin:all", &everything, &rights),
        ("is_admin", &rbac.root, &rights),
    ];
    for (name, account, granted) in table {
        for right in rights {
            assert_eq!(may(&rbac, account, right).await, granted.contains(&right), "{name}: {right}");
        }
    }
}

#[tokio::test]
async fn the_rights_of_several_roles_add_up() {
    let rbac = Rbac::start().await;
    let alice = rbac.account_with("alice", &["user:read"]).await;
    let permission = rbac.permission("role:all").await;
    let role = rbac.role("another", &[permission]).await;
    rbac.assign(alice.id, &[role]).await;
    for (right, allowed) in [("user:read", true), ("role:write", true), ("user:write", false)] {
        assert_eq!(may(&rbac, &alice, right).await, allowed, "{right}");
    }
}

#[tokio::test]
async fn a_right_belongs_to_one_user() {
    let rbac = Rbac::start().await;
    let alice = rbac.account_with("alice", &["user:read"]).await;
    let bob = rbac.service.account("bob@example.com").await;
    assert!(may(&rbac, &alice, "user:read").await);
    assert!(!may(&rbac, &bob, "user:read").await);
}

#[tokio::test]
async fn a_check_runs_one_statement_for_the_caller_and_two_for_another_user() {
    let rbac = Rbac::start().await;
    let alice = rbac.account_with("alice", &["user:read"]).await;
    let question = |user: Option<i64>| json!({"resource": "user", "action": "read", "user_id": user});
    for (id, account, user, count) in [
        ("own", &alice, None, 1),
        ("own-by-name", &alice, Some(alice.id), 1),
        ("administrator", &rbac.root, None, 1),
        ("administrator-by-name", &rbac.root, Some(rbac.root.id), 1),
        ("another", &rbac.root, Some(alice.id), 2),
    ] {
        let request = rbac.service.post(PATH).bearer(&account.tokens.access).id(id);
        request.json(&question(user)).send().await.expect(200);
        let log = rbac.service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), count, "{id}: {log:#?}");
    }
}

#[tokio::test]
async fn an_administrator_may_ask_about_anyone() {
    let rbac = Rbac::start().await;
    let alice = rbac.account_with("alice", &["user:read"]).await;
    let boss = rbac.account_with("boss", &["admin:all"]).await;
    for caller in [&rbac.root, &boss] {
        for (user, action, allowed) in [
            (alice.id, "read", true),
            (alice.id, "write", false),
            (rbac.root.id, "write", true),
            (boss.id, "write", true),
        ] {
            let question = json!({"resource": "user", "action": action, "user_id": user});
            let answer = ask(&rbac, caller, &question).await.expect(200).json();
            let expected = json!({"allowed": allowed, "user_id": user, "resource": "user", "action": action});
            assert_eq!(answer, expected);
        }
    }
}

#[tokio::test]
async fn an_unknown_user_is_404_for_an_administrator() {
    let rbac = Rbac::start().await;
    let question = json!({"resource": "user", "action": "read", "user_id": 999_999});
    assert_problem(&ask(&rbac, &rbac.root, &question).await, 404, "not_found");
}

#[tokio::test]
async fn a_plain_user_cannot_ask_about_another_user_or_learn_that_one_exists() {
    let rbac = Rbac::start().await;
    let alice = rbac.account_with("alice", &["user:all", "accounts:all", "admin:read"]).await;
    let mut refusals = Vec::new();
    for user in [rbac.root.id, 999_999] {
        let question = json!({"resource": "user", "action": "read", "user_id": user});
        let request = rbac.service.post(PATH).bearer(&alice.tokens.access).id("same");
        let answer = request.json(&question).send().await;
        assert_problem(&answer, 403, "admin_required");
        refusals.push(answer.body);
    }
    assert_eq!(refusals[0], refusals[1], "expected the same refusal");
    let own = json!({"resource": "user", "action": "read", "user_id": alice.id});
    assert_eq!(ask(&rbac, &alice, &own).await.expect(200).json()["allowed"], true, "own id");
    let null = json!({"resource": "user", "action": "read", "user_id": null});
    assert_eq!(ask(&rbac, &alice, &null).await.expect(200).json()["user_id"], alice.id);
}

#[tokio::test]
async fn a_deactivated_user_may_do_nothing() {
    let rbac = Rbac::start().await;
    let alice = rbac.account_with("alice", &["admin:all", "user:read"]).await;
    let marked = rbac.service.administrator("marked@example.com").await;
    let both = format!("{}, {}", alice.id, marked.id);
    for active in [true, false] {
        rbac.sql(&format!("UPDATE users SET is_active = {active} WHERE id IN ({both})")).await;
        for user in [alice.id, marked.id] {
            let question = json!({"resource": "user", "action": "read", "user_id": user});
            let answer = ask(&rbac, &rbac.root, &question).await.expect(200).json();
            assert_eq!(answer["allowed"], active, "user {user}");
        }
    }
}

#[tokio::test]
async fn every_invalid_field_is_listed() {
    let rbac = Rbac::start().await;
    let alice = rbac.service.account("alice@example.com").await;
    for (question, expected) in [
        (json!({}), vec!["/action", "/resource"]),
        (json!({"resource": null, "action": null}), vec!["/action", "/resource"]),
        (json!({"resource": "User", "action": "", "user_id": 0}), vec!["/action", "/resource", "/user_id"]),
        (json!({"resource": "a:b", "action": "read"}), vec!["/resource"]),
        (json!({"resource": "a".repeat(51), "action": "read"}), vec!["/resource"]),
        (json!({"resource": " user", "action": "read\n"}), vec!["/action", "/resource"]),
        (json!({"resource": "user", "action": 7}), vec!["/action"]),
        (json!({"resource": "user\0", "action": "read"}), vec!["/resource"]),
        (json!({"resource": "user", "action": "read", "user_id": "1"}), vec!["/user_id"]),
        (json!({"resource": "user", "action": "read", "user_id": -1}), vec!["/user_id"]),
        (json!({"resource": "user", "action": "read", "user_id": 2_147_483_648_u64}), vec!["/user_id"]),
    ] {
        for caller in [&alice, &rbac.root] {
            assert_eq!(pointers(&ask(&rbac, caller, &question).await), expected, "{question}");
        }
    }
}

#[tokio::test]
async fn a_question_changes_nothing() {
    let rbac = Rbac::start().await;
    let alice = rbac.account_with("alice", &["user:read"]).await;
    let before = rbac.state().await;
    assert!(may(&rbac, &alice, "user:read").await);
    assert!(!may(&rbac, &alice, "admin:all").await);
    assert_eq!(rbac.state().await, before);
    assert_eq!(ids(&rbac.get("/rbac/users").await.expect(200).json()), [rbac.root.id, alice.id]);
}

//! Changes that administrators cannot make to themselves.

use serde_json::json;
use users_tests::{Account, Answer, Service, assert_no_store, assert_problem};

use crate::support::{Fixture, bulk, everything, grant};

/// Every change that removes access, with the caller's own account as its target. Lists also hold other accounts.
async fn every_lockout(service: &Service, account: &Account, others: &[i64]) -> Vec<Answer> {
    let path = |action: &str| format!("/users/{}{action}", account.id);
    let token = &account.tokens.access;
    let mut answers = vec![
        service.put(&path("/deactivate")).bearer(token).send().await,
        service.put(&path("/remove-admin")).bearer(token).send().await,
        service.delete(&path("")).bearer(token).send().await,
    ];
    let lists = [
        vec![account.id],
        [&[account.id], others].concat(),
        [others, &[account.id]].concat(),
        [others, &[account.id, account.id, 999_999]].concat(),
    ];
    for action in ["deactivate", "delete"] {
        for list in &lists {
            answers.push(bulk(service, account, action, &json!({"user_ids": list})).await);
        }
    }
    answers
}

#[tokio::test]
async fn administrators_cannot_lock_themselves_out() {
    let fixture = Fixture::start().await;
    let others = fixture.add(4).await;
    let before = everything(&fixture.service).await;
    for answer in every_lockout(&fixture.service, &fixture.root, &others).await {
        assert_problem(&answer, 409, "cannot_target_self");
        assert_no_store(&answer);
    }
    assert_eq!(everything(&fixture.service).await, before);
    fixture.get("/users/").await.expect(200);
}

#[tokio::test]
async fn administrators_cannot_lock_themselves_out_with_other_administrators_present() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    let before = everything(&fixture.service).await;
    for account in [&fixture.root, &alice] {
        for answer in every_lockout(&fixture.service, account, &[]).await {
            assert_problem(&answer, 409, "cannot_target_self");
        }
    }
    assert_eq!(everything(&fixture.service).await, before);
}

#[tokio::test]
async fn administrators_by_permission_cannot_lock_themselves_out() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    grant(&fixture.service, alice.id, "admin:all").await;
    let others = fixture.add(2).await;
    let before = everything(&fixture.service).await;
    for answer in every_lockout(&fixture.service, &alice, &others).await {
        assert_problem(&answer, 409, "cannot_target_self");
    }
    assert_eq!(everything(&fixture.service).await, before);
    fixture.service.get("/users/").bearer(&alice.tokens.access).send().await.expect(200);
}

#[tokio::test]
async fn a_list_of_every_administrator_is_409_and_changes_nothing() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    let bob = fixture.service.account("bob@example.com").await;
    grant(&fixture.service, bob.id, "admin:all").await;
    let before = everything(&fixture.service).await;
    let list = json!({"user_ids": [fixture.root.id, alice.id, bob.id]});
    for caller in [&fixture.root, &alice, &bob] {
        for action in ["deactivate", "delete"] {
            let answer = bulk(&fixture.service, caller, action, &list).await;
            assert_problem(&answer, 409, "cannot_target_self");
        }
    }
    assert_eq!(everything(&fixture.service).await, before);
}

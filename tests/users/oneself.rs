//! What administrators cannot do to themselves.

use serde_json::json;
use users_tests::{Account, Answer, Service, assert_no_store, assert_problem};

use crate::support::{Office, bulk, everything, grant};

/// Whatever takes something away, with this account as its target and, where there is a list, others around it.
async fn every_way(service: &Service, account: &Account, others: &[i64]) -> Vec<Answer> {
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
async fn administrators_do_not_lock_themselves_out_and_nothing_changes() {
    let office = Office::open().await;
    let others = office.add(4).await;
    let before = everything(&office.service).await;
    for answer in every_way(&office.service, &office.root, &others).await {
        assert_problem(&answer, 409, "cannot_target_self");
        assert_no_store(&answer);
    }
    assert_eq!(everything(&office.service).await, before);
    office.get("/users/").await.expect(200);
}

#[tokio::test]
async fn that_there_are_other_administrators_makes_no_difference() {
    let office = Office::open().await;
    let alice = office.service.administrator("alice@example.com").await;
    let before = everything(&office.service).await;
    for account in [&office.root, &alice] {
        for answer in every_way(&office.service, account, &[]).await {
            assert_problem(&answer, 409, "cannot_target_self");
        }
    }
    assert_eq!(everything(&office.service).await, before);
}

#[tokio::test]
async fn administrators_by_permission_do_not_lock_themselves_out_either() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    grant(&office.service, alice.id, "admin:all").await;
    let others = office.add(2).await;
    let before = everything(&office.service).await;
    for answer in every_way(&office.service, &alice, &others).await {
        assert_problem(&answer, 409, "cannot_target_self");
    }
    assert_eq!(everything(&office.service).await, before);
    office.service.get("/users/").bearer(&alice.tokens.access).send().await.expect(200);
}

/// Whoever lists every administrator lists themselves, too.
#[tokio::test]
async fn a_list_of_every_administrator_is_409_and_changes_nothing() {
    let office = Office::open().await;
    let alice = office.service.administrator("alice@example.com").await;
    let bob = office.service.account("bob@example.com").await;
    grant(&office.service, bob.id, "admin:all").await;
    let before = everything(&office.service).await;
    let list = json!({"user_ids": [office.root.id, alice.id, bob.id]});
    for caller in [&office.root, &alice, &bob] {
        for action in ["deactivate", "delete"] {
            let answer = bulk(&office.service, caller, action, &list).await;
            assert_problem(&answer, 409, "cannot_target_self");
        }
    }
    assert_eq!(everything(&office.service).await, before);
}

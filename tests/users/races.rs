//! Concurrent changes in any order.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;
use users_tests::{Account, Answer, Service, assert_is_problem};

use crate::support::{
    Fixture, administrators, bulk, grant, ids_in, remove_administrators, restore, save, succeeded,
};

/// Two administrators remove each other. Asserts that one is refused and that one administrator remains.
async fn assert_one_refused(
    service: &Service,
    [one, other]: [&Account; 2],
    actions: [&str; 2],
    rounds: usize,
) {
    save(service).await;
    for round in 0..rounds {
        let (first, second) = tokio::join!(
            remove_administrators(service, one, actions[0], vec![other.id]),
            remove_administrators(service, other, actions[1], vec![one.id]),
        );
        let answers = [first, second];
        let refused: Vec<&Answer> = answers.iter().filter(|answer| !succeeded(answer)).collect();
        assert_eq!(
            refused.len(),
            1,
            "round {round} of {actions:?}: expected one to be refused: {answers:#?}"
        );
        assert_is_problem(refused[0]);
        let first_action = if succeeded(&answers[0]) { actions[0] } else { actions[1] };
        let expected = match first_action.trim_start_matches("bulk ") {
            "remove-admin" => "admin_required",
            "deactivate" => "inactive_account",
            _ => "invalid_token",
        };
        let code = refused[0].json()["code"].as_str().unwrap_or_default().to_owned();
        assert!(code == "last_admin" || code == expected, "round {round} of {actions:?}: {answers:#?}");
        assert_eq!(administrators(service).await, 1, "round {round} of {actions:?}: {answers:#?}");
        restore(service).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_who_demote_each_other_leave_one() {
    let fixture = Fixture::with_many_instances().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    assert_one_refused(&fixture.service, [&fixture.root, &alice], ["remove-admin", "remove-admin"], 100)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_who_demote_each_other_through_one_instance_leave_one() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    assert_one_refused(&fixture.service, [&fixture.root, &alice], ["remove-admin", "remove-admin"], 100)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_who_deactivate_each_other_leave_one() {
    let fixture = Fixture::with_many_instances().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    assert_one_refused(&fixture.service, [&fixture.root, &alice], ["deactivate", "deactivate"], 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_who_delete_each_other_leave_one() {
    let fixture = Fixture::with_many_instances().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    assert_one_refused(&fixture.service, [&fixture.root, &alice], ["delete", "bulk delete"], 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_by_flag_and_one_by_permission_leave_one() {
    let fixture = Fixture::with_many_instances().await;
    let alice = fixture.service.account("alice@example.com").await;
    grant(&fixture.service, alice.id, "admin:all").await;
    assert_one_refused(&fixture.service, [&fixture.root, &alice], ["bulk deactivate", "remove-admin"], 20)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_administrators_who_remove_each_other_leave_one() {
    let fixture = Fixture::with_many_instances().await;
    let service = &fixture.service;
    let mut all = vec![fixture.root.clone()];
    all.push(service.administrator("alice@example.com").await);
    for email in ["bob@example.com", "carol@example.com"] {
        let account = service.account(email).await;
        grant(service, account.id, "admin:all").await;
        all.push(account);
    }
    save(service).await;
    let actions = ["bulk delete", "bulk deactivate", "remove-admin", "delete", "deactivate"];
    for round in 0..25 {
        let requests = all.iter().enumerate().flat_map(|(number, caller)| {
            let others: Vec<i64> = all.iter().map(|it| it.id).filter(|id| *id != caller.id).collect();
            // The actions differ by caller and round. In every fifth round, all callers send the same action.
            let action = actions[if round % 5 == 0 { round / 5 } else { round + number } % actions.len()];
            let lists = if action.starts_with("bulk") {
                vec![others]
            } else {
                others.into_iter().map(|id| vec![id]).collect()
            };
            lists
                .into_iter()
                .map(async move |list| remove_administrators(service, caller, action, list).await)
        });
        let answers = join_all(requests).await;
        for answer in answers.iter().filter(|answer| !succeeded(answer)) {
            assert_is_problem(answer);
            assert!([401, 403, 404, 409].contains(&answer.status), "round {round}: {answer:#?}");
        }
        assert!(answers.iter().any(succeeded), "round {round}: expected one success: {answers:#?}");
        assert!(administrators(service).await >= 1, "round {round}: expected one to remain: {answers:#?}");
        restore(service).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_in_opposite_orders_do_not_deadlock() {
    let fixture = Fixture::with_many_instances().await;
    let forwards = fixture.add(300).await;
    let backwards: Vec<i64> = forwards.iter().rev().copied().collect();
    let (forwards, backwards) = (json!({"user_ids": forwards}), json!({"user_ids": backwards}));
    for round in 0..10 {
        let requests = (0..8).map(|number| {
            let action = if number % 4 < 2 { "activate" } else { "deactivate" };
            fixture.bulk(action, if number % 2 == 0 { &forwards } else { &backwards })
        });
        for answer in join_all(requests).await {
            let answer = answer.expect(200);
            assert_eq!(answer.json()["count"], 300, "round {round}: {answer:#?}");
        }
        let states =
            fixture.sql("SELECT count(DISTINCT is_active) FROM users WHERE password_hash = '!'").await;
        assert_eq!(states, ["1"], "round {round}: expected one action to be the last");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_deletions_delete_once() {
    let fixture = Fixture::with_many_instances().await;
    for _ in 0..5 {
        let ids = fixture.add(100).await;
        let body = json!({"user_ids": ids});
        let answers = join_all((0..6).map(|_| fixture.bulk("delete", &body))).await;
        let mut deleted = Vec::new();
        for answer in answers {
            let answer = answer.expect(200);
            deleted.extend(ids_in(&answer, "user_ids"));
        }
        assert_eq!(deleted.len(), 100, "expected each id in one answer");
        assert_eq!(deleted.into_iter().collect::<BTreeSet<_>>(), ids.into_iter().collect());
    }
    for _ in 0..10 {
        let path = format!("/users/{}", fixture.add(1).await[0]);
        let mut statuses: Vec<u16> =
            join_all((0..4).map(|_| fixture.delete(&path))).await.iter().map(|it| it.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404, 404, 404]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_equal_changes_move_updated_at_once() {
    let fixture = Fixture::with_many_instances().await;
    let id = fixture.add(1).await[0];
    for round in 0..10 {
        for action in ["deactivate", "activate", "make-admin", "remove-admin"] {
            let path = format!("/users/{id}/{action}");
            let mut bodies: Vec<String> = join_all((0..5).map(|_| fixture.put(&path)))
                .await
                .into_iter()
                .map(|it| it.expect(200).body)
                .collect();
            bodies.dedup();
            assert_eq!(bodies.len(), 1, "round {round} of {action}: expected one answer: {bodies:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_work_of_users_and_administrators_fails_only_by_rule() {
    let fixture = Fixture::with_many_instances().await;
    let service = &fixture.service;
    let mut accounts = Vec::new();
    for number in 0..4 {
        accounts.push(service.account(&format!("user{number}@example.com")).await);
    }
    let ids: Vec<i64> = accounts.iter().map(|it| it.id).collect();
    let list = json!({"user_ids": ids});
    save(service).await;
    for last in ["deactivate", "delete", "deactivate", "delete"] {
        let users = join_all(accounts.iter().map(async |account| {
            let mut answers = Vec::new();
            for _ in 0..3 {
                answers.push(service.me(&account.tokens.access).await);
                answers.push(service.try_login(&account.email, users_tests::PASSWORD).await);
                answers.push(service.refresh(&account.tokens.refresh).await);
                answers.push(service.post("/auth/logout").bearer(&account.tokens.access).send().await);
            }
            answers
        }));
        let administration = async {
            let mut answers = Vec::new();
            for action in ["deactivate", "activate", "deactivate", "activate", last] {
                answers.push(bulk(service, &fixture.root, action, &list).await);
            }
            answers
        };
        let (users, administration) = tokio::join!(users, administration);
        for answer in administration {
            assert_eq!(answer.status, 200, "{answer:#?}");
        }
        for answer in users.into_iter().flatten() {
            assert!([200, 204, 401, 403].contains(&answer.status), "{answer:#?}");
        }
        restore(service).await;
    }
}

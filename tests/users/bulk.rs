//! `PUT /users/bulk/activate`, `…/deactivate` and `…/delete`: what they do.

use serde_json::{Value, json};
use users_tests::{Answer, PASSWORD, assert_common_headers, assert_no_store, assert_problem, fields};

use crate::support::{Office, everything, grant, ids_in};

pub(crate) const ACTIONS: [&str; 3] = ["activate", "deactivate", "delete"];

/// The answer says that this was done to these and could not be done to those.
#[track_caller]
pub(crate) fn assert_done(answer: &Answer, done: &[i64], not_found: &[i64]) {
    assert_eq!(answer.status, 200, "expected 200: {answer:#?}");
    assert_common_headers(answer);
    assert_no_store(answer);
    let body = answer.json();
    assert_eq!(fields(&body), ["count", "not_found", "user_ids"], "{answer:#?}");
    assert_eq!(body["count"], done.len(), "{answer:#?}");
    let sorted = |ids: &[i64]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids_in(answer, "user_ids"), sorted(done), "{answer:#?}");
    assert_eq!(ids_in(answer, "not_found"), sorted(not_found), "{answer:#?}");
}

impl Office {
    /// Adds accounts that the action has something to do with.
    async fn add_for(&self, action: &str, count: usize) -> Vec<i64> {
        let ids = self.add(count).await;
        if action == "activate" {
            self.sql("UPDATE users SET is_active = false WHERE password_hash = '!'").await;
        }
        ids
    }

    /// To how many accounts of those that nobody logs in to the action has been done, of `count`.
    async fn done(&self, action: &str, count: usize) -> usize {
        let left = match action {
            "activate" => "is_active",
            "deactivate" => "NOT is_active",
            _ => "true",
        };
        let found =
            self.sql(&format!("SELECT count(*) FROM users WHERE password_hash = '!' AND {left}")).await;
        let found: usize = found[0].parse().expect("a count is a number");
        if action == "delete" { count - found } else { found }
    }
}

#[tokio::test]
async fn one_to_a_thousand_accounts_are_changed_at_once() {
    for count in [1, 2, 1000] {
        let office = Office::open().await;
        for action in ["deactivate", "activate", "delete"] {
            let ids = match action {
                "deactivate" => office.add(count).await,
                _ => crate::support::numbers(
                    &office.sql("SELECT id FROM users WHERE password_hash = '!'").await,
                ),
            };
            assert_eq!(ids.len(), count);
            assert_done(&office.bulk(action, &json!({"user_ids": ids})).await, &ids, &[]);
            assert_eq!(office.done(action, count).await, count, "{action} of {count}");
        }
        office.get("/users/").await.expect(200);
    }
}

#[tokio::test]
async fn who_is_not_in_the_list_stays_as_it_was() {
    for action in ACTIONS {
        let office = Office::open().await;
        let ids = office.add_for(action, 6).await;
        let others =
            format!("SELECT u::text FROM users u WHERE id NOT IN ({}, {}) ORDER BY id", ids[1], ids[4]);
        let before = office.sql(&others).await;
        assert_done(
            &office.bulk(action, &json!({"user_ids": [ids[1], ids[4]]})).await,
            &[ids[1], ids[4]],
            &[],
        );
        assert_eq!(office.sql(&others).await, before, "{action}");
        assert_eq!(office.done(action, 6).await, 2, "{action}");
    }
}

#[tokio::test]
async fn an_id_that_is_sent_twice_counts_once() {
    for action in ACTIONS {
        let office = Office::open().await;
        let ids = office.add_for(action, 2).await;
        let body = json!({"user_ids": [ids[1], 999_999, ids[0], ids[1], 999_999, ids[1], ids[0]]});
        assert_done(&office.bulk(action, &body).await, &ids, &[999_999]);
    }
}

#[tokio::test]
async fn ids_of_nobody_are_told_and_keep_nothing_from_happening() {
    for action in ACTIONS {
        let office = Office::open().await;
        let ids = office.add_for(action, 3).await;
        let body = json!({"user_ids": [2_147_483_647, ids[0], 999_999, ids[2]]});
        assert_done(&office.bulk(action, &body).await, &[ids[0], ids[2]], &[999_999, 2_147_483_647]);
        assert_eq!(office.done(action, 3).await, 2, "{action}");
        let nobody = office.bulk(action, &json!({"user_ids": [999_998, 999_999]})).await;
        assert_done(&nobody, &[], &[999_998, 999_999]);
    }
}

#[tokio::test]
async fn a_list_sent_again_is_no_error_and_leaves_updated_at_alone() {
    let office = Office::open().await;
    let ids = office.add(3).await;
    let body = json!({"user_ids": ids});
    for action in ["activate", "deactivate"] {
        let setup = format!(
            "UPDATE users SET is_active = {}, updated_at = '2021-01-01Z' WHERE id = {}",
            action == "activate",
            ids[0]
        );
        office.sql(&setup).await;
        let moved = "SELECT count(*) FROM users WHERE password_hash = '!' AND updated_at > '2022-01-01'";
        for _ in 0..2 {
            assert_done(&office.bulk(action, &body).await, &ids, &[]);
            assert_eq!(office.sql(moved).await, ["2"], "{action}: expected the first to be left alone");
        }
        let times = "SELECT updated_at FROM users ORDER BY id";
        let before = office.sql(times).await;
        assert_done(&office.bulk(action, &body).await, &ids, &[]);
        assert_eq!(office.sql(times).await, before, "{action} again");
    }
    assert_done(&office.bulk("delete", &body).await, &ids, &[]);
    assert_done(&office.bulk("delete", &body).await, &[], &ids);
}

#[tokio::test]
async fn deactivated_users_lose_their_sessions_and_do_not_get_them_back() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    let bob = office.service.account("bob@example.com").await;
    let carol = office.service.account("carol@example.com").await;
    let body = json!({"user_ids": [alice.id, bob.id]});
    assert_done(&office.bulk("deactivate", &body).await, &[alice.id, bob.id], &[]);
    for account in [&alice, &bob] {
        assert_problem(&office.service.me(&account.tokens.access).await, 403, "inactive_account");
        let refreshed = office.service.refresh(&account.tokens.refresh).await;
        assert!([401, 403].contains(&refreshed.status), "expected a refusal: {refreshed:#?}");
        let login = office.service.try_login(&account.email, PASSWORD).await;
        assert_problem(&login, 403, "inactive_account");
    }
    office.service.me(&carol.tokens.access).await.expect(200);
    assert_done(&office.bulk("activate", &body).await, &[alice.id, bob.id], &[]);
    for account in [&alice, &bob] {
        assert_problem(&office.service.me(&account.tokens.access).await, 401, "invalid_token");
        assert_problem(&office.service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
        office.service.login(&account.email, PASSWORD).await;
    }
}

#[tokio::test]
async fn deleted_users_take_their_sessions_and_roles_along() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    let bob = office.service.account("bob@example.com").await;
    for id in [alice.id, bob.id, office.root.id] {
        grant(&office.service, id, "user:read").await;
    }
    let body = json!({"user_ids": [bob.id, alice.id]});
    assert_done(&office.bulk("delete", &body).await, &[alice.id, bob.id], &[]);
    for table in ["users", "sessions", "refresh_tokens", "user_roles"] {
        assert_eq!(
            office.sql(&format!("SELECT count(*) FROM {table}")).await,
            ["1"],
            "expected root's {table} alone"
        );
    }
    for account in [&alice, &bob] {
        assert_problem(&office.service.me(&account.tokens.access).await, 401, "invalid_token");
    }
    office.service.register("alice@example.com", PASSWORD).await.expect(201);
}

#[tokio::test]
async fn other_administrators_may_be_in_a_list() {
    for action in ["deactivate", "delete"] {
        let office = Office::open().await;
        let ids = office.add(3).await;
        office.sql(&format!("UPDATE users SET is_admin = true WHERE id IN ({}, {})", ids[0], ids[1])).await;
        grant(&office.service, ids[2], "admin:all").await;
        assert_done(&office.bulk(action, &json!({"user_ids": ids})).await, &ids, &[]);
        office.get("/users/").await.expect(200);
    }
}

#[tokio::test]
async fn administrators_may_be_in_their_own_list_of_accounts_to_activate() {
    let office = Office::open().await;
    let ids = office.add(1).await;
    let both = [office.root.id, ids[0]];
    assert_done(&office.bulk("activate", &json!({"user_ids": both})).await, &both, &[]);
}

#[tokio::test]
async fn nothing_is_done_when_postgres_fails_in_the_middle() {
    for action in ACTIONS {
        let office = Office::open().await;
        let alice = office.service.account("alice@example.com").await;
        let mut ids = office.add_for(action, 9).await;
        ids.insert(4, alice.id);
        let refuse = format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF OLD.id = {} THEN RAISE EXCEPTION 'the private cause'; END IF;
                 RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
             END $$;
             CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION refuse()",
            ids[6]
        );
        office.sql(&refuse).await;
        let before = everything(&office.service).await;
        let answer = office.bulk(action, &json!({"user_ids": ids})).await;
        assert_problem(&answer, 500, "internal_error");
        assert!(!answer.body.contains("private"), "expected no cause: {answer:#?}");
        let log = office.service.logs().of_request(&answer.request_id()).await;
        assert!(
            log.causes().iter().any(|it| it.contains("the private cause")),
            "expected the cause: {log:#?}"
        );
        assert_eq!(everything(&office.service).await, before, "{action}");
        office.service.me(&alice.tokens.access).await.expect(200);
        ids.remove(6);
        assert_done(&office.bulk(action, &json!({"user_ids": ids})).await, &ids, &[]);
    }
}

/// What a list does is done by one statement, however long it is, after the guard's.
#[tokio::test]
async fn a_list_of_any_length_is_one_statement() {
    for count in [1_usize, 500] {
        let office = Office::open().await;
        let ids = office.add(count).await;
        for action in ["deactivate", "activate", "delete"] {
            let id = format!("{action}-{count}");
            let request =
                office.service.put(&format!("/users/bulk/{action}")).bearer(&office.root.tokens.access);
            assert_done(&request.id(&id).json(&json!({"user_ids": ids})).send().await, &ids, &[]);
            let log = office.service.logs().of_request(&id).await;
            assert_eq!(log.statements().len(), 2, "{action} of {count}: {log:#?}");
        }
    }
}

#[tokio::test]
async fn unknown_members_are_ignored() {
    let office = Office::open().await;
    let ids = office.add(2).await;
    let body =
        json!({"user_ids": [ids[0]], "ids": [ids[1]], "is_admin": true, "all": true, "x": Value::Null});
    for action in ["deactivate", "activate"] {
        assert_done(&office.bulk(action, &body).await, &ids[..1], &[]);
    }
    assert_eq!(office.sql("SELECT count(*) FROM users WHERE is_active AND NOT is_admin").await, ["2"]);
}

#[tokio::test]
async fn a_list_answers_with_and_without_its_slash() {
    let office = Office::open().await;
    let ids = office.add(1).await;
    for action in ["activate/", "deactivate/", "activate?x=y", "delete/?x=y"] {
        assert_done(&office.bulk(action, &json!({"user_ids": ids})).await, &ids, &[]);
    }
}

//! `PUT /users/bulk/activate`, `…/deactivate` and `…/delete`: their effects.

use serde_json::{Value, json};
use users_tests::{Answer, PASSWORD, assert_common_headers, assert_no_store, assert_problem, fields};

use crate::support::{Fixture, everything, grant, ids_in};

pub(crate) const ACTIONS: [&str; 3] = ["activate", "deactivate", "delete"];

/// Asserts the changed and the unknown ids of an answer.
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

impl Fixture {
    /// Adds accounts that the action changes.
    async fn add_for(&self, action: &str, count: usize) -> Vec<i64> {
        let ids = self.add(count).await;
        if action == "activate" {
            self.sql("UPDATE users SET is_active = false WHERE password_hash = '!'").await;
        }
        ids
    }

    /// The number of changed accounts among the `count` added ones.
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
        let fixture = Fixture::start().await;
        for action in ["deactivate", "activate", "delete"] {
            let ids = match action {
                "deactivate" => fixture.add(count).await,
                _ => crate::support::numbers(
                    &fixture.sql("SELECT id FROM users WHERE password_hash = '!'").await,
                ),
            };
            assert_eq!(ids.len(), count);
            assert_done(&fixture.bulk(action, &json!({"user_ids": ids})).await, &ids, &[]);
            assert_eq!(fixture.done(action, count).await, count, "{action} of {count}");
        }
        fixture.get("/users/").await.expect(200);
    }
}

#[tokio::test]
async fn accounts_outside_the_list_stay_unchanged() {
    for action in ACTIONS {
        let fixture = Fixture::start().await;
        let ids = fixture.add_for(action, 6).await;
        let others =
            format!("SELECT u::text FROM users u WHERE id NOT IN ({}, {}) ORDER BY id", ids[1], ids[4]);
        let before = fixture.sql(&others).await;
        assert_done(
            &fixture.bulk(action, &json!({"user_ids": [ids[1], ids[4]]})).await,
            &[ids[1], ids[4]],
            &[],
        );
        assert_eq!(fixture.sql(&others).await, before, "{action}");
        assert_eq!(fixture.done(action, 6).await, 2, "{action}");
    }
}

#[tokio::test]
async fn a_repeated_id_counts_once() {
    for action in ACTIONS {
        let fixture = Fixture::start().await;
        let ids = fixture.add_for(action, 2).await;
        let body = json!({"user_ids": [ids[1], 999_999, ids[0], ids[1], 999_999, ids[1], ids[0]]});
        assert_done(&fixture.bulk(action, &body).await, &ids, &[999_999]);
    }
}

#[tokio::test]
async fn unknown_ids_are_reported_and_the_others_are_changed() {
    for action in ACTIONS {
        let fixture = Fixture::start().await;
        let ids = fixture.add_for(action, 3).await;
        let body = json!({"user_ids": [2_147_483_647, ids[0], 999_999, ids[2]]});
        assert_done(&fixture.bulk(action, &body).await, &[ids[0], ids[2]], &[999_999, 2_147_483_647]);
        assert_eq!(fixture.done(action, 3).await, 2, "{action}");
        let answer = fixture.bulk(action, &json!({"user_ids": [999_998, 999_999]})).await;
        assert_done(&answer, &[], &[999_998, 999_999]);
    }
}

#[tokio::test]
async fn a_repeated_list_succeeds_and_keeps_updated_at() {
    let fixture = Fixture::start().await;
    let ids = fixture.add(3).await;
    let body = json!({"user_ids": ids});
    for action in ["activate", "deactivate"] {
        let setup = format!(
            "UPDATE users SET is_active = {}, updated_at = '2021-01-01Z' WHERE id = {}",
            action == "activate",
            ids[0]
        );
        fixture.sql(&setup).await;
        let moved = "SELECT count(*) FROM users WHERE password_hash = '!' AND updated_at > '2022-01-01'";
        for _ in 0..2 {
            assert_done(&fixture.bulk(action, &body).await, &ids, &[]);
            assert_eq!(fixture.sql(moved).await, ["2"], "{action}: expected the first to be left alone");
        }
        let times = "SELECT updated_at FROM users ORDER BY id";
        let before = fixture.sql(times).await;
        assert_done(&fixture.bulk(action, &body).await, &ids, &[]);
        assert_eq!(fixture.sql(times).await, before, "{action} again");
    }
    assert_done(&fixture.bulk("delete", &body).await, &ids, &[]);
    assert_done(&fixture.bulk("delete", &body).await, &[], &ids);
}

#[tokio::test]
async fn deactivated_users_lose_their_sessions_for_good() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let bob = fixture.service.account("bob@example.com").await;
    let carol = fixture.service.account("carol@example.com").await;
    let body = json!({"user_ids": [alice.id, bob.id]});
    assert_done(&fixture.bulk("deactivate", &body).await, &[alice.id, bob.id], &[]);
    for account in [&alice, &bob] {
        assert_problem(&fixture.service.me(&account.tokens.access).await, 403, "inactive_account");
        let refreshed = fixture.service.refresh(&account.tokens.refresh).await;
        assert!([401, 403].contains(&refreshed.status), "expected a refusal: {refreshed:#?}");
        let login = fixture.service.try_login(&account.email, PASSWORD).await;
        assert_problem(&login, 403, "inactive_account");
    }
    fixture.service.me(&carol.tokens.access).await.expect(200);
    assert_done(&fixture.bulk("activate", &body).await, &[alice.id, bob.id], &[]);
    for account in [&alice, &bob] {
        assert_problem(&fixture.service.me(&account.tokens.access).await, 401, "invalid_token");
        assert_problem(&fixture.service.refresh(&account.tokens.refresh).await, 401, "invalid_token");
        fixture.service.login(&account.email, PASSWORD).await;
    }
}

#[tokio::test]
async fn sessions_and_roles_of_deleted_users_are_deleted() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let bob = fixture.service.account("bob@example.com").await;
    for id in [alice.id, bob.id, fixture.root.id] {
        grant(&fixture.service, id, "user:read").await;
    }
    let body = json!({"user_ids": [bob.id, alice.id]});
    assert_done(&fixture.bulk("delete", &body).await, &[alice.id, bob.id], &[]);
    for table in ["users", "sessions", "refresh_tokens", "user_roles"] {
        assert_eq!(
            fixture.sql(&format!("SELECT count(*) FROM {table}")).await,
            ["1"],
            "expected root's {table} alone"
        );
    }
    for account in [&alice, &bob] {
        assert_problem(&fixture.service.me(&account.tokens.access).await, 401, "invalid_token");
    }
    fixture.service.register("alice@example.com", PASSWORD).await.expect(201);
}

#[tokio::test]
async fn other_administrators_may_be_in_a_list() {
    for action in ["deactivate", "delete"] {
        let fixture = Fixture::start().await;
        let ids = fixture.add(3).await;
        fixture.sql(&format!("UPDATE users SET is_admin = true WHERE id IN ({}, {})", ids[0], ids[1])).await;
        grant(&fixture.service, ids[2], "admin:all").await;
        assert_done(&fixture.bulk(action, &json!({"user_ids": ids})).await, &ids, &[]);
        fixture.get("/users/").await.expect(200);
    }
}

#[tokio::test]
async fn administrators_may_be_in_their_own_list_of_accounts_to_activate() {
    let fixture = Fixture::start().await;
    let ids = fixture.add(1).await;
    let both = [fixture.root.id, ids[0]];
    assert_done(&fixture.bulk("activate", &json!({"user_ids": both})).await, &both, &[]);
}

#[tokio::test]
async fn nothing_changes_when_postgres_fails_in_the_middle() {
    for action in ACTIONS {
        let fixture = Fixture::start().await;
        let alice = fixture.service.account("alice@example.com").await;
        let mut ids = fixture.add_for(action, 9).await;
        ids.insert(4, alice.id);
        let refuse = format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF OLD.id = {} THEN RAISE EXCEPTION 'the private cause'; END IF;
                 RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
             END $$;
             CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION refuse()",
            ids[6]
        );
        fixture.sql(&refuse).await;
        let before = everything(&fixture.service).await;
        let answer = fixture.bulk(action, &json!({"user_ids": ids})).await;
        assert_problem(&answer, 500, "internal_error");
        assert!(!answer.body.contains("private"), "expected no cause: {answer:#?}");
        let log = fixture.service.logs().of_request(&answer.request_id()).await;
        assert!(
            log.causes().iter().any(|it| it.contains("the private cause")),
            "expected the cause: {log:#?}"
        );
        assert_eq!(everything(&fixture.service).await, before, "{action}");
        fixture.service.me(&alice.tokens.access).await.expect(200);
        ids.remove(6);
        assert_done(&fixture.bulk(action, &json!({"user_ids": ids})).await, &ids, &[]);
    }
}

/// The route runs one statement after the guard's statement.
#[tokio::test]
async fn a_list_of_any_length_is_one_statement() {
    for count in [1_usize, 500] {
        let fixture = Fixture::start().await;
        let ids = fixture.add(count).await;
        for action in ["deactivate", "activate", "delete"] {
            let id = format!("{action}-{count}");
            let request =
                fixture.service.put(&format!("/users/bulk/{action}")).bearer(&fixture.root.tokens.access);
            assert_done(&request.id(&id).json(&json!({"user_ids": ids})).send().await, &ids, &[]);
            let log = fixture.service.logs().of_request(&id).await;
            assert_eq!(log.statements().len(), 2, "{action} of {count}: {log:#?}");
        }
    }
}

#[tokio::test]
async fn unknown_members_are_ignored() {
    let fixture = Fixture::start().await;
    let ids = fixture.add(2).await;
    let body =
        json!({"user_ids": [ids[0]], "ids": [ids[1]], "is_admin": true, "all": true, "x": Value::Null});
    for action in ["deactivate", "activate"] {
        assert_done(&fixture.bulk(action, &body).await, &ids[..1], &[]);
    }
    assert_eq!(fixture.sql("SELECT count(*) FROM users WHERE is_active AND NOT is_admin").await, ["2"]);
}

#[tokio::test]
async fn bulk_routes_accept_a_trailing_slash() {
    let fixture = Fixture::start().await;
    let ids = fixture.add(1).await;
    for action in ["activate/", "deactivate/", "activate?x=y", "delete/?x=y"] {
        assert_done(&fixture.bulk(action, &json!({"user_ids": ids})).await, &ids, &[]);
    }
}

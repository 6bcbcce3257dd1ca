//! `GET /users/statistics`

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::{Value, json};
use users_tests::{Barrier, PASSWORD, assert_common_headers, assert_no_store, assert_problem};

use crate::support::{Fixture, bulk, grant};

const PATH: &str = "/users/statistics";

impl Fixture {
    async fn statistics(&self) -> Value {
        self.get(PATH).await.expect(200).json()
    }

    /// The figure with this name.
    async fn figure(&self, name: &str) -> i64 {
        self.statistics().await[name].as_i64().unwrap_or_else(|| panic!("expected a number {name}"))
    }

    /// The three numbers, each as counting all rows would have it.
    async fn counted(&self) -> Vec<String> {
        self.sql(
            "SELECT (SELECT count(*) FROM users),
                    (SELECT count(*) FROM users WHERE created_at > now() - interval '7 days'),
                    (SELECT count(*) FROM sessions WHERE expires_at > now())",
        )
        .await
    }

    async fn assert_counts_are_right(&self) {
        let figures = self.statistics().await;
        let shown =
            format!("{}|{}|{}", figures["accounts"], figures["new_this_week"], figures["active_sessions"]);
        assert_eq!(self.counted().await, [shown], "expected the numbers of rows: {figures:#}");
    }
}

#[tokio::test]
async fn the_figures_are_as_documented() {
    let fixture = Fixture::start().await;
    let answer = fixture.get(PATH).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let figures = answer.json();
    let members: BTreeSet<&str> =
        figures.as_object().expect("an object").keys().map(String::as_str).collect();
    let expected = [
        "accounts",
        "active_sessions",
        "hours",
        "new_this_week",
        "oldest_unsent_mail_seconds",
        "schema_version",
    ];
    assert_eq!(members, BTreeSet::from(expected));
    let applied = fixture.sql("SELECT max(version) FROM users_schema_migrations WHERE success").await;
    assert_eq!(figures["schema_version"].to_string(), applied[0]);
    assert_eq!(fixture.get(&format!("{PATH}/")).await.expect(200).json()["accounts"], figures["accounts"]);
    assert_problem(&fixture.put(PATH).await, 405, "method_not_allowed");
}

#[tokio::test]
async fn readers_of_accounts_see_the_figures_and_others_do_not() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let ask = async || fixture.service.get(PATH).bearer(&alice.tokens.access).send().await;
    assert_problem(&ask().await, 403, "admin_required");
    assert_problem(&fixture.service.get(PATH).send().await, 401, "not_authenticated");
    grant(&fixture.service, alice.id, "accounts:read").await;
    assert!(ask().await.expect(200).json()["accounts"].as_i64() >= Some(2));
}

#[tokio::test]
async fn accounts_are_counted_when_they_come_and_go() {
    let fixture = Fixture::start().await;
    fixture.assert_counts_are_right().await;
    fixture.service.register("alice@example.com", PASSWORD).await.expect(201);
    let program =
        fixture.post("/users/", &json!({"kind": "service", "full_name": "robot"})).await.expect(201);
    assert_eq!(fixture.figure("accounts").await, 3);
    fixture.delete(&format!("/users/{}", program.json()["id"])).await.expect(204);
    assert_eq!(fixture.figure("accounts").await, 2);
    fixture.service.register("alice@example.com", PASSWORD).await.expect(409);
    assert_eq!(fixture.figure("accounts").await, 2);

    let ids = fixture.add(300).await;
    fixture.assert_counts_are_right().await;
    fixture.bulk("delete", &json!({"user_ids": ids[..200]})).await.expect(200);
    assert_eq!(fixture.figure("accounts").await, 102);
    fixture.assert_counts_are_right().await;
}

#[tokio::test]
async fn accounts_are_new_for_a_week() {
    let fixture = Fixture::start().await;
    let ids = fixture.add(4).await;
    for (id, age) in ids.iter().zip(["0 days", "6 days 23 hours", "7 days 1 hour", "90 days"]) {
        fixture.sql(&format!("UPDATE users SET created_at = now() - interval '{age}' WHERE id = {id}")).await;
    }
    let figures = fixture.statistics().await;
    assert_eq!((&figures["accounts"], &figures["new_this_week"]), (&json!(5), &json!(3)));
    for (deleted, left) in [(ids[3], 3), (ids[1], 2), (ids[2], 2), (ids[0], 1)] {
        fixture.delete(&format!("/users/{deleted}")).await.expect(204);
        assert_eq!(fixture.figure("new_this_week").await, left);
    }
    assert_eq!(fixture.figure("accounts").await, 1);
}

#[tokio::test]
async fn sessions_are_active_until_they_end_or_expire() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let tokens = fixture.service.login("alice@example.com", PASSWORD).await;
    assert_eq!(fixture.figure("active_sessions").await, 3);
    fixture.service.refresh(&tokens.refresh).await.expect(200);
    assert_eq!(fixture.figure("active_sessions").await, 3, "expected a refresh to open no session");
    fixture.service.post("/auth/logout").bearer(&alice.tokens.access).send().await.expect(204);
    assert_eq!(fixture.figure("active_sessions").await, 2);
    // It has expired, and nobody has deleted it yet.
    fixture.sql(&format!("UPDATE sessions SET expires_at = now() WHERE user_id = {}", alice.id)).await;
    assert_eq!(fixture.figure("active_sessions").await, 1);
    // The login deletes it.
    fixture.service.login("alice@example.com", PASSWORD).await;
    assert_eq!(fixture.figure("active_sessions").await, 2);
    fixture.put(&format!("/users/{}/deactivate", alice.id)).await.expect(200);
    assert_eq!(fixture.figure("active_sessions").await, 1);
    fixture.assert_counts_are_right().await;
}

#[tokio::test]
async fn the_age_of_the_oldest_mail_is_told_until_it_is_sent() {
    let fixture = Fixture::start().await;
    fixture.sql("DELETE FROM outbox").await;
    assert_eq!(fixture.statistics().await["oldest_unsent_mail_seconds"], Value::Null);
    fixture
        .sql(
            "INSERT INTO outbox (kind, user_id, created_at, next_attempt_at, sent_at, failed_at) VALUES
                 ('password_changed', 1, now() - interval '3 hours', now(), now(), NULL),
                 ('password_changed', 1, now() - interval '2 hours', now(), NULL, now()),
                 ('password_changed', 1, now() - interval '1 hour', now() + interval '1 hour', NULL, NULL),
                 ('password_changed', 1, now() - interval '1 minute', now(), NULL, NULL)",
        )
        .await;
    let age = fixture.figure("oldest_unsent_mail_seconds").await;
    assert!((3600..3660).contains(&age), "expected an hour: {age}");
    fixture.sql("UPDATE outbox SET sent_at = now() WHERE sent_at IS NULL AND failed_at IS NULL").await;
    assert_eq!(fixture.statistics().await["oldest_unsent_mail_seconds"], Value::Null);
}

#[tokio::test]
async fn attempts_to_log_in_are_told_and_those_that_succeeded() {
    let fixture = Fixture::start().await;
    fixture.sql("DELETE FROM login_hours").await;
    fixture.service.login("root@example.com", PASSWORD).await;
    fixture.service.try_login("root@example.com", "not the password").await.expect(401);
    fixture.service.try_login("nobody@example.com", PASSWORD).await.expect(401);
    let hours = fixture.statistics().await["hours"].as_array().expect("a list").clone();
    let sum = |name: &str| hours.iter().filter_map(|it| it[name].as_i64()).sum::<i64>();
    assert_eq!((sum("attempts"), sum("logins")), (3, 1), "{hours:#?}");
}

#[tokio::test]
async fn attempts_and_logins_are_told_for_the_last_day() {
    let fixture = Fixture::start().await;
    fixture.sql("DELETE FROM login_hours").await;
    fixture
        .sql(
            "INSERT INTO login_hours (hour, shard, attempts, logins)
             SELECT date_trunc('hour', now(), 'UTC') - ago * interval '1 hour', shard, 3, 1
               FROM unnest(ARRAY[2, 23, 24]) AS ago, unnest(ARRAY[4, 5]) AS shard",
        )
        .await;
    let hours = fixture.statistics().await["hours"].as_array().expect("a list").clone();
    assert_eq!(hours.len(), 24);
    let expected = fixture
        .sql(
            "SELECT to_char(date_trunc('hour', now(), 'UTC') AT TIME ZONE 'UTC' - ago * interval '1 hour',
                            'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
               FROM generate_series(23, 0, -1) AS ago",
        )
        .await;
    let shown: Vec<&str> = hours.iter().filter_map(|it| it["hour"].as_str()).collect();
    assert_eq!(shown, expected, "expected the last hours, the oldest first");
    for (place, hour) in hours.iter().enumerate() {
        let expected = match place {
            0 | 21 => (6, 2),
            _ => (0, 0),
        };
        assert_eq!((&hour["attempts"], &hour["logins"]), (&json!(expected.0), &json!(expected.1)), "{hour}");
    }
}

#[tokio::test]
async fn the_figures_take_one_statement_besides_that_of_the_guard() {
    let fixture = Fixture::start().await;
    let token = &fixture.root.tokens.access;
    fixture.service.get(PATH).bearer(token).id("figures").send().await.expect(200);
    assert_eq!(fixture.service.logs().of_request("figures").await.statements().len(), 2);
}

#[tokio::test]
async fn counts_stay_right_and_few_when_many_come_and_go_at_once() {
    let fixture = Fixture::with_many_instances().await;
    let ids = fixture.add(400).await;
    fixture
        .sql("INSERT INTO sessions (user_id, expires_at) SELECT id, now() + interval '1 day' FROM users, generate_series(1, 3)")
        .await;
    let fixture = &fixture;
    let deletions = ids.chunks(100).map(async |ids| {
        bulk(&fixture.service, &fixture.root, "delete", &json!({"user_ids": ids})).await.expect(200);
    });
    let additions = (0..4).map(async |n| {
        for m in 0..10 {
            fixture.post("/users/", &json!({"email": format!("new{n}.{m}@example.com")})).await.expect(201);
        }
    });
    tokio::join!(join_all(deletions), join_all(additions));
    fixture.assert_counts_are_right().await;
    let kept = fixture.sql("SELECT count(*) < 256 FROM count_changes").await;
    assert_eq!(kept, ["t"], "expected the rows to be summed up");
}

#[tokio::test]
async fn two_that_sum_up_at_once_lose_no_count() {
    let fixture = Fixture::start().await;
    fixture
        .sql(
            "DELETE FROM count_changes;
             INSERT INTO count_changes (id, what, change) OVERRIDING SYSTEM VALUE
             VALUES (1001, 'accounts', 100), (1002, 'accounts', 50), (1003, 'accounts', -50)",
        )
        .await;
    let barrier =
        Barrier::within(&fixture.service, "counted_hour(created_at timestamptz) RETURNS timestamptz").await;
    // Sums up, because its number is a multiple of 64.
    let late = fixture.sql(
        "INSERT INTO count_changes (id, what, change) OVERRIDING SYSTEM VALUE VALUES (6400, 'accounts', 0)",
    );
    let early = async {
        barrier.one_is_blocked().await;
        // The first two rows, summed up by somebody else while the statement reads them.
        fixture
            .sql("UPDATE count_changes SET change = 150 WHERE id = 1001; DELETE FROM count_changes WHERE id = 1002")
            .await;
        barrier.release().await;
    };
    tokio::join!(late, early);
    assert_eq!(fixture.figure("accounts").await, 100);
    assert_eq!(fixture.sql("SELECT id || '|' || change FROM count_changes").await, ["1001|100"]);
}

#[tokio::test]
async fn sums_of_former_weeks_are_one_row() {
    let fixture = Fixture::start().await;
    fixture
        .sql(
            "INSERT INTO users (email, password_hash, created_at)
             SELECT 'old' || n || '@example.com', '!', now() - n * interval '1 hour' FROM generate_series(1, 192) AS n;
             UPDATE count_changes SET hour = hour - interval '3 days'",
        )
        .await;
    // Every 64th change sums up.
    fixture
        .sql(
            "DO $$ BEGIN FOR n IN 1..64 LOOP
                 INSERT INTO users (email, password_hash) VALUES ('new' || n || '@example.com', '!');
             END LOOP; END $$",
        )
        .await;
    let old = "SELECT count(*) FROM count_changes WHERE hour < now() - interval '8 days' - interval '1 hour'";
    assert_eq!(fixture.sql(old).await, ["0"]);
    assert_eq!(fixture.figure("accounts").await, 1 + 192 + 64);
}

//! Common behaviour of `activate`, `deactivate`, `make-admin` and `remove-admin`.

use serde_json::json;
use users_tests::{
    PASSWORD, assert_common_headers, assert_no_store, assert_problem, assert_user, pointers, token,
};

use crate::get::INVALID_IDS;
use crate::support::{Fixture, everything};

/// Each action, its column and the new value.
const CHANGES: [(&str, &str, bool); 4] = [
    ("activate", "is_active", true),
    ("deactivate", "is_active", false),
    ("make-admin", "is_admin", true),
    ("remove-admin", "is_admin", false),
];

impl Fixture {
    /// Adds an account whose column has the other value.
    async fn to_be_changed(&self, column: &str, value: bool) -> i64 {
        let id = self.add(1).await[0];
        self.sql(&format!(
            "UPDATE users SET email = 'changed{id}@example.com', {column} = {},
                    created_at = '2020-01-01Z', updated_at = '2021-02-03 04:05:06.789Z' WHERE id = {id}",
            !value
        ))
        .await;
        id
    }
}

#[tokio::test]
async fn a_change_returns_the_changed_user_and_alters_nothing_else() {
    let fixture = Fixture::start().await;
    for (action, column, value) in CHANGES {
        let id = fixture.to_be_changed(column, value).await;
        let before = fixture.get(&format!("/users/{id}")).await.expect(200).json();
        let answer = fixture.put(&format!("/users/{id}/{action}")).await.expect(200);
        assert_common_headers(&answer);
        assert_no_store(&answer);
        let user = answer.json();
        assert_user(&user);
        let expected = token::with(&before, column, value);
        assert_eq!(user, token::with(&expected, "updated_at", user["updated_at"].clone()), "{action}");
        assert_eq!(fixture.get(&format!("/users/{id}")).await.expect(200).json(), user, "{action}");
        let stored = format!(
            "SELECT {column}, updated_at BETWEEN now() - interval '1 h' AND now() FROM users WHERE id = {id}"
        );
        assert_eq!(fixture.sql(&stored).await, [format!("{}|t", if value { "t" } else { "f" })], "{action}");
    }
}

#[tokio::test]
async fn a_repeated_change_succeeds_and_keeps_updated_at() {
    let fixture = Fixture::start().await;
    for (action, column, value) in CHANGES {
        let id = fixture.to_be_changed(column, value).await;
        let once = fixture.put(&format!("/users/{id}/{action}")).await.expect(200).json();
        assert_ne!(once["updated_at"], "2021-02-03T04:05:06.789000Z", "{action}: expected it to move");
        for _ in 0..2 {
            let again = fixture.put(&format!("/users/{id}/{action}")).await.expect(200);
            assert_eq!(again.json(), once, "{action} again");
        }
    }
}

#[tokio::test]
async fn a_change_keeps_other_accounts_unchanged() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    for (action, column, value) in CHANGES {
        let id = fixture.to_be_changed(column, value).await;
        let others = format!("SELECT u::text FROM users u WHERE id <> {id} ORDER BY id");
        let before = fixture.sql(&others).await;
        fixture.put(&format!("/users/{id}/{action}")).await.expect(200);
        assert_eq!(fixture.sql(&others).await, before, "{action}");
    }
    fixture.service.me(&alice.tokens.access).await.expect(200);
    assert_eq!(fixture.sql("SELECT count(*) FROM sessions").await, ["2"], "expected other sessions to go on");
}

#[tokio::test]
async fn a_change_of_an_unknown_account_is_404() {
    let fixture = Fixture::start().await;
    for (action, ..) in CHANGES {
        for id in [1_000_000, 2_147_483_647] {
            assert_problem(&fixture.put(&format!("/users/{id}/{action}")).await, 404, "not_found");
        }
    }
    assert_problem(&fixture.delete("/users/1000000").await, 404, "not_found");
}

#[tokio::test]
async fn a_change_with_an_invalid_id_is_422() {
    let fixture = Fixture::start().await;
    let before = everything(&fixture.service).await;
    for id in INVALID_IDS.iter().chain(&["%00", "me"]) {
        for (action, ..) in CHANGES {
            let answer = fixture.put(&format!("/users/{id}/{action}")).await;
            assert_eq!(pointers(&answer), ["/user_id"], "{id} {action}: {answer:#?}");
        }
        let answer = fixture.delete(&format!("/users/{id}")).await;
        assert_eq!(pointers(&answer), ["/user_id"], "DELETE {id}: {answer:#?}");
    }
    assert_eq!(everything(&fixture.service).await, before);
}

#[tokio::test]
async fn a_change_ignores_its_body() {
    let fixture = Fixture::start().await;
    for (action, column, value) in CHANGES {
        let id = fixture.to_be_changed(column, value).await;
        let path = format!("/users/{id}/{action}");
        let request = || fixture.service.put(&path).bearer(&fixture.root.tokens.access);
        let body =
            json!({"is_admin": !value, "is_active": !value, "id": fixture.root.id, "email": "x@example.com"});
        for request in [
            request().json(&body),
            request().body("application/json", "{"),
            request().body("text/plain", "hello"),
            request().body("application/json", ""),
            request().untyped_body(vec![0, 255]),
        ] {
            let user = request.send().await.expect(200).json();
            assert_eq!((&user["id"], &user[column]), (&json!(id), &json!(value)), "{action}: {user:#}");
            assert_eq!(user["email"], format!("changed{id}@example.com"), "{action}: {user:#}");
        }
    }
}

#[tokio::test]
async fn a_change_accepts_a_trailing_slash_and_ignores_parameters() {
    let fixture = Fixture::start().await;
    for (action, column, value) in CHANGES {
        for rest in ["", "/", "?x=y", "/?limit=0&is_active=maybe"] {
            let id = fixture.to_be_changed(column, value).await;
            let user = fixture.put(&format!("/users/{id}/{action}{rest}")).await.expect(200).json();
            assert_eq!(user[column], value, "{action}{rest}");
        }
    }
}

#[tokio::test]
async fn administrators_may_activate_and_promote_themselves() {
    let fixture = Fixture::start().await;
    let before = everything(&fixture.service).await;
    for action in ["activate", "make-admin"] {
        let user = fixture.put(&format!("/users/{}/{action}", fixture.root.id)).await.expect(200).json();
        assert!(user["is_active"] == true && user["is_admin"] == true, "{action}: {user:#}");
    }
    assert_eq!(everything(&fixture.service).await, before);
}

#[tokio::test]
async fn is_active_and_is_admin_are_independent() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.register("alice@example.com", PASSWORD).await.expect(201).json();
    let path = format!("/users/{}", alice["id"]);
    let mut expected = (true, false);
    for action in ["make-admin", "deactivate", "remove-admin", "make-admin", "activate", "remove-admin"] {
        match action {
            "activate" => expected.0 = true,
            "deactivate" => expected.0 = false,
            "make-admin" => expected.1 = true,
            _ => expected.1 = false,
        }
        let user = fixture.put(&format!("{path}/{action}")).await.expect(200).json();
        let state = (user["is_active"] == true, user["is_admin"] == true);
        assert_eq!(state, expected, "after {action}: {user:#}");
    }
}

//! `/users/…`: what administrators do with accounts.

use serde_json::{Value, json};
use users_tests::{Account, PASSWORD, assert_problem, assert_user, pointers, token};

use crate::world::{World, content, id, ids};

#[tokio::test]
async fn an_administrator_finds_accounts() {
    let world = World::new().await;
    let mut people = Vec::new();
    for name in ["ada", "barbara", "grace", "mary"] {
        people.push(world.service.account(&format!("{name}@example.com")).await.id);
    }
    world.order(&world.root, &format!("/users/{}/deactivate", people[1])).await.expect(200);
    assert_problem(&world.service.get("/users/").send().await, 401, "not_authenticated");

    let all = content(&world.get(&world.root, "/users/").await, 200);
    assert_eq!(ids(&all), [&[world.root.id], people.as_slice()].concat());
    all.as_array().expect("a list").iter().for_each(assert_user);

    let first = world.get(&world.root, "/users/?limit=2&total=true").await;
    assert_eq!(ids(&content(&first, 200)), [world.root.id, people[0]]);
    assert_eq!(first.header("x-total-count").as_deref(), Some("5"));
    let link = first.header("link").expect("there is a next page");
    let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
    let next = world.get(&world.root, next.expect("a link to the next page")).await;
    assert_eq!(ids(&content(&next, 200)), people[1..3]);

    for (query, expected) in [
        ("skip=3&limit=10", &people[2..]),
        ("skip=0&limit=10&search=GRACE&active_only=true", &people[2..3]),
        ("search=bar", &people[1..2]),
        ("search=bar&active_only=true", &[]),
        ("search=nobody", &[]),
    ] {
        let found = content(&world.get(&world.root, &format!("/users/?{query}")).await, 200);
        assert_eq!(ids(&found), expected, "{query}");
    }
    let wrong = world.get(&world.root, "/users/?skip=-1&limit=1001").await;
    assert_eq!(pointers(&wrong), ["/limit", "/skip"]);

    let one = content(&world.get(&world.root, &format!("/users/{}", people[2])).await, 200);
    assert_eq!((id(&one), &one["email"]), (people[2], &json!("grace@example.com")));
    assert_problem(&world.get(&world.root, "/users/999999").await, 404, "not_found");
}

#[tokio::test]
async fn an_administrator_deactivates_an_account_and_activates_it_again() {
    let world = World::new().await;
    let grace = world.service.account("grace@example.com").await;
    let change = async |action: &str| {
        content(&world.order(&world.root, &format!("/users/{}/{action}", grace.id)).await, 200)
    };
    let before = content(&world.get(&world.root, &format!("/users/{}", grace.id)).await, 200);

    for _ in 0..2 {
        let user = change("deactivate").await;
        assert_eq!((id(&user), &user["is_active"]), (grace.id, &json!(false)), "expected no error twice");
    }
    assert_problem(&world.service.me(&grace.tokens.access).await, 403, "inactive_account");
    assert_problem(&world.service.refresh(&grace.tokens.refresh).await, 401, "invalid_token");
    assert_problem(&world.service.try_login(&grace.email, PASSWORD).await, 403, "inactive_account");
    assert_eq!(world.rows_of("sessions", grace.id).await, 0);

    let user = change("activate").await;
    assert_eq!(user, token::with(&before, "updated_at", user["updated_at"].clone()));
    assert_problem(&world.service.me(&grace.tokens.access).await, 401, "invalid_token");
    let tokens = world.service.login(&grace.email, PASSWORD).await;
    world.service.me(&tokens.access).await.expect(200);
    assert_eq!(world.sql("SELECT count(*) FROM users WHERE is_active").await, ["2"]);
}

#[tokio::test]
async fn an_administrator_makes_another_one_and_unmakes_it() {
    let world = World::new().await;
    let grace = world.service.account("grace@example.com").await;
    let administrators = "SELECT email FROM users WHERE is_admin ORDER BY id";
    assert_problem(&world.get(&grace, "/users/").await, 403, "admin_required");
    let own = format!("/users/{}/make-admin", grace.id);
    assert_problem(&world.order(&grace, &own).await, 403, "admin_required");

    let user = content(&world.order(&world.root, &own).await, 200);
    assert_eq!(user["is_admin"], true);
    content(&world.get(&grace, "/users/").await, 200);
    assert_eq!(world.sql(administrators).await, ["root@example.com", "grace@example.com"]);

    for action in ["remove-admin", "deactivate"] {
        let answer = world.order(&world.root, &format!("/users/{}/{action}", world.root.id)).await;
        assert_problem(&answer, 409, "cannot_target_self");
    }
    let answer = world.delete(&world.root, &format!("/users/{}", world.root.id)).await;
    assert_problem(&answer, 409, "cannot_target_self");

    let user = content(&world.order(&world.root, &format!("/users/{}/remove-admin", grace.id)).await, 200);
    assert_eq!(user["is_admin"], false);
    assert_problem(&world.get(&grace, "/users/").await, 403, "admin_required");
    assert_eq!(world.sql(administrators).await, ["root@example.com"]);
}

#[tokio::test]
async fn an_administrator_changes_many_accounts_at_once() {
    let world = World::new().await;
    let grace = world.service.account("grace@example.com").await;
    let mary = world.service.account("mary@example.com").await;
    let both = json!([grace.id, mary.id]);
    let states = "SELECT is_active FROM users ORDER BY id";

    for (action, expected) in [("deactivate", ["t", "f", "f"]), ("activate", ["t", "t", "t"])] {
        let body = json!({"user_ids": [grace.id, mary.id, 999_999]});
        let answer = world.put(&world.root, &format!("/users/bulk/{action}"), &body).await;
        let expected_body = json!({"count": 2, "user_ids": both, "not_found": [999_999]});
        assert_eq!(content(&answer, 200), expected_body, "{action}");
        assert_eq!(world.sql(states).await, expected, "{action}");
    }
    // Her session has not come back.
    let grace = Account { tokens: world.service.login(&grace.email, PASSWORD).await, ..grace };
    refused_lists(&world, &grace).await;
    assert_eq!(world.sql(states).await, ["t", "t", "t"], "expected all or nothing");

    let body = json!({"user_ids": both});
    let answer = world.put(&world.root, "/users/bulk/delete", &body).await;
    assert_eq!(content(&answer, 200), json!({"count": 2, "user_ids": both, "not_found": []}));
    assert_eq!(world.sql("SELECT email FROM users").await, ["root@example.com"]);
    assert_problem(&world.service.try_login(&mary.email, PASSWORD).await, 401, "invalid_credentials");
}

async fn refused_lists(world: &World, grace: &Account) {
    let with_oneself = json!({"user_ids": [grace.id, world.root.id]});
    for action in ["deactivate", "delete"] {
        let path = format!("/users/bulk/{action}");
        assert_problem(&world.put(&world.root, &path, &with_oneself).await, 409, "cannot_target_self");
        for wrong in [json!([]), json!("all"), Value::Null] {
            let answer = world.put(&world.root, &path, &json!({"user_ids": wrong})).await;
            assert_eq!(pointers(&answer), ["/user_ids"], "{action} {wrong}");
        }
        assert_problem(&world.put(grace, &path, &with_oneself).await, 403, "admin_required");
    }
}

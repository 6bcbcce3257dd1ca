//! `/rbac/…`: permissions, roles, and what somebody may do who has them.

use serde_json::{Value, json};
use users_tests::{Account, Answer, assert_problem, pointers};

use crate::world::{World, content, id, ids};

/// Makes something, looks at it where the answer says it is, and returns it.
async fn make(world: &World, path: &str, body: &Value) -> Value {
    let answer = world.post(&world.root, path, body).await;
    let made = content(&answer, 201);
    let place = answer.header("location").unwrap_or_else(|| panic!("expected where it is: {answer:#?}"));
    assert_eq!(place, format!("{path}/{}", made["id"]));
    assert_eq!(content(&world.get(&world.root, &place).await, 200), made);
    made
}

async fn permission(world: &World, resource: &str, action: &str) -> Value {
    let body = json!({
        "name": format!("{resource}:{action}"), "description": format!("{action} a {resource}"), "resource": resource,
        "action": action,
    });
    let made = make(world, "/rbac/permissions", &body).await;
    let mut expected = body;
    expected["id"] = made["id"].clone();
    assert_eq!(made, expected);
    made
}

/// Whether somebody may do something to an article.
async fn may(world: &World, who: &Account, action: &str) -> bool {
    let body = json!({"resource": "article", "action": action});
    let answer = content(&world.post(who, "/rbac/check-permission", &body).await, 200);
    let expected = json!({
        "allowed": answer["allowed"], "user_id": who.id, "resource": "article", "action": action,
    });
    assert_eq!(answer, expected);
    answer["allowed"].as_bool().unwrap_or_else(|| panic!("expected an answer: {answer:#}"))
}

#[tokio::test]
async fn an_administrator_grants_a_role_and_it_counts_from_the_next_request_until_it_is_taken() {
    let world = World::new().await;
    let grace = world.service.account("grace@example.com").await;
    let (publish, delete) =
        (permission(&world, "article", "publish").await, permission(&world, "article", "delete").await);
    let editor =
        json!({"name": "editor", "description": "Looks after articles", "permission_ids": [id(&publish)]});
    let editor = make(&world, "/rbac/roles", &editor).await;
    assert_eq!((&editor["permissions"], &editor["is_default"]), (&json!([publish]), &json!(false)));
    assert!(!may(&world, &grace, "publish").await);

    let roles = format!("/rbac/users/{}/roles", grace.id);
    let grant = json!({"user_id": grace.id, "role_ids": [id(&editor)]});
    assert_problem(&world.post(&grace, &roles, &grant).await, 403, "admin_required");
    let granted = content(&world.post(&world.root, &roles, &grant).await, 200);
    assert_eq!(granted["user_id"], grace.id);
    assert_eq!(granted["roles"], content(&world.get(&world.root, &roles).await, 200));
    assert!(ids(&granted["roles"]).contains(&id(&editor)), "{granted:#}");
    assert!(may(&world, &grace, "publish").await && !may(&world, &grace, "delete").await);
    knows_what_she_may(&world, &grace, &publish).await;
    administrator_asks_for_her(&world, &grace).await;

    let change = json!({"name": "editor", "permission_ids": [id(&publish), id(&delete)]});
    let path = format!("/rbac/roles/{}", editor["id"]);
    let changed = content(&world.put(&world.root, &path, &change).await, 200);
    assert_eq!(changed["permissions"], json!([publish, delete]));
    assert!(may(&world, &grace, "delete").await, "expected the token that she had before to be enough");

    let one = format!("{roles}/{}", editor["id"]);
    content(&world.delete(&world.root, &one).await, 204);
    assert_problem(&world.delete(&world.root, &one).await, 404, "not_found");
    assert!(!may(&world, &grace, "publish").await);
    let left =
        "SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id JOIN users u ON u.id = ur.user_id
                 WHERE u.email = 'grace@example.com'";
    assert_eq!(world.sql(left).await, ["user"]);
}

async fn knows_what_she_may(world: &World, grace: &Account, publish: &Value) {
    let mine = content(&world.get(grace, "/rbac/my-permissions").await, 200);
    assert_eq!((&mine["user_id"], &mine["is_admin"]), (&json!(grace.id), &json!(false)));
    assert_eq!(mine["roles"], json!(["editor", "user"]));
    let names: Vec<_> = mine["permissions"].as_array().into_iter().flatten().map(|it| &it["name"]).collect();
    assert_eq!(names, [&json!("user:read"), &publish["name"]]);
    let me = content(&world.get(grace, "/auth/me").await, 200);
    assert_eq!(me["roles"], mine["roles"]);
}

async fn administrator_asks_for_her(world: &World, grace: &Account) {
    let about = async |asker: &Account, user: i64, action: &str| -> Answer {
        let body = json!({"resource": "article", "action": action, "user_id": user});
        world.post(asker, "/rbac/check-permission", &body).await
    };
    for (action, allowed) in [("publish", true), ("delete", false)] {
        let answer = content(&about(&world.root, grace.id, action).await, 200);
        assert_eq!((&answer["allowed"], &answer["user_id"]), (&json!(allowed), &json!(grace.id)), "{action}");
    }
    assert!(may(world, &world.root, "anything").await, "expected an administrator to be allowed everything");
    assert_problem(&about(grace, world.root.id, "publish").await, 403, "admin_required");
    let users = content(&world.get(&world.root, "/rbac/users").await, 200);
    assert_eq!(ids(&users), [world.root.id, grace.id]);
    let names: Vec<_> = users[1]["roles"].as_array().into_iter().flatten().map(|it| &it["name"]).collect();
    assert_eq!(names, ["user", "editor"]);
}

#[tokio::test]
async fn an_administrator_keeps_permissions_in_order() {
    let world = World::new().await;
    let publish = permission(&world, "article", "publish").await;
    let taken = json!({"name": "Article:Publish", "resource": "article", "action": "print"});
    assert_problem(&world.post(&world.root, "/rbac/permissions", &taken).await, 409, "name_taken");
    let wrong = json!({"name": "", "resource": "An Article", "action": "x".repeat(51)});
    let answer = world.post(&world.root, "/rbac/permissions", &wrong).await;
    assert_eq!(pointers(&answer), ["/action", "/name", "/resource"]);

    let path = format!("/rbac/permissions/{}", publish["id"]);
    let change = json!({"name": "article:print", "resource": "article", "action": "print"});
    let changed = content(&world.put(&world.root, &path, &change).await, 200);
    assert_eq!((&changed["id"], &changed["action"]), (&publish["id"], &json!("print")));
    let listed = content(&world.get(&world.root, "/rbac/permissions").await, 200);
    let names: Vec<_> = listed.as_array().into_iter().flatten().map(|it| &it["name"]).collect();
    assert_eq!(names, ["user:read", "user:write", "admin:all", "article:print"]);

    content(&world.delete(&world.root, &path).await, 204);
    assert_problem(&world.get(&world.root, &path).await, 404, "not_found");
    assert_eq!(world.sql("SELECT FROM permissions WHERE resource = 'article'").await.len(), 0);
}

#[tokio::test]
async fn an_administrator_makes_a_role_that_newcomers_are_given_and_deletes_it() {
    let world = World::new().await;
    let unknown = json!({"name": "reader", "permission_ids": [999_999]});
    assert_eq!(pointers(&world.post(&world.root, "/rbac/roles", &unknown).await), ["/permission_ids/0"]);
    let read = permission(&world, "article", "read").await;
    let reader = json!({"name": "reader", "is_default": true, "permission_ids": [read["id"]]});
    let reader = make(&world, "/rbac/roles", &reader).await;
    let listed = content(&world.get(&world.root, "/rbac/roles").await, 200);
    let names: Vec<_> = listed.as_array().into_iter().flatten().map(|it| &it["name"]).collect();
    assert_eq!(names, ["user", "moderator", "admin", "reader"]);

    let grace = world.service.account("grace@example.com").await;
    let me = content(&world.get(&grace, "/auth/me").await, 200);
    assert_eq!(me["roles"], json!(["reader", "user"]));
    assert!(may(&world, &grace, "read").await);

    content(&world.delete(&world.root, &format!("/rbac/roles/{}", reader["id"])).await, 204);
    assert!(!may(&world, &grace, "read").await);
    assert_eq!(world.rows_of("user_roles", grace.id).await, 1, "expected the grants to go with the role");
    assert_eq!(world.sql("SELECT FROM permissions WHERE resource = 'article'").await.len(), 1);
}

#[tokio::test]
async fn the_role_admin_makes_an_administrator() {
    let world = World::new().await;
    let grace = world.service.account("grace@example.com").await;
    assert_problem(&world.get(&grace, "/rbac/roles").await, 403, "admin_required");
    let roles = content(&world.get(&world.root, "/rbac/roles").await, 200);
    let admin = roles.as_array().into_iter().flatten().find(|role| role["name"] == "admin").map(id);
    let admin = admin.expect("there is a role admin");
    let path = format!("/rbac/users/{}/roles", grace.id);
    content(&world.post(&world.root, &path, &json!({"role_ids": [admin]})).await, 200);
    for surface in ["/rbac/roles", "/rbac/permissions", "/rbac/users", "/users/"] {
        content(&world.get(&grace, surface).await, 200);
    }
    assert!(may(&world, &grace, "anything").await);
}

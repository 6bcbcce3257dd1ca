//! All areas in one story.

use serde_json::{Value, json};
use users_tests::{Account, PASSWORD, Tokens, assert_problem, token};

use crate::world::{World, content, id, ids};

/// The tables that hold something of a user, each with the column that names the user.
const TRACES: [(&str, &str); 4] =
    [("users", "id"), ("sessions", "user_id"), ("profiles", "user_id"), ("user_roles", "user_id")];

#[tokio::test]
async fn an_account_lives_from_its_registration_to_its_deletion() {
    let world = World::new().await;
    let mut grace = moves_in(&world).await;
    settles(&world, &grace).await;
    grace.tokens = Tokens::of(&world.service.refresh(&grace.tokens.refresh).await.expect(200));
    let role = is_given_a_role(&world, &grace).await;
    is_shut_out(&world, &grace).await;
    comes_back(&world, &mut grace).await;
    leaves(&world, &grace, role).await;
}

async fn moves_in(world: &World) -> Account {
    let grace = world.service.account("grace@example.com").await;
    let me = content(&world.get(&grace, "/auth/me").await, 200);
    assert_eq!((&me["full_name"], &me["roles"]), (&Value::Null, &json!(["user"])));
    grace
}

/// Says in one request who she is and what she prefers; everybody who may see the account sees the name.
async fn settles(world: &World, grace: &Account) {
    let body = json!({
        "full_name": "Grace Hopper", "bio": "Nanoseconds, by the foot", "location": "Arlington",
        "preferences": {"theme": "dark", "privacy_public_profile": true},
    });
    let profile = content(&world.post(grace, "/profile/", &body).await, 201);
    assert_eq!(profile["preferences"], body["preferences"]);
    let path = format!("/users/{}", grace.id);
    for (who, path, field) in [
        (grace, "/auth/me", "/full_name"),
        (&world.root, path.as_str(), "/full_name"),
        (&world.root, "/users/?search=hopper", "/0/full_name"),
        (&world.root, "/rbac/users?skip=1", "/0/full_name"),
    ] {
        let seen = content(&world.get(who, path).await, 200);
        assert_eq!(seen.pointer(field), Some(&json!("Grace Hopper")), "{path}: {seen:#}");
    }
}

async fn is_given_a_role(world: &World, grace: &Account) -> i64 {
    let right = json!({"name": "report:approve", "resource": "report", "action": "approve"});
    let permission = content(&world.post(&world.root, "/rbac/permissions", &right).await, 201);
    let body = json!({"name": "approver", "permission_ids": [permission["id"]]});
    let role = id(&content(&world.post(&world.root, "/rbac/roles", &body).await, 201));
    let path = format!("/rbac/users/{}/roles", grace.id);
    let granted = content(&world.post(&world.root, &path, &json!({"role_ids": [role]})).await, 200);
    assert_eq!(granted["roles"].as_array().map(Vec::len), Some(2), "{granted:#}");
    assert!(may_approve(world, grace, grace).await && may_approve(world, &world.root, grace).await);
    role
}

async fn may_approve(world: &World, asker: &Account, whom: &Account) -> bool {
    let body = json!({"resource": "report", "action": "approve", "user_id": whom.id});
    content(&world.post(asker, "/rbac/check-permission", &body).await, 200)["allowed"] == true
}

/// A deactivated account can do nothing, may do nothing, and shows nothing; what belongs to it is kept.
async fn is_shut_out(world: &World, grace: &Account) {
    let stranger = world.service.account("howard@example.com").await;
    let profile = format!("/profile/{}", grace.id);
    content(&world.get(&stranger, &profile).await, 200);
    content(&world.order(&world.root, &format!("/users/{}/deactivate", grace.id)).await, 200);

    for path in ["/auth/me", "/profile/", "/profile/preferences", "/rbac/my-permissions"] {
        assert_problem(&world.get(grace, path).await, 403, "inactive_account");
    }
    assert!(!may_approve(world, &world.root, grace).await);
    assert_problem(&world.get(&stranger, &profile).await, 404, "not_found");
    content(&world.get(&world.root, &profile).await, 200);
    let counts = [("sessions", 0), ("profiles", 1), ("user_roles", 2)];
    for (table, count) in counts {
        assert_eq!(world.rows_of(table, grace.id).await, count, "{table}");
    }
}

/// Everything is as it was, but for the sessions.
async fn comes_back(world: &World, grace: &mut Account) {
    content(&world.order(&world.root, &format!("/users/{}/activate", grace.id)).await, 200);
    assert_problem(&world.service.me(&grace.tokens.access).await, 401, "invalid_token");
    let ended = token::claims(&grace.tokens.access)["sid"].clone();
    grace.tokens = world.service.login(&grace.email, PASSWORD).await;
    assert_ne!(token::claims(&grace.tokens.access)["sid"], ended);
    let profile = content(&world.get(grace, "/profile/").await, 200);
    assert_eq!(
        (&profile["location"], &profile["preferences"]["theme"]),
        (&json!("Arlington"), &json!("dark"))
    );
    let mine = content(&world.get(grace, "/rbac/my-permissions").await, 200);
    assert_eq!(mine["roles"], json!(["approver", "user"]));
    assert!(may_approve(world, grace, grace).await);
}

/// Nothing of hers is left, and others keep what is theirs.
async fn leaves(world: &World, grace: &Account, role: i64) {
    content(&world.delete(&world.root, &format!("/users/{}", grace.id)).await, 204);
    assert_problem(&world.get(grace, "/auth/me").await, 401, "invalid_token");
    assert_problem(&world.service.refresh(&grace.tokens.refresh).await, 401, "invalid_token");
    assert_problem(&world.service.try_login(&grace.email, PASSWORD).await, 401, "invalid_credentials");
    for path in [format!("/users/{}", grace.id), format!("/profile/{}", grace.id)] {
        assert_problem(&world.get(&world.root, &path).await, 404, "not_found");
    }
    for (table, column) in TRACES {
        let rows = world.sql(&format!("SELECT FROM {table} WHERE {column} = {}", grace.id)).await;
        assert_eq!(rows.len(), 0, "expected nothing in {table}");
    }
    let roles = content(&world.get(&world.root, "/rbac/roles").await, 200);
    assert!(ids(&roles).contains(&role), "expected the role to stay: {roles:#}");

    let other = world.service.account(&grace.email).await;
    assert_ne!(other.id, grace.id, "expected nobody to be taken for her");
    let profile = content(&world.get(&other, "/profile/").await, 200);
    assert_eq!((&profile["bio"], &profile["preferences"]), (&Value::Null, &json!({})));
}

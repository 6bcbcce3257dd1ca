//! Accounts and rights that a request is about: new ones for each, so that no attack takes them from the next.

use anyhow::Context;
use local_postgres::random_hex;
use serde_json::{Value, json};

use super::sample::Values;
use crate::bench::{World, text};

/// What a request needs to be a good one.
pub(super) struct Scene {
    /// An access token of an administrator who has no profile yet.
    pub(super) token: String,
    pub(super) values: Values,
}

impl Scene {
    /// With a number that no other one has.
    pub(super) fn make(world: &World, number: usize) -> anyhow::Result<Self> {
        let operator = world.administrator()?;
        let password = random_hex(16)?;
        let register = |name: &str| {
            let email = format!("{name}-{number}@example.com");
            let account = json!({"email": email, "password": password, "full_name": name});
            Ok::<_, anyhow::Error>((id(&world.ask(&operator, "POST", "/auth/register", &account)?)?, email))
        };
        let (administrator, its_email) = register("attacker")?;
        world.ask(&operator, "PUT", &format!("/users/{administrator}/make-admin"), &Value::Null)?;
        let (user, email) = register("target")?;
        let (permission, role) = rights(world, &operator, number, &user)?;
        let pair = world.log_in(&email, &password)?;
        let values = Values::from([
            ("user_id", user.clone()),
            ("user_ids", user),
            ("permission_id", permission.clone()),
            ("permission_ids", permission),
            ("role_id", role.clone()),
            ("role_ids", role),
            // Nobody has these two yet.
            ("email", format!("new-{number}@example.com")),
            ("name", format!("new-{number}")),
            ("username", email),
            ("password", password.clone()),
            ("refresh_token", text(&pair, "refresh_token")?),
            // Everybody's address has it.
            ("search", "example".to_owned()),
        ]);
        let token = text(&world.log_in(&its_email, &password)?, "access_token")?;
        Ok(Self { token, values })
    }
}

/// A permission, and a role that has it and is granted to an account.
fn rights(world: &World, token: &str, number: usize, user: &str) -> anyhow::Result<(String, String)> {
    let permission = json!({"name": format!("right-{number}"), "resource": "report", "action": "read"});
    let permission = id(&world.ask(token, "POST", "/rbac/permissions", &permission)?)?;
    let role = json!({"name": format!("role-{number}"), "permission_ids": [permission.parse::<i64>()?]});
    let role = id(&world.ask(token, "POST", "/rbac/roles", &role)?)?;
    let grant = json!({"role_ids": [role.parse::<i64>()?]});
    world.ask(token, "POST", &format!("/rbac/users/{user}/roles"), &grant)?;
    Ok((permission, role))
}

fn id(made: &Value) -> anyhow::Result<String> {
    made["id"].as_i64().map(|id| id.to_string()).context("the answer has no id")
}

//! Permissions, roles and who has them: `/rbac/…`.

use serde_json::{Value, json};

use super::accounts::Ada;
use super::client::Client;

/// An id that nothing has.
const NOTHING: i32 = 999_999;

pub(super) fn walk(client: &Client, admin: &str, ada: &Ada) -> anyhow::Result<()> {
    let (read, share) = permissions(client, admin)?;
    let role = roles(client, admin, &read, &share)?;
    grant(client, admin, ada, &role)?;
    ask(client, admin, ada)?;
    take_away(client, admin, ada, &role)?;
    delete(client, admin, &role, &read)
}

fn permissions(client: &Client, admin: &str) -> anyhow::Result<(Value, Value)> {
    let create = |title| client.post(title, "/rbac/permissions").by(admin);
    let read = json!({"name": "report:read", "resource": "report", "action": "read"});
    let mut made = create("A permission names an action on a resource.").json(read.clone()).expect(201)?;
    create("A name is taken once.").json(read).expect(409)?;
    create("A resource is a plain word.")
        .json(json!({"name": "odd", "resource": "No Word!", "action": "read"}))
        .expect(422)?;
    let share = json!({"name": "report:share", "resource": "report", "action": "share"});
    let mut shared = create("Another permission.").json(share).expect(201)?;
    client.get("All of them.", "/rbac/permissions").by(admin).expect(200)?;
    let (read, share) = (made["id"].take(), shared["id"].take());
    let one = format!("/rbac/permissions/{read}");
    client.get("One of them.", one.as_str()).by(admin).expect(200)?;
    client
        .put("It gets a description.", one)
        .by(admin)
        .json(json!({"name": "report:read", "description": "Read reports.", "resource": "report", "action": "read"}))
        .expect(200)?;
    Ok((read, share))
}

fn roles(client: &Client, admin: &str, read: &Value, share: &Value) -> anyhow::Result<Value> {
    let create = |title| client.post(title, "/rbac/roles").by(admin);
    let role = json!({"name": "analyst", "description": "Works on reports.", "permission_ids": [read]});
    let mut made = create("A role is a set of permissions.").json(role).expect(201)?;
    create("A role cannot have a permission that does not exist.")
        .json(json!({"name": "dreamer", "permission_ids": [NOTHING]}))
        .expect(422)?;
    client.get("All roles.", "/rbac/roles").by(admin).expect(200)?;
    let id = made["id"].take();
    let one = format!("/rbac/roles/{id}");
    client
        .put("A role gets other permissions: the list replaces the old one.", one.as_str())
        .by(admin)
        .json(json!({"name": "analyst", "permission_ids": [read, share]}))
        .expect(200)?;
    client.get("One role.", one).by(admin).expect(200)?;
    Ok(id)
}

fn grant(client: &Client, admin: &str, ada: &Ada, role: &Value) -> anyhow::Result<()> {
    let path = format!("/rbac/users/{}/roles", ada.id);
    let body = json!({"role_ids": [role]});
    client.post("Ada is given the role.", path.as_str()).by(admin).json(body.clone()).expect(200)?;
    client.post("She cannot give herself any.", path.as_str()).by(&ada.token).json(body).expect(403)?;
    client.get("Ada's roles.", path).by(admin).expect(200)?;
    client.get("Everybody's roles.", "/rbac/users?limit=5").by(admin).expect(200)?;
    Ok(())
}

fn ask(client: &Client, admin: &str, ada: &Ada) -> anyhow::Result<()> {
    let check = |title| client.post(title, "/rbac/check-permission");
    let share = json!({"resource": "report", "action": "share"});
    check("May Ada share reports? The token is hers, and as it was.")
        .by(&ada.token)
        .json(share)
        .expect(200)?;
    let delete = json!({"resource": "report", "action": "delete"});
    check("May she delete them?").by(&ada.token).json(delete).expect(200)?;
    client.get("What may she do?", "/rbac/my-permissions").by(&ada.token).expect(200)?;
    let of = |user_id: &Value| json!({"resource": "report", "action": "read", "user_id": user_id});
    check("An administrator may ask for anybody.").by(admin).json(of(&ada.id)).expect(200)?;
    let own = client.get("The administrator's own rights.", "/rbac/my-permissions").by(admin).expect(200)?;
    check("Ada may not ask for others.").by(&ada.token).json(of(&own["user_id"])).expect(403)?;
    Ok(())
}

fn take_away(client: &Client, admin: &str, ada: &Ada, role: &Value) -> anyhow::Result<()> {
    let path = format!("/rbac/users/{}/roles/{role}", ada.id);
    client.delete("The role is taken away.", path.as_str()).by(admin).expect(204)?;
    client.delete("It cannot be taken twice.", path).by(admin).expect(404)?;
    client
        .post("May Ada still share reports?", "/rbac/check-permission")
        .by(&ada.token)
        .json(json!({"resource": "report", "action": "share"}))
        .expect(200)?;
    Ok(())
}

fn delete(client: &Client, admin: &str, role: &Value, permission: &Value) -> anyhow::Result<()> {
    client.delete("A role is deleted.", format!("/rbac/roles/{role}")).by(admin).expect(204)?;
    let permission = format!("/rbac/permissions/{permission}");
    client.delete("A permission is deleted.", permission.as_str()).by(admin).expect(204)?;
    client.get("It is gone.", permission).by(admin).expect(404)?;
    Ok(())
}

//! What administrators do with accounts: `/users/…`.

use serde_json::{Value, json};

use super::Person;
use super::accounts::Ada;
use super::client::Client;

/// An id that nobody has.
const NOBODY: i32 = 999_999;

pub(super) fn walk(client: &Client, admin: &str, ada: &Ada) -> anyhow::Result<()> {
    client.get("Ada may not see the accounts.", "/users/").by(&ada.token).expect(403)?;
    let bea = Person::new("bea@example.com")?;
    let bea_id = client.register("Bea opens an account.", &bea, "Beatrice Portinari")?;
    let cid = Person::new("cid@example.org")?;
    let cid_id = client.register("And so does Cid.", &cid, "Rodrigo Díaz")?;
    list(client, admin, ada)?;
    look(client, admin, ada)?;
    deactivate(client, admin, &bea, &bea_id)?;
    administrators(client, admin, ada)?;
    many(client, admin, &bea_id, &cid_id)
}

fn list(client: &Client, admin: &str, ada: &Ada) -> anyhow::Result<()> {
    let two = "/users/?limit=2&total=true";
    client.get("An administrator lists them, two on a page.", two).by(admin).expect(200)?;
    client.get("The next page, by number.", "/users/?skip=2&limit=2").by(admin).expect(200)?;
    let after = format!("/users/?after={}&limit=2", ada.id);
    client
        .get("The accounts after Ada's, which costs the same on every page.", after)
        .by(admin)
        .expect(200)?;
    let search = "/users/?search=LOVE&active_only=true";
    client.get("Who has these letters in the name or the address?", search).by(admin).expect(200)?;
    client.get("A page cannot have 5000 accounts.", "/users/?limit=5000").by(admin).expect(422)?;
    Ok(())
}

fn look(client: &Client, admin: &str, ada: &Ada) -> anyhow::Result<()> {
    client.get("One account.", format!("/users/{}", ada.id)).by(admin).expect(200)?;
    client.get("An account that does not exist.", format!("/users/{NOBODY}")).by(admin).expect(404)?;
    Ok(())
}

fn deactivate(client: &Client, admin: &str, bea: &Person, id: &Value) -> anyhow::Result<()> {
    let token = client.log_in("Bea logs in.", bea)?;
    let deactivate = format!("/users/{id}/deactivate");
    client.put("Her account is deactivated.", deactivate).by(admin).expect(200)?;
    client.get("Her token fails from the next request on.", "/auth/me").by(&token).expect(403)?;
    client.put("Her account is activated again.", format!("/users/{id}/activate")).by(admin).expect(200)?;
    client.get("Her session stays ended.", "/auth/me").by(&token).expect(401)?;
    client.log_in("She logs in again.", bea)?;
    Ok(())
}

fn administrators(client: &Client, admin: &str, ada: &Ada) -> anyhow::Result<()> {
    let id = &ada.id;
    client.put("Ada becomes an administrator.", format!("/users/{id}/make-admin")).by(admin).expect(200)?;
    client.get("Now she may.", "/users/?limit=1").by(&ada.token).expect(200)?;
    client
        .put("Ada is no administrator any more.", format!("/users/{id}/remove-admin"))
        .by(admin)
        .expect(200)?;
    client.get("Now she may not.", "/users/?limit=1").by(&ada.token).expect(403)?;
    let own = client.get("Who is the administrator?", "/auth/me").by(admin).expect(200)?;
    let own = format!("/users/{}/remove-admin", own["id"]);
    client.put("Administrators cannot demote themselves.", own).by(admin).expect(409)?;
    Ok(())
}

fn many(client: &Client, admin: &str, bea: &Value, cid: &Value) -> anyhow::Result<()> {
    let both = || json!({"user_ids": [bea, cid]});
    let put = |title, path| client.put(title, path).by(admin);
    put("Several accounts are deactivated at once.", "/users/bulk/deactivate").json(both()).expect(200)?;
    put("And activated.", "/users/bulk/activate").json(both()).expect(200)?;
    put("An empty list is a mistake.", "/users/bulk/delete").json(json!({"user_ids": []})).expect(422)?;
    put("Accounts are deleted; what is not there is told.", "/users/bulk/delete")
        .json(json!({"user_ids": [cid, NOBODY]}))
        .expect(200)?;
    client.delete("One account is deleted.", format!("/users/{bea}")).by(admin).expect(204)?;
    client.delete("It cannot be deleted twice.", format!("/users/{bea}")).by(admin).expect(404)?;
    Ok(())
}

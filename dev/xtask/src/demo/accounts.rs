//! Accounts and tokens: `/auth/…`.

use serde_json::{Value, json};

use super::Person;
use super::client::{Client, text};

/// Ada, who opens an account here and comes back in the next chapters.
pub(super) struct Ada {
    pub(super) id: Value,
    /// The access token of a session that is open.
    pub(super) token: String,
}

pub(super) fn walk(client: &Client) -> anyhow::Result<Ada> {
    let ada = Person::new("ada@example.com")?;
    let id = register(client, &ada)?;
    log_in(client, &ada)?;
    end_a_session(client, &ada)?;
    let token = client.log_in("Ada logs in again.", &ada)?;
    Ok(Ada { id, token })
}

fn register(client: &Client, ada: &Person) -> anyhow::Result<Value> {
    let id = client.register("Ada opens an account.", ada, "Ada Lovelace")?;
    client
        .post("An address has one account, however it is cased.", "/auth/register")
        .json(json!({"email": ada.email.to_uppercase(), "password": ada.password}))
        .expect(409)?;
    client
        .post("Every field that breaks a rule is named.", "/auth/register")
        .json(json!({"email": "not an address", "password": "short"}))
        .expect(422)?;
    Ok(id)
}

fn log_in(client: &Client, ada: &Person) -> anyhow::Result<()> {
    client
        .post("A wrong password is refused as an unknown address is.", "/auth/login")
        .form([("username", ada.email), ("password", "a wrong password")])
        .expect(401)?;
    let token = client.log_in("Ada logs in, with a form as OAuth 2 has it.", ada)?;
    client.get("Without a token nobody is known.", "/auth/me").expect(401)?;
    client.get("With it, Ada is.", "/auth/me").by(&token).expect(200)?;
    client.post("Is the token good?", "/auth/test-token").by(&token).expect(200)?;
    Ok(())
}

fn end_a_session(client: &Client, ada: &Person) -> anyhow::Result<()> {
    let first = client
        .post("Ada logs in on another device.", "/auth/login")
        .form([("username", ada.email), ("password", &ada.password)])
        .expect(200)?;
    let second = client
        .post("A refresh token is exchanged for a new pair.", "/auth/refresh")
        .json(json!({"refresh_token": text(&first, "refresh_token")?}))
        .expect(200)?;
    let token = text(&second, "access_token")?;
    client.post("Ada logs out there.", "/auth/logout").by(&token).expect(204)?;
    client.get("From then on the session's tokens fail.", "/auth/me").by(&token).expect(401)?;
    client
        .post("So does its refresh token.", "/auth/refresh")
        .json(json!({"refresh_token": text(&second, "refresh_token")?}))
        .expect(401)?;
    Ok(())
}

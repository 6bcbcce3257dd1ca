//! What needs no account.

use super::client::Client;

pub(super) fn walk(client: &Client) -> anyhow::Result<()> {
    client.get("What is this?", "/").expect(200)?;
    client.get("Is it alive?", "/healthz").expect(200)?;
    client.get("Can it do its work?", "/readyz").expect(200)?;
    client.get("A path that does not exist has a problem document for an answer.", "/nowhere").expect(404)?;
    Ok(())
}

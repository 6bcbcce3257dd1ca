//! Profiles and preferences: `/profile/…`.

use serde_json::json;

use super::Person;
use super::accounts::Ada;
use super::client::Client;

/// One's own profile.
const PROFILE: &str = "/profile/";
const PREFERENCES: &str = "/profile/preferences";

pub(super) fn walk(client: &Client, admin: &str, ada: &Ada) -> anyhow::Result<()> {
    profile(client, ada)?;
    preferences(client, ada)?;
    versions(client, ada)?;
    readers(client, admin, ada)?;
    remove(client, ada)
}

fn profile(client: &Client, ada: &Ada) -> anyhow::Result<()> {
    let create = |title| client.post(title, PROFILE).by(&ada.token);
    client.get("Ada has told nothing about herself yet.", PROFILE).by(&ada.token).expect(200)?;
    create("Every field that breaks a rule is named, and nothing is kept.")
        .json(json!({
            "bio": "Mathematician",
            "website": "javascript:alert(1)",
            "phone_number": "call me",
            "birth_date": "2190-12-10",
            "preferences": {"theme": "purple"},
        }))
        .expect(422)?;
    create("Ada creates her profile.")
        .json(json!({
            "bio": "Mathematician",
            "avatar_url": "https://example.com/ada.png",
            "location": "London",
            "website": "https://example.com/ada",
            "phone_number": "+44 20 7946-0958",
            "birth_date": "1990-12-10",
        }))
        .expect(201)?;
    create("It can be created once.").json(json!({"bio": "Another one"})).expect(409)?;
    client
        .put("What is sent is changed, null clears a field, everything else stays.", PROFILE)
        .by(&ada.token)
        .json(json!({"full_name": "Ada King", "location": null}))
        .expect(200)?;
    Ok(())
}

fn preferences(client: &Client, ada: &Ada) -> anyhow::Result<()> {
    let put = |title| client.put(title, PREFERENCES).by(&ada.token);
    put("Ada sets preferences: some that the service knows, and one of her application's.")
        .json(
            json!({"theme": "dark", "language": "en-GB", "timezone": "Europe/London", "editor": {"tabs": 4}}),
        )
        .expect(200)?;
    put("They are merged key by key; null removes one.")
        .json(json!({"theme": "system", "timezone": null, "notifications_email": true}))
        .expect(200)?;
    put("The values of known keys are checked.")
        .json(json!({"timezone": "Mars/Olympus", "notifications_sms": "yes"}))
        .expect(422)?;
    client.get("The preferences by themselves.", PREFERENCES).by(&ada.token).expect(200)?;
    Ok(())
}

fn versions(client: &Client, ada: &Ada) -> anyhow::Result<()> {
    let read = client.get("An answer tells the profile's version.", PROFILE).by(&ada.token).version(200)?;
    client
        .get("While it is the newest one, the profile is not sent again.", PROFILE)
        .by(&ada.token)
        .header("If-None-Match", &read)
        .expect(304)?;
    let change = |title| client.put(title, PROFILE).by(&ada.token).header("If-Match", &read);
    change("Ada changes the version that she has read.")
        .json(json!({"bio": "Poetical scientist"}))
        .expect(200)?;
    change("Her other device has read that version, too: its change would undo hers, and is refused.")
        .json(json!({"bio": "Mathematician, London"}))
        .expect(412)?;
    Ok(())
}

fn readers(client: &Client, admin: &str, ada: &Ada) -> anyhow::Result<()> {
    let dan = Person::new("dan@example.com")?;
    client.register("Dan opens an account.", &dan, "Dan Dare")?;
    let dan = client.log_in("He logs in.", &dan)?;
    let path = format!("/profile/{}", ada.id);
    client
        .get("For him Ada's profile is not there: it is private until she says otherwise.", path.as_str())
        .by(&dan)
        .expect(404)?;
    client
        .put("Ada shows it to everybody who has an account.", PREFERENCES)
        .by(&ada.token)
        .json(json!({"privacy_public_profile": true}))
        .expect(200)?;
    client
        .get("Dan sees it, without address, telephone number, birth date and preferences.", path.as_str())
        .by(&dan)
        .expect(200)?;
    client.get("An administrator sees all of it, public or not.", path).by(admin).expect(200)?;
    Ok(())
}

fn remove(client: &Client, ada: &Ada) -> anyhow::Result<()> {
    client.delete("Ada removes her picture.", "/profile/avatar").by(&ada.token).expect(204)?;
    client.get("The rest is still there.", PROFILE).by(&ada.token).expect(200)?;
    client
        .delete("She deletes her profile, and the preferences with it.", PROFILE)
        .by(&ada.token)
        .expect(204)?;
    client.get("Her account stays, and its name.", PROFILE).by(&ada.token).expect(200)?;
    Ok(())
}

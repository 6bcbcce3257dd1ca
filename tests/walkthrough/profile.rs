//! `/profile/…`: what a user tells, prefers and shows to others.

use serde_json::{Value, json};
use users_tests::{Account, Answer, assert_problem, fields, pointers};

use crate::world::{World, content};

const PREFERENCES: &str = "/profile/preferences";

/// What she tells about herself.
fn told() -> Value {
    json!({
        "bio": "Writes compilers, and keeps the moth.",
        "avatar_url": "https://grace.example.org/portrait.jpg",
        "location": "Arlington, Virginia",
        "website": "https://grace.example.org/",
        "phone_number": "+1 (703) 555-0142",
        "birth_date": "1906-12-09",
    })
}

/// What she prefers.
fn preferred() -> Value {
    json!({
        "theme": "dark", "language": "en-US", "timezone": "America/New_York",
        "notifications_email": true, "notifications_sms": false, "editor": {"columns": 80},
    })
}

/// The version of an answer.
#[track_caller]
fn version(answer: &Answer) -> String {
    answer.header("etag").unwrap_or_else(|| panic!("expected a version: {answer:#?}"))
}

#[tokio::test]
async fn a_user_creates_a_profile_sets_preferences_and_reads_it_all_back() {
    let world = World::new().await;
    let grace = world.service.account("grace@example.com").await;
    let empty = content(&world.get(&grace, "/profile/").await, 200);
    for field in ["full_name", "bio", "avatar_url", "location", "website", "phone_number", "birth_date"] {
        assert_eq!(empty[field], Value::Null, "expected {field} to be null until it is set");
    }
    assert_eq!(world.rows_of("profiles", grace.id).await, 0, "expected reading to keep nothing");

    let answer = world.post(&grace, "/profile/", &told()).await;
    let created = content(&answer, 201);
    assert_eq!(answer.header("location"), Some(format!("/profile/{}", grace.id)));
    assert_problem(&world.post(&grace, "/profile/", &told()).await, 409, "profile_exists");

    assert_eq!(content(&world.put(&grace, PREFERENCES, &preferred()).await, 200), preferred());
    let change = json!({"theme": "light", "timezone": null});
    let mut merged = preferred();
    merged["theme"] = "light".into();
    merged.as_object_mut().expect("an object").remove("timezone");
    assert_eq!(content(&world.put(&grace, PREFERENCES, &change).await, 200), merged);
    assert_eq!(content(&world.get(&grace, PREFERENCES).await, 200), merged);

    let profile = content(&world.get(&grace, "/profile/").await, 200);
    let mut expected = told();
    for (field, value) in [
        ("id", json!(grace.id)),
        ("user_id", json!(grace.id)),
        ("email", json!("grace@example.com")),
        ("full_name", Value::Null),
        ("preferences", merged.clone()),
        ("created_at", created["created_at"].clone()),
        ("updated_at", profile["updated_at"].clone()),
    ] {
        expected[field] = value;
    }
    assert_eq!(profile, expected);
    assert!(
        profile["updated_at"].as_str() > created["updated_at"].as_str(),
        "expected a later change: {profile:#}"
    );

    let row = "SELECT user_id, is_created, bio, location, phone_number, birth_date FROM profiles";
    let kept = "t|Writes compilers, and keeps the moth.|Arlington, Virginia|+1 (703) 555-0142|1906-12-09";
    assert_eq!(world.sql(row).await, [format!("{}|{kept}", grace.id)]);
    let kept = world.sql("SELECT preferences FROM profiles").await;
    assert_eq!(serde_json::from_str::<Value>(&kept[0]).expect("it is JSON"), merged);
}

#[tokio::test]
async fn a_user_is_told_every_mistake_at_once_and_nothing_is_kept() {
    let world = World::new().await;
    let grace = world.service.account("grace@example.com").await;
    let wrong = json!({
        "bio": "x".repeat(2001), "website": "ftp://grace.example.org/", "avatar_url": "portrait.jpg",
        "phone_number": "the usual", "birth_date": "1906-02-30", "preferences": {"theme": "blue", "language": 1},
    });
    let expected = [
        "/avatar_url",
        "/bio",
        "/birth_date",
        "/phone_number",
        "/preferences/language",
        "/preferences/theme",
        "/website",
    ];
    assert_eq!(pointers(&world.post(&grace, "/profile/", &wrong).await), expected);
    assert_eq!(pointers(&world.put(&grace, "/profile/", &wrong).await), expected);
    let answer = world.put(&grace, PREFERENCES, &json!({"timezone": "Nowhere", "theme": "dark"})).await;
    assert_eq!(pointers(&answer), ["/timezone"]);
    assert_eq!(world.rows_of("profiles", grace.id).await, 0);
}

#[tokio::test]
async fn a_careful_client_neither_reads_twice_nor_overwrites_what_it_has_not_read() {
    let world = World::new().await;
    let grace = world.service.account("grace@example.com").await;
    world.post(&grace, "/profile/", &told()).await.expect(201);
    let read = version(&world.get(&grace, "/profile/").await.expect(200));
    let ask = |method: &str| world.service.request(method, "/profile/").bearer(&grace.tokens.access);

    let same = ask("GET").header("if-none-match", &read).send().await;
    assert_eq!((same.status, same.body.as_str(), version(&same)), (304, "", read.clone()));

    let change = json!({"bio": "Rear admiral", "full_name": "Grace Hopper"});
    let changed = ask("PUT").header("if-match", &read).json(&change).send().await.expect(200);
    assert_ne!(version(&changed), read);
    let stale = ask("PUT").header("if-match", &read).json(&json!({"bio": "Ensign"})).send().await;
    assert_problem(&stale, 412, "precondition_failed");

    let now = ask("GET").header("if-none-match", &read).send().await.expect(200);
    assert_eq!((version(&now), now.json()), (version(&changed), changed.json()));
    let both = "SELECT p.bio, u.full_name FROM profiles p JOIN users u ON u.id = p.user_id";
    assert_eq!(world.sql(both).await, ["Rear admiral|Grace Hopper"]);
}

#[tokio::test]
async fn a_user_shows_the_profile_to_strangers_and_hides_it_again() {
    let world = World::new().await;
    let grace = world.service.account("grace@example.com").await;
    let stranger = world.service.account("howard@example.com").await;
    world.post(&grace, "/profile/", &told()).await.expect(201);
    let path = format!("/profile/{}", grace.id);
    let public = [
        "avatar_url",
        "bio",
        "created_at",
        "full_name",
        "id",
        "location",
        "updated_at",
        "user_id",
        "website",
    ];
    for is_public in [false, true, false] {
        let choice = json!({"privacy_public_profile": is_public});
        world.put(&grace, PREFERENCES, &choice).await.expect(200);
        let whole = content(&world.get(&grace, "/profile/").await, 200);
        for reader in [&grace, &world.root] {
            assert_eq!(content(&world.get(reader, &path).await, 200), whole, "as {} sees it", reader.email);
        }
        let seen = world.get(&stranger, &path).await;
        if is_public {
            let seen = content(&seen, 200);
            assert_eq!(fields(&seen), public);
            assert!(public.iter().all(|field| seen[field] == whole[field]), "{seen:#} of {whole:#}");
        } else {
            assert_problem(&seen, 404, "not_found");
        }
    }
    assert_problem(&world.get(&stranger, "/profile/999999").await, 404, "not_found");
}

#[tokio::test]
async fn a_user_removes_the_picture_and_then_the_whole_profile() {
    let world = World::new().await;
    let grace = world.service.account("grace@example.com").await;
    world.post(&grace, "/profile/", &told()).await.expect(201);
    world.put(&grace, PREFERENCES, &preferred()).await.expect(200);

    content(&world.delete(&grace, "/profile/avatar").await, 204);
    assert_eq!(world.sql("SELECT avatar_url IS NULL, bio IS NULL FROM profiles").await, ["t|f"]);
    content(&world.delete(&grace, "/profile/").await, 204);
    let after = content(&world.get(&grace, "/profile/").await, 200);
    assert_eq!((&after["bio"], &after["preferences"]), (&Value::Null, &json!({})));
    assert_account_is_there(&world, &grace).await;
    assert_eq!(world.sql("SELECT FROM profiles WHERE bio IS NOT NULL OR preferences <> '{}'").await.len(), 0);

    world.post(&grace, "/profile/", &json!({"bio": "Back again"})).await.expect(201);
}

async fn assert_account_is_there(world: &World, account: &Account) {
    let me = content(&world.get(account, "/auth/me").await, 200);
    assert_eq!((&me["id"], &me["email"]), (&json!(account.id), &json!(account.email)));
}

//! `/profile/` and `/profile/avatar`: the caller's own profile.

use serde_json::{Value, json};
use users_tests::{
    assert_common_headers, assert_no_store, assert_problem, assert_timestamp, fields, pointers,
};

use crate::support::{Fixture, PROFILE_FIELDS, assert_holds, assert_nothing, full};

/// The fields that are null at first.
const UNSET: [&str; 7] =
    ["avatar_url", "bio", "birth_date", "full_name", "location", "phone_number", "website"];

#[tokio::test]
async fn fields_are_null_until_they_are_set() {
    let fixture = Fixture::start().await;
    let answer = fixture.get("/profile/").await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let profile = answer.json();
    assert_eq!(fields(&profile), PROFILE_FIELDS);
    for field in UNSET {
        assert_eq!(profile[field], Value::Null, "expected {field} to be null: {profile:#}");
    }
    assert_eq!(profile["preferences"], json!({}));
    assert_eq!(profile["email"], "ada@example.com");
    assert_eq!((&profile["id"], &profile["user_id"]), (&json!(fixture.ada.id), &json!(fixture.ada.id)));
    assert_timestamp(&profile["created_at"]);
    assert_timestamp(&profile["updated_at"]);
    assert_eq!(
        fixture.get("/profile").await.expect(200).json(),
        profile,
        "expected the same answer with a slash"
    );
}

#[tokio::test]
async fn a_read_runs_one_statement() {
    let fixture = Fixture::start().await;
    for round in ["without", "with"] {
        for (name, path) in [("profile", "/profile/"), ("preferences", "/profile/preferences")] {
            let id = format!("{name}-{round}");
            fixture.ask("GET", path).id(&id).send().await.expect(200);
            let log = fixture.service.logs().of_request(&id).await;
            assert_eq!(log.statements().len(), 1, "expected one statement: {log:#?}");
        }
        if round == "without" {
            fixture.post(&full()).await.expect(201);
        }
    }
}

#[tokio::test]
async fn a_write_runs_one_statement_after_the_guard() {
    let fixture = Fixture::start().await;
    let body = full();
    for (id, method, path, body) in [
        ("create", "POST", "/profile/", Some(&body)),
        ("update", "PUT", "/profile/", Some(&body)),
        ("merge", "PUT", "/profile/preferences", Some(&body["preferences"])),
        ("picture", "DELETE", "/profile/avatar", None),
        ("delete", "DELETE", "/profile/", None),
    ] {
        let mut request = fixture.ask(method, path).id(id);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await;
        assert!([200, 201, 204].contains(&answer.status), "expected success: {answer:#?}");
        let log = fixture.service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 2, "expected two statements: {log:#?}");
    }
}

#[tokio::test]
async fn a_profile_is_created_with_the_sent_values() {
    let fixture = Fixture::start().await;
    let answer = fixture.post(&full()).await.expect(201);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let location = answer.header("location").unwrap_or_default();
    assert_eq!(location, format!("/profile/{}", fixture.ada.id), "expected Location: {answer:#?}");
    let profile = answer.json();
    assert_eq!(fields(&profile), PROFILE_FIELDS);
    assert_holds(&profile, &full());
    assert_eq!(fixture.profile().await, profile);
    assert_eq!(fixture.get(&location).await.expect(200).json(), profile);
}

#[tokio::test]
async fn a_profile_may_be_created_empty() {
    let fixture = Fixture::start().await;
    let profile = fixture.post(&json!({})).await.expect(201).json();
    for field in UNSET {
        assert_eq!(profile[field], Value::Null, "expected {field} to be null: {profile:#}");
    }
    assert_problem(&fixture.post(&json!({})).await, 409, "profile_exists");
}

#[tokio::test]
async fn a_second_profile_is_409_and_changes_nothing() {
    let fixture = Fixture::start().await;
    fixture.post(&full()).await.expect(201);
    let before = fixture.everything().await;
    assert_problem(
        &fixture.post(&json!({"bio": "another", "full_name": "Eve"})).await,
        409,
        "profile_exists",
    );
    assert_eq!(fixture.everything().await, before, "expected nothing to change");
}

#[tokio::test]
async fn a_change_creates_a_profile() {
    let fixture = Fixture::start().await;
    fixture.put("/profile/", &json!({"bio": "x"})).await.expect(200);
    assert_problem(&fixture.post(&json!({})).await, 409, "profile_exists");
}

#[tokio::test]
async fn of_concurrent_creations_one_succeeds() {
    let fixture = Fixture::with_many_instances().await;
    let bodies: Vec<Value> = (0..8).map(|n| json!({"bio": n.to_string()})).collect();
    let answers = futures::future::join_all(bodies.iter().map(|body| fixture.post(body))).await;
    let created: Vec<_> = answers.iter().filter(|it| it.status == 201).collect();
    assert_eq!(created.len(), 1, "expected one: {answers:#?}");
    for refused in answers.iter().filter(|it| it.status != 201) {
        assert_problem(refused, 409, "profile_exists");
    }
    assert_eq!(fixture.profile().await, created[0].json());
}

#[tokio::test]
async fn every_invalid_field_is_listed_with_its_pointer() {
    let fixture = Fixture::start().await;
    let bad = json!({
        "full_name": "x".repeat(256), "bio": "x".repeat(2001), "avatar_url": "https://u:p@example.com/",
        "location": "x".repeat(256), "website": "javascript:alert(1)", "phone_number": "0123", "birth_date": "2999-01-01",
        "preferences": {
            "theme": "blue", "language": "en_US", "timezone": "Mars/Olympus", "notifications_email": 1,
            "notifications_sms": "yes", "privacy_public_profile": {},
        },
    });
    let expected = [
        "/avatar_url",
        "/bio",
        "/birth_date",
        "/full_name",
        "/location",
        "/phone_number",
        "/preferences/language",
        "/preferences/notifications_email",
        "/preferences/notifications_sms",
        "/preferences/privacy_public_profile",
        "/preferences/theme",
        "/preferences/timezone",
        "/website",
    ];
    let before = fixture.everything().await;
    assert_eq!(pointers(&fixture.post(&bad).await), expected);
    assert_eq!(pointers(&fixture.put("/profile/", &bad).await), expected);
    assert_eq!(fixture.everything().await, before, "expected nothing to change");
}

#[tokio::test]
async fn values_of_another_type_are_invalid() {
    let fixture = Fixture::start().await;
    let bad = json!({
        "full_name": 1, "bio": [], "avatar_url": {}, "location": true, "website": 1.5, "phone_number": 4420,
        "birth_date": 1990, "preferences": [],
    });
    let expected = [
        "/avatar_url",
        "/bio",
        "/birth_date",
        "/full_name",
        "/location",
        "/phone_number",
        "/preferences",
        "/website",
    ];
    assert_eq!(pointers(&fixture.post(&bad).await), expected);
    assert_eq!(pointers(&fixture.put("/profile/", &bad).await), expected);
}

#[tokio::test]
async fn every_field_has_its_documented_length() {
    let fixture = Fixture::start().await;
    let url = |length: usize| format!("https://example.com/{}", "é".repeat(length - 20));
    let longest = json!({
        "full_name": "é".repeat(255), "bio": "🦀".repeat(2000), "location": "é".repeat(255), "website": url(500),
        "avatar_url": url(500), "phone_number": "+123456789012345", "birth_date": "1900-01-01",
    });
    assert_holds(&fixture.post(&longest).await.expect(201).json(), &longest);
    let too_long = json!({
        "full_name": "é".repeat(256), "bio": "🦀".repeat(2001), "location": "é".repeat(256), "website": url(501),
        "avatar_url": url(501), "phone_number": "+1234567890123456", "birth_date": "1899-12-31",
    });
    assert_eq!(pointers(&fixture.put("/profile/", &too_long).await).len(), 7);
    assert_holds(&fixture.profile().await, &longest);
}

#[tokio::test]
async fn a_birth_date_is_past() {
    let fixture = Fixture::start().await;
    let days = fixture
        .service
        .sql("SELECT (now() AT TIME ZONE 'UTC')::date + n FROM generate_series(-2, 1) n")
        .await;
    fixture.put("/profile/", &json!({"birth_date": days[0]})).await.expect(200);
    assert_eq!(pointers(&fixture.put("/profile/", &json!({"birth_date": days[3]})).await), ["/birth_date"]);
    assert_eq!(fixture.profile().await["birth_date"], days[0]);
}

#[tokio::test]
async fn only_the_fields_that_were_sent_change() {
    let fixture = Fixture::start().await;
    fixture.post(&full()).await.expect(201);
    let mut expected = fixture.profile().await;
    for (field, value) in [
        ("full_name", json!("Augusta Ada King")),
        ("bio", json!("Enchantress of number")),
        ("avatar_url", json!("http://example.org/a.jpg")),
        ("location", json!("")),
        ("website", json!("HTTPS://Example.org/A?b=c#d")),
        ("phone_number", json!("+1.555.0123")),
        ("birth_date", json!("2000-02-29")),
    ] {
        let mut body = json!({});
        body[field] = value.clone();
        let answer = fixture.put("/profile/", &body).await.expect(200);
        assert_common_headers(&answer);
        assert_no_store(&answer);
        let profile = answer.json();
        expected[field] = value;
        expected["updated_at"] = profile["updated_at"].clone();
        assert_eq!(profile, expected, "expected only {field} to change");
        assert_eq!(fixture.profile().await, profile);
    }
}

#[tokio::test]
async fn null_clears_a_field() {
    let fixture = Fixture::start().await;
    fixture.post(&full()).await.expect(201);
    let mut expected = fixture.profile().await;
    for field in UNSET {
        let mut body = json!({});
        body[field] = Value::Null;
        let profile = fixture.put("/profile/", &body).await.expect(200).json();
        expected[field] = Value::Null;
        expected["updated_at"] = profile["updated_at"].clone();
        assert_eq!(profile, expected, "expected only {field} to be cleared");
    }
    let profile = fixture.put("/profile/", &json!({"preferences": null})).await.expect(200).json();
    assert_eq!(profile["preferences"], json!({}));
    assert_eq!(fixture.profile().await, profile);
}

#[tokio::test]
async fn preferences_in_a_profile_are_merged() {
    let fixture = Fixture::start().await;
    fixture.post(&full()).await.expect(201);
    let change = json!({"preferences": {"theme": null, "y": [1]}});
    let profile = fixture.put("/profile/", &change).await.expect(200).json();
    assert_eq!(profile["preferences"], json!({"x": 1, "y": [1]}));
}

#[tokio::test]
async fn the_full_name_of_the_account_changes_with_the_profile() {
    let fixture = Fixture::start().await;
    for name in [json!("Ada"), json!("Augusta"), Value::Null] {
        fixture.put("/profile/", &json!({"full_name": name})).await.expect(200);
        let me = fixture.service.me(&fixture.ada.tokens.access).await.expect(200).json();
        assert_eq!(me["full_name"], name);
        assert_eq!(fixture.profile().await["full_name"], name);
    }
    fixture.delete("/profile/").await;
    fixture.post(&json!({"full_name": "Ada"})).await.expect(201);
    let me = fixture.service.me(&fixture.ada.tokens.access).await.expect(200).json();
    assert_eq!(me["full_name"], "Ada");
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let fixture = Fixture::start().await;
    let bob = fixture.service.account("bob@example.com").await;
    let before = fixture.service.me(&fixture.ada.tokens.access).await.expect(200).json();
    let body = json!({
        "email": "eve@example.com", "id": bob.id, "user_id": bob.id, "is_admin": true, "is_active": false,
        "created_at": "2000-01-01T00:00:00Z", "updated_at": 7, "password_hash": "!",
    });
    for answer in [fixture.post(&body).await.expect(201), fixture.put("/profile/", &body).await.expect(200)] {
        let profile = answer.json();
        assert_eq!(profile["email"], "ada@example.com");
        assert_eq!((&profile["id"], &profile["user_id"]), (&json!(fixture.ada.id), &json!(fixture.ada.id)));
    }
    let me = fixture.service.me(&fixture.ada.tokens.access).await.expect(200).json();
    assert_eq!(me, before, "expected the account to stay as it is");
    fixture.service.login("ada@example.com", users_tests::PASSWORD).await;
    let rows = fixture.service.sql("SELECT user_id FROM profiles").await;
    assert_eq!(rows, [fixture.ada.id.to_string()], "expected no profile of another account");
}

#[tokio::test]
async fn updated_at_moves_and_created_at_stays() {
    let fixture = Fixture::start().await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut last = fixture.post(&full()).await.expect(201).json();
    for n in 0..5 {
        let next = fixture.put("/profile/", &json!({"bio": n.to_string()})).await.expect(200).json();
        assert_timestamp(&next["updated_at"]);
        assert_eq!(next["created_at"], last["created_at"]);
        assert!(
            text(&next["updated_at"]) > text(&last["updated_at"]),
            "expected a later time: {last:#} {next:#}"
        );
        last = next;
    }
}

#[tokio::test]
async fn a_deleted_profile_is_empty_and_the_account_stays() {
    let fixture = Fixture::start().await;
    fixture.post(&full()).await.expect(201);
    assert_nothing(&fixture.delete("/profile/").await);
    let profile = fixture.profile().await;
    for field in UNSET.into_iter().filter(|it| *it != "full_name") {
        assert_eq!(profile[field], Value::Null, "expected {field} to be cleared: {profile:#}");
    }
    assert_eq!(profile["preferences"], json!({}));
    assert_eq!(fixture.preferences().await, json!({}));
    fixture.service.me(&fixture.ada.tokens.access).await.expect(200);
    fixture.service.login("ada@example.com", users_tests::PASSWORD).await;
    assert_nothing(&fixture.delete("/profile").await);
    let again = fixture.post(&json!({"bio": "again"})).await.expect(201).json();
    assert_eq!((&again["bio"], &again["location"]), (&json!("again"), &Value::Null));
}

#[tokio::test]
async fn a_deleted_picture_is_null_and_the_rest_stays() {
    let fixture = Fixture::start().await;
    assert_nothing(&fixture.delete("/profile/avatar").await);
    fixture.post(&full()).await.expect(201);
    let mut expected = fixture.profile().await;
    assert_nothing(&fixture.delete("/profile/avatar").await);
    let profile = fixture.profile().await;
    expected["avatar_url"] = Value::Null;
    expected["updated_at"] = profile["updated_at"].clone();
    assert_eq!(profile, expected);
    assert_nothing(&fixture.delete("/profile/avatar/").await);
    assert_eq!(fixture.profile().await, expected, "expected the second change to have no effect");
}

#[tokio::test]
async fn every_account_has_its_own_profile() {
    let fixture = Fixture::start().await;
    let bob = fixture.service.account("bob@example.com").await;
    fixture.post(&full()).await.expect(201);
    let theirs = fixture.service.get("/profile/").bearer(&bob.tokens.access).send().await.expect(200).json();
    assert_eq!((&theirs["bio"], &theirs["email"]), (&Value::Null, &json!("bob@example.com")));
    let request = fixture.service.delete("/profile/").bearer(&bob.tokens.access);
    assert_nothing(&request.send().await);
    assert_holds(&fixture.profile().await, &full());
}

//! The router of the component, run natively against a real Postgres.

use profile::{NAME, routes};
use serde_json::{Value, json};
use users_testing::{Service, assert_every_route_has_its_row};

/// A service with one account. The account's id is 1.
async fn service() -> Service {
    Service::start(NAME, routes(), "ada@example.com", false).await
}

#[test]
fn every_route_has_its_row_in_the_table_of_rights() {
    assert_every_route_has_its_row(NAME, &routes());
}

#[tokio::test]
async fn a_profile_is_created_and_deleted() {
    let service = service().await;
    let empty = service.get("/profile/").await.expect(200);
    assert_eq!((&empty.json["bio"], &empty.json["preferences"]), (&Value::Null, &json!({})));
    let body = json!({"bio": "I count.", "birth_date": "1815-12-10"});
    assert_eq!(service.post("/profile", &body).await.expect(422).json["errors"][0]["pointer"], "/birth_date");
    let body = json!({
        "full_name": "Ada", "bio": "I count.", "avatar_url": "https://example.com/a.png", "location": "London",
        "website": "https://example.com", "phone_number": "+44 20 7946 0958", "birth_date": "1990-12-10",
        "preferences": {"theme": "dark", "x": null},
    });
    let created = service.post("/profile", &body).await.expect(201);
    assert_eq!(created.headers["location"], "/profile/1");
    for (field, value) in body.as_object().unwrap() {
        let expected = if field == "preferences" { &json!({"theme": "dark"}) } else { value };
        assert_eq!(&created.json[field], expected, "{field}");
    }
    assert_eq!(service.get("/profile").await.expect(200).json, created.json);
    assert_eq!(service.post("/profile", &body).await.expect(409).text("code"), "profile_exists");
    service.delete("/profile/avatar").await.expect(204);
    assert_eq!(service.get("/profile").await.expect(200).json["avatar_url"], Value::Null);
    service.delete("/profile").await.expect(204);
    let cleared = service.get("/profile").await.expect(200).json;
    assert_eq!((&cleared["bio"], &cleared["full_name"]), (&Value::Null, &json!("Ada")));
    service.post("/profile", &json!({})).await.expect(201);
}

#[tokio::test]
async fn only_the_fields_that_are_sent_change() {
    let service = service().await;
    let first = service.put("/profile", &json!({"bio": "b", "location": "l"})).await.expect(200);
    assert_eq!((&first.json["bio"], &first.json["location"]), (&json!("b"), &json!("l")));
    let second = service.put("/profile", &json!({"bio": null, "full_name": "Ada"})).await.expect(200).json;
    assert_eq!(
        (&second["bio"], &second["location"], &second["full_name"]),
        (&Value::Null, &json!("l"), &json!("Ada"))
    );
    assert_ne!(first.json["updated_at"], second["updated_at"]);
    service.post("/profile", &json!({})).await.expect(409);
}

#[tokio::test]
async fn preferences_are_merged_even_before_a_profile_exists() {
    let service = service().await;
    let path = "/profile/preferences";
    assert_eq!(service.get(path).await.expect(200).json, json!({}));
    assert_eq!(
        service.put(path, &json!({"theme": "dark", "x": [1, {"y": null}]})).await.expect(200).json,
        json!({"theme": "dark", "x": [1, {"y": null}]})
    );
    assert_eq!(
        service.put(path, &json!({"theme": null, "z": 1})).await.expect(200).json,
        json!({"x": [1, {"y": null}], "z": 1})
    );
    let refused = service.put(path, &json!({"theme": "blue", "timezone": 1})).await.expect(422);
    assert_eq!(refused.json["errors"].as_array().unwrap().len(), 2);
    let created = service.post("/profile", &json!({"preferences": {"w": 0}})).await.expect(201);
    assert_eq!(created.json["preferences"], json!({"x": [1, {"y": null}], "z": 1, "w": 0}));
    // `big` exceeds the limit only together with the existing preferences.
    let big = json!({"big": "x".repeat(16_384)});
    assert_eq!(service.put(path, &big).await.expect(422).json["errors"][0]["pointer"], "");
    assert_eq!(
        service.put("/profile", &json!({"preferences": null})).await.expect(200).json["preferences"],
        json!({})
    );
    let full = json!({"big": "x".repeat(16_384 - r#"{"big":""}"#.len())});
    service.put(path, &full).await.expect(200);
    service.put(path, &json!({"a": 1})).await.expect(422);
}

#[tokio::test]
async fn strangers_see_public_fields_only() {
    let service = service().await;
    let (_, stranger) = service.database.sign_in("bob@example.com", false).await;
    let (_, administrator) = service.database.sign_in("root@example.com", true).await;
    service.put("/profile", &json!({"bio": "b", "phone_number": "+441234"})).await.expect(200);
    let path = "/profile/1";
    service.client.get(path, Some(&stranger)).await.expect(404);
    service.client.get("/profile/99", Some(&stranger)).await.expect(404);
    assert_eq!(service.get(path).await.expect(200).text("phone_number"), "+441234");
    assert_eq!(
        service.client.get(path, Some(&administrator)).await.expect(200).text("email"),
        "ada@example.com"
    );
    service.put("/profile/preferences", &json!({"privacy_public_profile": true})).await.expect(200);
    let seen = service.client.get(path, Some(&stranger)).await.expect(200).json;
    assert_eq!(seen["bio"], "b");
    assert!(seen.get("phone_number").is_none() && seen.get("email").is_none());
    service.database.sql("UPDATE users SET is_active = false WHERE id = 1").await;
    service.client.get(path, Some(&stranger)).await.expect(404);
    service.database.sql("DELETE FROM users WHERE id = 1").await;
    assert_eq!(service.database.count("SELECT FROM profiles").await, 0);
}

//! `POST /rbac/permissions` and `PUT /rbac/permissions/{id}`: invalid values.

use serde_json::{Value, json};
use users_tests::{assert_problem, pointers};

use crate::{Rbac, id};

fn with(member: &str, value: impl Into<Value>) -> Value {
    let mut body = json!({"name": "n", "description": "d", "resource": "user", "action": "read"});
    body[member] = value.into();
    body
}

/// Asserts that a value is refused in a new permission and in a change.
async fn assert_refused(rbac: &Rbac, member: &str, value: Value) {
    let existing = rbac.sql("SELECT min(id) FROM permissions").await.concat();
    let before = rbac.state().await;
    let body = with(member, value.clone());
    let pointer = [format!("/{member}")];
    assert_eq!(pointers(&rbac.post("/rbac/permissions", &body).await), pointer, "{value}");
    let path = format!("/rbac/permissions/{existing}");
    assert_eq!(pointers(&rbac.put(&path, &json!({member: value})).await), pointer, "{value}");
    assert_eq!(rbac.state().await, before, "expected nothing to change");
}

#[tokio::test]
async fn a_name_has_1_to_100_characters_after_trimming() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/permissions/{}", rbac.permission("a:b").await);
    for (sent, kept) in [
        ("x".to_owned(), "x".to_owned()),
        ("é".repeat(100), "é".repeat(100)),
        ("🦀".repeat(100), "🦀".repeat(100)),
        (format!(" \t{}\n", "y".repeat(100)), "y".repeat(100)),
        ("  Read  all  ".to_owned(), "Read  all".to_owned()),
    ] {
        let created = rbac.post("/rbac/permissions", &with("name", sent.clone())).await.expect(201);
        assert_eq!(created.json()["name"], kept);
        rbac.delete(&format!("/rbac/permissions/{}", id(&created))).await.expect(204);
        assert_eq!(rbac.put(&path, &json!({"name": sent})).await.expect(200).json()["name"], kept);
        assert_eq!(rbac.sql("SELECT name FROM permissions").await, [kept]);
    }
    for bad in ["".to_owned(), " \t\n".to_owned(), "é".repeat(101), "x".repeat(5000)] {
        assert_refused(&rbac, "name", bad.into()).await;
    }
    for bad in [json!(null), json!(7), json!(["x"]), json!({}), json!(true)] {
        assert_refused(&rbac, "name", bad).await;
    }
}

#[tokio::test]
async fn a_name_in_use_is_refused_in_any_case() {
    let rbac = Rbac::start().await;
    let other = rbac.permission_named("other", "a:b").await;
    rbac.permission_named("Straße Ünï", "user:read").await;
    let before = rbac.state().await;
    for again in ["Straße Ünï", "straße ünï", "STRAßE ÜNÏ", " straße Ünï "] {
        assert_problem(&rbac.post("/rbac/permissions", &with("name", again)).await, 409, "name_taken");
        let change = json!({"name": again, "description": "new", "resource": "x", "action": "y"});
        let answer = rbac.put(&format!("/rbac/permissions/{other}"), &change).await;
        assert_problem(&answer, 409, "name_taken");
    }
    assert_eq!(rbac.state().await, before, "expected nothing to change");
}

#[tokio::test]
async fn a_permission_may_keep_its_name_and_change_its_case() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/permissions/{}", rbac.permission_named("Reader", "user:read").await);
    for name in ["Reader", "READER", "reader"] {
        assert_eq!(rbac.put(&path, &json!({"name": name})).await.expect(200).json()["name"], name);
    }
}

#[tokio::test]
async fn a_name_is_free_after_a_deletion_or_a_new_name() {
    let rbac = Rbac::start().await;
    let first = rbac.permission_named("a", "user:read").await;
    rbac.put(&format!("/rbac/permissions/{first}"), &json!({"name": "b"})).await.expect(200);
    let second = rbac.permission_named("A", "user:read").await;
    rbac.delete(&format!("/rbac/permissions/{second}")).await.expect(204);
    rbac.permission_named("a", "user:read").await;
}

#[tokio::test]
async fn resource_and_action_are_words_of_at_most_50_small_letters() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/permissions/{}", rbac.permission("a:b").await);
    for member in ["resource", "action"] {
        for good in ["a", "user", "user-profile_2", "a--__9", &"z".repeat(50)] {
            let created = rbac.post("/rbac/permissions", &with(member, good)).await.expect(201);
            assert_eq!(created.json()[member], good);
            rbac.delete(&format!("/rbac/permissions/{}", id(&created))).await.expect(204);
            assert_eq!(rbac.put(&path, &json!({member: good})).await.expect(200).json()[member], good);
        }
        for bad in
            ["", "User", "2fa", "-a", "_a", "a b", " a", "a ", "a\n", "a:b", "a.b", "*", "ü", &"a".repeat(51)]
        {
            assert_refused(&rbac, member, bad.into()).await;
        }
        for bad in [json!(null), json!(7), json!(["a"])] {
            assert_refused(&rbac, member, bad).await;
        }
    }
}

#[tokio::test]
async fn a_description_has_at_most_2000_characters_and_is_kept_as_sent() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/permissions/{}", rbac.permission("a:b").await);
    for good in ["é".repeat(2000), "🦀".repeat(2000), String::new(), "  two\nlines ".to_owned()] {
        let created = rbac.post("/rbac/permissions", &with("description", good.clone())).await.expect(201);
        assert_eq!(created.json()["description"], good);
        rbac.delete(&format!("/rbac/permissions/{}", id(&created))).await.expect(204);
        let changed = rbac.put(&path, &json!({"description": good})).await.expect(200);
        assert_eq!(changed.json()["description"], good);
    }
    for bad in [json!("é".repeat(2001)), json!(7), json!([]), json!(false)] {
        assert_refused(&rbac, "description", bad).await;
    }
}

#[tokio::test]
async fn a_nul_character_is_refused_in_every_text() {
    let rbac = Rbac::start().await;
    rbac.permission("a:b").await;
    for member in ["name", "description", "resource", "action", "unknown"] {
        assert_refused(&rbac, member, "a\0b".into()).await;
    }
}

#[tokio::test]
async fn every_invalid_field_is_listed() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/permissions/{}", rbac.permission("a:b").await);
    let all = ["/action", "/description", "/name", "/resource"];
    let broken = json!({"name": " ", "description": 1, "resource": "A", "action": ""});
    assert_eq!(pointers(&rbac.post("/rbac/permissions", &broken).await), all);
    assert_eq!(pointers(&rbac.put(&path, &broken).await), all);
    let required = ["/action", "/name", "/resource"];
    for body in [json!({}), json!({"name": null, "description": null, "resource": null, "action": null})] {
        assert_eq!(pointers(&rbac.post("/rbac/permissions", &body).await), required);
    }
    let nulls = json!({"name": null, "description": null, "resource": null, "action": null});
    assert_eq!(pointers(&rbac.put(&path, &nulls).await), required);
}

#[tokio::test]
async fn a_body_other_than_a_json_object_is_refused() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/permissions/{}", rbac.permission("a:b").await);
    let before = rbac.state().await;
    for (method, path) in [("POST", "/rbac/permissions"), ("PUT", path.as_str())] {
        for body in ["[]", "null", "\"x\"", "7"] {
            let answer = rbac.request(method, path).body("application/json", body).send().await;
            assert_eq!(pointers(&answer).first().map(String::as_str), Some(""), "{method} {body}");
        }
        for body in ["", "{", "name=x"] {
            let answer = rbac.request(method, path).body("application/json", body).send().await;
            assert_problem(&answer, 400, "malformed_body");
        }
        let answer = rbac.request(method, path).body("text/plain", "{}").send().await;
        assert_problem(&answer, 415, "unsupported_media_type");
    }
    assert_eq!(rbac.state().await, before, "expected nothing to change");
}

//! `POST /rbac/roles` and `PUT /rbac/roles/{id}`: invalid values.

use serde_json::{Value, json};
use users_tests::{assert_problem, pointers};

use crate::{Rbac, id};

/// Asserts that a value is refused in a new role and in a change.
async fn assert_refused(rbac: &Rbac, member: &str, value: Value, expected: &[&str]) {
    let existing = rbac.sql("SELECT min(id) FROM roles").await.concat();
    let before = rbac.state().await;
    let mut body = json!({"name": "new", "description": "new", "is_default": true});
    body[member] = value.clone();
    assert_eq!(pointers(&rbac.post("/rbac/roles", &body).await), expected, "POST {value}");
    assert_eq!(pointers(&rbac.put(&format!("/rbac/roles/{existing}"), &body).await), expected, "PUT {value}");
    assert_eq!(rbac.state().await, before, "expected nothing to change");
}

#[tokio::test]
async fn a_name_has_1_to_50_characters_after_trimming() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/roles/{}", rbac.role("first", &[]).await);
    for (sent, kept) in [
        ("x".to_owned(), "x".to_owned()),
        ("é".repeat(50), "é".repeat(50)),
        ("🦀".repeat(50), "🦀".repeat(50)),
        (format!(" \t{}\n", "y".repeat(50)), "y".repeat(50)),
    ] {
        let created = rbac.post("/rbac/roles", &json!({"name": sent})).await.expect(201);
        assert_eq!(created.json()["name"], kept);
        rbac.delete(&format!("/rbac/roles/{}", id(&created))).await.expect(204);
        assert_eq!(rbac.put(&path, &json!({"name": sent})).await.expect(200).json()["name"], kept);
        assert_eq!(rbac.sql("SELECT name FROM roles").await, [kept]);
    }
    for bad in ["".to_owned(), " \t\n".to_owned(), "é".repeat(51)] {
        assert_refused(&rbac, "name", bad.into(), &["/name"]).await;
    }
    for bad in [json!(null), json!(7), json!(["x"])] {
        assert_refused(&rbac, "name", bad, &["/name"]).await;
    }
}

#[tokio::test]
async fn a_name_in_use_is_refused_in_any_case() {
    let rbac = Rbac::start().await;
    let permission = rbac.permission("user:read").await;
    let other = rbac.role("other", &[]).await;
    rbac.role("Ünï Editor", &[]).await;
    // A role and a permission may have the same name.
    rbac.role("user:read", &[]).await;
    let before = rbac.state().await;
    for again in ["Ünï Editor", "ünï editor", "ÜNÏ EDITOR", " ünï EDITOR "] {
        let body = json!({"name": again, "description": "new", "permission_ids": [permission]});
        assert_problem(&rbac.post("/rbac/roles", &body).await, 409, "name_taken");
        assert_problem(&rbac.put(&format!("/rbac/roles/{other}"), &body).await, 409, "name_taken");
    }
    assert_eq!(rbac.state().await, before, "expected nothing to change, the set of permissions neither");
}

#[tokio::test]
async fn a_role_may_keep_its_name_and_change_its_case() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/roles/{}", rbac.role("Editor", &[]).await);
    for name in ["Editor", "EDITOR", "editor"] {
        assert_eq!(rbac.put(&path, &json!({"name": name})).await.expect(200).json()["name"], name);
    }
}

#[tokio::test]
async fn an_unknown_permission_is_listed_and_nothing_changes() {
    let rbac = Rbac::start().await;
    let (one, two) = (rbac.permission("a:a").await, rbac.permission("b:b").await);
    rbac.role("a role", &[one]).await;
    for (permission_ids, expected) in [
        (json!([two, 999_999]), vec!["/permission_ids/1"]),
        (json!([999_999, two, 999_998]), vec!["/permission_ids/0", "/permission_ids/2"]),
        (json!([999_999, 999_999]), vec!["/permission_ids/0", "/permission_ids/1"]),
        (json!([2_147_483_647]), vec!["/permission_ids/0"]),
    ] {
        assert_refused(&rbac, "permission_ids", permission_ids, &expected).await;
    }
}

#[tokio::test]
async fn an_invalid_id_is_listed() {
    let rbac = Rbac::start().await;
    let permission = rbac.permission("a:a").await;
    rbac.role("a role", &[permission]).await;
    let ids = json!([permission, 0, -1, 2_147_483_648_u64, "1", null, 1.5, permission, true, [1]]);
    let expected: Vec<String> =
        [1, 2, 3, 4, 5, 6, 8, 9].iter().map(|index| format!("/permission_ids/{index}")).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    assert_refused(&rbac, "permission_ids", ids, &expected).await;
    for bad in [json!("1"), json!(1), json!({"0": 1})] {
        assert_refused(&rbac, "permission_ids", bad, &["/permission_ids"]).await;
    }
}

#[tokio::test]
async fn a_role_has_at_most_1000_permission_ids() {
    let rbac = Rbac::start().await;
    rbac.sql(
        "INSERT INTO permissions (name, resource, action) SELECT 'p' || n, 'r', 'a' FROM generate_series(1, 1001) n",
    )
    .await;
    let all: Vec<i64> = rbac
        .sql("SELECT id FROM permissions ORDER BY id")
        .await
        .iter()
        .map(|id| id.parse().expect("a number"))
        .collect();
    let role = rbac.role("a role", &all[..1000]).await;
    assert_eq!(rbac.sql("SELECT count(*) FROM role_permissions").await, ["1000"]);
    let answer = rbac.put(&format!("/rbac/roles/{role}"), &json!({"permission_ids": all[1..]})).await;
    assert_eq!(answer.expect(200).json()["permissions"].as_array().map(Vec::len), Some(1000));
    assert_refused(&rbac, "permission_ids", json!(all), &["/permission_ids"]).await;
    assert_refused(&rbac, "permission_ids", json!(vec![all[0]; 1001]), &["/permission_ids"]).await;
}

#[tokio::test]
async fn a_description_has_at_most_2000_characters_and_is_kept_as_sent() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/roles/{}", rbac.role("first", &[]).await);
    for good in ["é".repeat(2000), String::new(), "  two\nlines ".to_owned()] {
        let body = json!({"name": "new", "description": good});
        let created = rbac.post("/rbac/roles", &body).await.expect(201);
        assert_eq!(created.json()["description"], good);
        rbac.delete(&format!("/rbac/roles/{}", id(&created))).await.expect(204);
        let changed = rbac.put(&path, &json!({"description": good})).await.expect(200);
        assert_eq!(changed.json()["description"], good);
    }
    for bad in [json!("é".repeat(2001)), json!(7)] {
        assert_refused(&rbac, "description", bad, &["/description"]).await;
    }
}

#[tokio::test]
async fn the_marks_of_a_role_are_booleans() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/roles/{}", rbac.role("a role", &[]).await);
    for mark in ["is_default", "requires_second_factor"] {
        let pointer = format!("/{mark}");
        for bad in [json!("true"), json!(1), json!([])] {
            assert_refused(&rbac, mark, bad, &[&pointer]).await;
        }
        assert_eq!(pointers(&rbac.put(&path, &json!({mark: null})).await), [pointer]);
    }
}

#[tokio::test]
async fn a_nul_character_is_refused_in_every_text() {
    let rbac = Rbac::start().await;
    rbac.role("a role", &[]).await;
    for member in ["name", "description", "unknown"] {
        assert_refused(&rbac, member, "a\0b".into(), &[&format!("/{member}")]).await;
    }
}

#[tokio::test]
async fn every_invalid_field_is_listed() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/roles/{}", rbac.role("a role", &[]).await);
    let broken = json!({"name": "", "description": 1, "is_default": "x", "permission_ids": [0]});
    let all = ["/description", "/is_default", "/name", "/permission_ids/0"];
    assert_eq!(pointers(&rbac.post("/rbac/roles", &broken).await), all);
    assert_eq!(pointers(&rbac.put(&path, &broken).await), all);
    let nulls = json!({"name": null, "description": null, "is_default": null, "permission_ids": null});
    assert_eq!(pointers(&rbac.post("/rbac/roles", &json!({})).await), ["/name"]);
    assert_eq!(pointers(&rbac.post("/rbac/roles", &nulls).await), ["/name"]);
    assert_eq!(pointers(&rbac.put(&path, &nulls).await), ["/is_default", "/name", "/permission_ids"]);
}

#[tokio::test]
async fn an_invalid_list_does_not_hide_other_errors() {
    let rbac = Rbac::start().await;
    let path = format!("/rbac/roles/{}", rbac.role("a role", &[]).await);
    for set in [json!("x"), json!(null), json!(vec![1; 1001])] {
        let broken = json!({"name": "", "description": 1, "is_default": "x", "permission_ids": set});
        let expected = ["/description", "/is_default", "/name", "/permission_ids"];
        assert_eq!(pointers(&rbac.put(&path, &broken).await), expected);
    }
}

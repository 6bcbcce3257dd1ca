//! Behaviour that all `/rbac` routes have in common.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use users_tests::{assert_common_headers, assert_no_store, assert_problem, methods_by_path, pointers};

use crate::Rbac;

/// Every documented path under `/rbac` with its methods. The ids in the paths exist.
fn paths() -> BTreeMap<String, BTreeSet<&'static str>> {
    methods_by_path("/rbac", "1")
}

/// The paths that answer `GET`.
fn readable() -> Vec<String> {
    paths().into_iter().filter(|(_, methods)| methods.contains("GET")).map(|(path, _)| path).collect()
}

/// The paths that every account may use, not only administrators.
const FOR_EVERYONE: [&str; 2] = ["/rbac/check-permission", "/rbac/my-permissions"];

/// Creates a permission, a role that grants it, and an administrator who has the role. Each has the id 1.
async fn filled() -> Rbac {
    let rbac = Rbac::start().await;
    rbac.sql(
        "INSERT INTO permissions (name, resource, action) VALUES ('p', 'user', 'read');
         INSERT INTO roles (name) VALUES ('r');
         INSERT INTO role_permissions VALUES (1, 1);
         INSERT INTO user_roles VALUES (1, 1)",
    )
    .await;
    assert_eq!(rbac.root.id, 1);
    rbac
}

/// A valid body for the route.
fn body_for(method: &str, path: &str) -> Value {
    match (method, path) {
        ("POST", "/rbac/permissions") => json!({"name": "new", "resource": "user", "action": "write"}),
        ("POST", "/rbac/roles") => json!({"name": "new", "permission_ids": [1]}),
        ("POST", "/rbac/check-permission") => json!({"resource": "user", "action": "read"}),
        ("POST", _) => json!({"role_ids": [1]}),
        ("PUT", "/rbac/roles/1") => json!({"name": "other", "permission_ids": [1]}),
        _ => json!({"name": "other", "action": "write"}),
    }
}

#[tokio::test]
async fn an_unknown_path_is_404() {
    let rbac = filled().await;
    for path in [
        "/rbac",
        "/rbac/",
        "/rbac/nothing",
        "/rbac/permissions/1/roles",
        "/rbac/roles/1/permissions",
        "/rbac/users/1",
        "/rbac/users/1/roles/1/x",
        "/rbac//roles",
        "/rbac/my-permissions/1",
    ] {
        assert_problem(&rbac.get(path).await, 404, "not_found");
    }
}

#[tokio::test]
async fn a_trailing_slash_changes_nothing() {
    let rbac = filled().await;
    for path in &readable() {
        let (without, with) =
            (rbac.get(path).await.expect(200), rbac.get(&format!("{path}/")).await.expect(200));
        assert_eq!(without.json(), with.json(), "{path}");
        let query = rbac.get(&format!("{path}/?limit=1")).await.expect(200);
        assert_eq!(query.json(), with.json(), "{path}/?limit=1");
    }
    rbac.post("/rbac/permissions/", &body_for("POST", "/rbac/permissions")).await.expect(201);
    rbac.put("/rbac/roles/1/", &body_for("PUT", "/rbac/roles/1")).await.expect(200);
    rbac.delete("/rbac/users/1/roles/1/").await.expect(204);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let rbac = filled().await;
    for path in &readable() {
        let get = rbac.get(path).await.expect(200);
        let head = rbac.request("HEAD", path).send().await.expect(200);
        assert_common_headers(&head);
        assert_no_store(&head);
        assert_eq!(head.body, "", "HEAD {path}");
        assert_eq!(head.header("content-length"), get.header("content-length"), "HEAD {path}");
    }
}

#[tokio::test]
async fn an_id_is_a_positive_32_bit_integer() {
    let rbac = filled().await;
    let before = rbac.state().await;
    for (pattern, pointer, methods) in [
        ("/rbac/permissions/{}", "/permission_id", &["GET", "PUT", "DELETE"][..]),
        ("/rbac/roles/{}", "/role_id", &["GET", "PUT", "DELETE"]),
        ("/rbac/users/{}/roles", "/user_id", &["GET", "POST"]),
        ("/rbac/users/{}/roles/1", "/user_id", &["DELETE"]),
        ("/rbac/users/1/roles/{}", "/role_id", &["DELETE"]),
    ] {
        for bad in
            ["0", "-1", "abc", "2147483648", "1.5", "01", "+1", "%31x", "99999999999999999999", "1%00", "%20"]
        {
            let path = pattern.replace("{}", bad);
            for method in methods {
                let mut request = rbac.request(method, &path);
                if ["PUT", "POST"].contains(method) {
                    request = request
                        .json(&body_for(method, if pointer == "/role_id" { "/rbac/roles/1" } else { "" }));
                }
                assert_eq!(pointers(&request.send().await), [pointer], "{method} {path}");
            }
        }
    }
    let both = rbac.delete("/rbac/users/x/roles/0").await;
    assert_eq!(pointers(&both), ["/role_id", "/user_id"], "expected both at once");
    assert_eq!(rbac.state().await, before);
}

#[tokio::test]
async fn only_administrators_are_admitted() {
    let rbac = filled().await;
    let plain = rbac
        .account_with("plain", &["user:all", "role:all", "accounts:all", "permission:all", "admin:read"])
        .await;
    let before = rbac.state().await;
    for (path, methods) in paths().iter().filter(|(path, _)| !FOR_EVERYONE.contains(&path.as_str())) {
        for method in methods.iter().filter(|method| **method != "HEAD") {
            let body = body_for(method, path);
            let send = |token: Option<&str>| {
                let request = rbac.service.request(method, path).json(&body);
                token.into_iter().fold(request, |request, token| request.bearer(token)).send()
            };
            assert_problem(&send(None).await, 401, "not_authenticated");
            assert_problem(&send(Some("x.y.z")).await, 401, "invalid_token");
            assert_problem(&send(Some(&plain.tokens.access)).await, 403, "admin_required");
        }
    }
    assert_eq!(rbac.state().await, before, "expected nothing to change");
}

/// The answer depends neither on the existence of an object nor on the validity of the request.
#[tokio::test]
async fn authorization_precedes_validation() {
    let rbac = filled().await;
    let plain = rbac.service.account("plain@example.com").await;
    for path in ["/rbac/roles/999999", "/rbac/roles/0", "/rbac/users/999999/roles", "/rbac/roles?limit=x"] {
        assert_problem(&rbac.service.get(path).send().await, 401, "not_authenticated");
        let answer = rbac.service.get(path).bearer(&plain.tokens.access).send().await;
        assert_problem(&answer, 403, "admin_required");
    }
    for body in ["{", "{}", "{\"name\": 7}"] {
        let request = || rbac.service.post("/rbac/roles").body("application/json", body);
        assert_problem(&request().send().await, 401, "not_authenticated");
        assert_problem(&request().bearer(&plain.tokens.access).send().await, 403, "admin_required");
    }
}

#[tokio::test]
async fn an_administrator_by_role_is_admitted() {
    let rbac = filled().await;
    let boss = rbac.account_with("boss", &["admin:all"]).await;
    let send = |method: &str, path: &str| {
        let request = rbac.service.request(method, path).bearer(&boss.tokens.access);
        let body = body_for(method, path);
        if ["POST", "PUT"].contains(&method) { request.json(&body).send() } else { request.send() }
    };
    for (path, methods) in &paths() {
        for method in methods.iter().filter(|method| **method != "DELETE") {
            let answer = send(method, path).await;
            assert!([200, 201].contains(&answer.status), "{method} {path}: {answer:#?}");
        }
    }
    for path in ["/rbac/users/1/roles/1", "/rbac/roles/1", "/rbac/permissions/1"] {
        send("DELETE", path).await.expect(204);
    }
}

#[tokio::test]
async fn every_route_runs_at_most_two_statements() {
    let rbac = filled().await;
    for (number, (path, methods)) in paths().iter().enumerate() {
        // Deletions follow below, because the other routes need the objects.
        for method in methods.iter().filter(|method| **method != "DELETE") {
            let id = format!("{method}-{number}");
            let request = rbac.request(method, path).id(&id);
            let body = body_for(method, path);
            let request = if ["POST", "PUT"].contains(method) { request.json(&body) } else { request };
            let answer = request.send().await;
            assert!([200, 201].contains(&answer.status), "{method} {path}: {answer:#?}");
            let log = rbac.service.logs().of_request(&id).await;
            assert!((1..=2).contains(&log.statements().len()), "{method} {path}: {log:#?}");
        }
    }
    for (number, path) in ["/rbac/users/1/roles/1", "/rbac/roles/1", "/rbac/permissions/1"].iter().enumerate()
    {
        let id = format!("delete-{number}");
        rbac.request("DELETE", path).id(&id).send().await.expect(204);
        assert_eq!(rbac.service.logs().of_request(&id).await.statements().len(), 2, "DELETE {path}");
    }
}

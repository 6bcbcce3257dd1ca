//! Routes and methods under `/users`.

use users_tests::{Service, assert_no_store, assert_problem};

use crate::support::{Fixture, ask, everything, routes};

#[tokio::test]
async fn an_unknown_route_is_404() {
    let fixture = Fixture::start().await;
    let before = everything(&fixture.service).await;
    for path in [
        "/users/1/unknown",
        "/users/1/unknown/",
        "/users/1/activate/now",
        "/users/1/Activate",
        "/users/1/make_admin",
        "/users/1/make-admin%00",
        "/users/1//activate",
        "/users//1",
        "/users//activate",
        "/users//",
        "/users/1//",
        "/users/bulk/activate/1",
        "/users/bulk/unknown",
        "/users/1/activate%2f",
        "/Users/1",
        "/USERS",
        "/users1",
    ] {
        for method in ["GET", "PUT", "DELETE", "POST"] {
            let answer =
                fixture.service.request(method, path).bearer(&fixture.root.tokens.access).send().await;
            assert_problem(&answer, 404, "not_found");
            let answer = fixture.service.request(method, path).send().await;
            assert_problem(&answer, 404, "not_found");
        }
    }
    assert_eq!(everything(&fixture.service).await, before);
}

/// `bulk` in the place of an id is an unknown route or an invalid id.
#[tokio::test]
async fn an_unknown_bulk_action_is_refused() {
    let fixture = Fixture::start().await;
    for (method, path) in [
        ("PUT", "/users/bulk/make-admin"),
        ("PUT", "/users/bulk/remove-admin"),
        ("GET", "/users/bulk"),
        ("DELETE", "/users/bulk"),
    ] {
        let request = fixture.service.request(method, path).bearer(&fixture.root.tokens.access);
        let answer = request.json(&serde_json::json!({"user_ids": [1]})).send().await;
        assert!([404, 422].contains(&answer.status), "{method} {path}: {answer:#?}");
        users_tests::assert_is_problem(&answer);
    }
}

#[tokio::test]
async fn a_percent_encoded_path_is_the_same_path() {
    let fixture = Fixture::start().await;
    let id = fixture.add(1).await[0];
    let encoded: String = crate::support::encoded(&id.to_string());
    let user = fixture.get(&format!("/users/{encoded}")).await.expect(200).json();
    assert_eq!(user["id"], id);
    let answer = fixture.get("/users/%ff").await;
    assert!([404, 422].contains(&answer.status), "{answer:#?}");
    users_tests::assert_is_problem(&answer);
}

#[tokio::test]
async fn every_route_is_503_without_postgres() {
    let fixture = Fixture::start().await;
    let without_postgres = Service::builder().without_postgres().start().await;
    for route in &routes() {
        let answer = ask(&without_postgres, Some(&fixture.root.tokens.access), route, 2).await;
        assert_problem(&answer, 503, "database_unavailable");
        assert_no_store(&answer);
        assert_problem(&ask(&without_postgres, None, route, 2).await, 401, "not_authenticated");
        assert_problem(&ask(&without_postgres, Some("x.y.z"), route, 2).await, 401, "invalid_token");
    }
}

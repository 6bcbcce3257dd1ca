//! Which requests under `/users` find a route.

use users_tests::{Service, assert_common_headers, assert_no_store, assert_problem};

use crate::support::{Office, ROUTES, ask, everything};

#[tokio::test]
async fn another_method_is_405_with_what_is_allowed() {
    let office = Office::open().await;
    let id = office.add(1).await[0].to_string();
    let before = everything(&office.service).await;
    for (_, path) in ROUTES {
        let mut right: Vec<&str> = ROUTES.iter().filter(|it| it.1 == path).map(|it| it.0).collect();
        if right.contains(&"GET") {
            right.push("HEAD");
        }
        right.sort_unstable();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            if right.contains(&method) {
                continue;
            }
            for slash in ["", "/"] {
                let path = path.replace("{id}", &id) + slash;
                let answer =
                    office.service.request(method, &path).bearer(&office.root.tokens.access).send().await;
                if method == "HEAD" {
                    assert_eq!((answer.status, answer.body.as_str()), (405, ""), "{path}: {answer:#?}");
                    assert_common_headers(&answer);
                } else {
                    assert_problem(&answer, 405, "method_not_allowed");
                }
                let allow = answer.header("allow").unwrap_or_default();
                let mut allowed: Vec<&str> =
                    allow.split(',').map(str::trim).filter(|it| *it != "OPTIONS").collect();
                allowed.sort_unstable();
                assert_eq!(allowed, right, "{method} {path}: {answer:#?}");
            }
        }
    }
    assert_eq!(everything(&office.service).await, before);
}

#[tokio::test]
async fn an_unknown_route_is_404() {
    let office = Office::open().await;
    let before = everything(&office.service).await;
    for path in [
        "/users/1/unknown",
        "/users/1/unknown/",
        "/users/1/activate/now",
        "/users/1/Activate",
        "/users/1/make_admin",
        "/users/1/make-admin%00",
        "/users/1//activate",
        "/users//1",
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
            let answer = office.service.request(method, path).bearer(&office.root.tokens.access).send().await;
            assert_problem(&answer, 404, "not_found");
            let answer = office.service.request(method, path).send().await;
            assert_problem(&answer, 404, "not_found");
        }
    }
    assert_eq!(everything(&office.service).await, before);
}

/// The word where an id belongs is either no route or no id.
#[tokio::test]
async fn what_bulk_does_not_know_is_refused() {
    let office = Office::open().await;
    for (method, path) in [
        ("PUT", "/users/bulk/make-admin"),
        ("PUT", "/users/bulk/remove-admin"),
        ("GET", "/users/bulk"),
        ("DELETE", "/users/bulk"),
    ] {
        let request = office.service.request(method, path).bearer(&office.root.tokens.access);
        let answer = request.json(&serde_json::json!({"user_ids": [1]})).send().await;
        assert!([404, 422].contains(&answer.status), "{method} {path}: {answer:#?}");
        users_tests::assert_is_problem(&answer);
    }
}

#[tokio::test]
async fn options_never_fails_and_changes_nothing() {
    let office = Office::open().await;
    let id = office.add(1).await[0].to_string();
    let before = everything(&office.service).await;
    for (right, path) in ROUTES {
        let answer = office.service.request("OPTIONS", &path.replace("{id}", &id)).send().await;
        assert!([200, 204, 405].contains(&answer.status), "OPTIONS {path}: {answer:#?}");
        let allow = answer.header("allow").unwrap_or_default();
        assert!(allow.contains(right), "OPTIONS {path}: expected {right} in Allow: {answer:#?}");
    }
    assert_eq!(everything(&office.service).await, before);
}

#[tokio::test]
async fn a_path_may_be_spelt_with_percents_where_it_means_the_same() {
    let office = Office::open().await;
    let id = office.add(1).await[0];
    let spelt: String = crate::support::encoded(&id.to_string());
    let user = office.get(&format!("/users/{spelt}")).await.expect(200).json();
    assert_eq!(user["id"], id);
    let answer = office.get("/users/%ff").await;
    assert!([404, 422].contains(&answer.status), "{answer:#?}");
    users_tests::assert_is_problem(&answer);
}

#[tokio::test]
async fn every_route_is_503_without_postgres() {
    let office = Office::open().await;
    let lonely = Service::builder().without_postgres().start().await;
    for route in ROUTES {
        let answer = ask(&lonely, Some(&office.root.tokens.access), route, 2).await;
        assert_problem(&answer, 503, "database_unavailable");
        assert_no_store(&answer);
        assert_problem(&ask(&lonely, None, route, 2).await, 401, "not_authenticated");
        assert_problem(&ask(&lonely, Some("x.y.z"), route, 2).await, 401, "invalid_token");
    }
}

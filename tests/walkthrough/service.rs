//! Before anybody has an account.

use serde_json::json;
use users_tests::{Service, assert_common_headers, assert_problem};

#[tokio::test]
async fn an_operator_finds_the_service_alive_and_ready() {
    let service = Service::start().await;
    let root = service.get("/").send().await.expect(200);
    assert_common_headers(&root);
    assert_eq!(root.json()["name"], "users");
    for (path, status) in [("/healthz", "ok"), ("/readyz", "ready")] {
        for path in [path.to_owned(), format!("{path}/")] {
            let answer = service.get(&path).send().await.expect(200);
            assert_common_headers(&answer);
            assert_eq!(answer.json(), json!({"status": status}), "{path}");
        }
    }
    assert_problem(&service.get("/nowhere").send().await, 404, "not_found");
    let wrong = service.post("/healthz").send().await;
    assert_problem(&wrong, 405, "method_not_allowed");
    assert!(
        wrong.header("allow").is_some_and(|it| it.contains("GET")),
        "expected what is allowed: {wrong:#?}"
    );
    for path in ["/auth/me", "/users/", "/profile/", "/profile/preferences", "/rbac/my-permissions"] {
        assert_problem(&service.get(path).send().await, 401, "not_authenticated");
    }
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["0"], "expected nobody by default");
}

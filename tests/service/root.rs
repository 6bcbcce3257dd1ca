//! `GET /`

use users_tests::{Service, assert_common_headers};

#[tokio::test]
async fn the_root_names_the_service_and_links_to_docs_and_health() {
    let service = Service::start().await;
    let answer = service.get("/").send().await.expect(200);
    assert_common_headers(&answer);
    let body = answer.json();
    assert!(body["name"].as_str().is_some_and(|it| !it.is_empty()), "expected a name: {body:#}");
    assert!(body["version"].as_str().is_some_and(|it| !it.is_empty()), "expected a version: {body:#}");
    for link in ["/docs", "/healthz"] {
        assert!(body.to_string().contains(&format!("\"{link}\"")), "expected a link to {link}: {body:#}");
    }
}

#[tokio::test]
async fn the_root_needs_neither_database_nor_secret() {
    let service = Service::builder()
        .variable("jwt_secret", "short")
        .variable("key_secret", "")
        .without_postgres()
        .start()
        .await;
    service.get("/").id("root").send().await.expect(200);
    assert_eq!(service.logs().of_request("root").await.statements(), [""; 0], "expected no statement");
}

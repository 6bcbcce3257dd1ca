//! `GET /healthz`

use serde_json::json;
use users_tests::{Service, assert_common_headers};

#[tokio::test]
async fn healthz_is_ok() {
    let service = Service::start().await;
    let answer = service.get("/healthz").send().await.expect(200);
    assert_common_headers(&answer);
    assert_eq!(answer.json(), json!({"status": "ok"}));
}

#[tokio::test]
async fn healthz_runs_no_statement() {
    let service = Service::start().await;
    service.get("/healthz").id("health").send().await.expect(200);
    assert_eq!(service.logs().of_request("health").await.statements(), [""; 0], "expected no statement");
}

#[tokio::test]
async fn healthz_is_ok_while_postgres_is_down() {
    let service = Service::builder().without_postgres().start().await;
    let answer = service.get("/healthz").send().await.expect(200);
    assert_eq!(answer.json(), json!({"status": "ok"}));
}

#[tokio::test]
async fn healthz_is_ok_with_an_invalid_configuration() {
    let service = Service::builder()
        .variable("jwt_secret", "short")
        .variable("key_secret", "")
        .variable("db_sslmode", "nonsense")
        .start()
        .await;
    service.get("/healthz").send().await.expect(200);
}

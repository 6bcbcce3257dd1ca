//! Served and unknown files.

use users_tests::{Service, assert_asset, assert_problem, environment, etag};

use crate::support::{FILES, fetch};

#[tokio::test]
async fn every_file_has_its_type_and_is_revalidated() {
    let service = Service::start().await;
    for (path, media_type) in FILES {
        let (answer, octets) = fetch(&service, path, "identity").await;
        assert_asset(&answer, media_type, path);
        assert_eq!(answer.header("vary").as_deref(), Some("Accept-Encoding"), "{path}");
        assert_eq!(answer.header("content-length"), Some(octets.len().to_string()), "{path}");
        assert!(!octets.is_empty(), "{path}: expected a file");
    }
}

#[tokio::test]
async fn the_served_document_is_openapi_json() {
    let service = Service::start().await;
    let (_, served) = fetch(&service, "/openapi.json", "identity").await;
    let file = std::fs::read(environment().root().join("openapi.json")).expect("there is a document");
    assert!(served == file, "expected the current openapi.json: run `cargo xtask build`");
    let document: serde_json::Value = serde_json::from_slice(&served).expect("the document is JSON");
    let version = document["openapi"].as_str().unwrap_or_default();
    assert!(version.starts_with("3.1."), "expected OpenAPI 3.1: {version}");
}

#[tokio::test]
async fn a_trailing_slash_changes_nothing() {
    let service = Service::start().await;
    for (path, _) in FILES {
        let (without, expected) = fetch(&service, path, "gzip").await;
        let (with, octets) = fetch(&service, &format!("{path}/"), "gzip").await;
        assert!(octets == expected, "{path}/: expected the same file");
        assert_eq!(etag(&with), etag(&without), "{path}/");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let service = Service::start().await;
    for (path, _) in FILES {
        for accept in ["identity", "gzip"] {
            let (get, _) = fetch(&service, path, accept).await;
            let head =
                service.request("HEAD", path).header("accept-encoding", accept).send().await.expect(200);
            assert_eq!(head.body, "", "HEAD {path}");
            for name in [
                "content-type",
                "content-length",
                "content-encoding",
                "content-security-policy",
                "cache-control",
                "etag",
                "vary",
            ] {
                assert_eq!(head.header(name), get.header(name), "HEAD {path}: expected the same {name}");
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_file_is_404() {
    let service = Service::start().await;
    for path in [
        "/docs/nope.js",
        "/docs/index.html",
        "/docs/init.js/x",
        "/docs/INIT.js",
        "/docs/logo.svg",
        "/docs/swagger-ui.css.map",
        "/docs/%2fopenapi.json",
        "/docs//init.js",
        "/docsx",
        "/redoc/nope",
        "/redoc/swagger-ui.css",
        "/openapi.json/x",
        "/openapi.yaml",
    ] {
        assert_problem(&service.get(path).send().await, 404, "not_found");
    }
}

#[tokio::test]
async fn files_are_only_read() {
    let service = Service::start().await;
    for (path, _) in FILES {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let answer = service.request(method, path).send().await;
            assert_problem(&answer, 405, "method_not_allowed");
            assert_eq!(answer.header("allow").as_deref(), Some("GET,HEAD"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_documentation_needs_neither_database_nor_secret() {
    let service = Service::builder()
        .variable("jwt_secret", "short")
        .variable("key_secret", "")
        .without_postgres()
        .start()
        .await;
    for (number, (path, _)) in FILES.into_iter().enumerate() {
        let id = format!("file-{number}");
        service.get(path).id(&id).send().await.expect(200);
        assert_eq!(
            service.logs().of_request(&id).await.statements(),
            [""; 0],
            "{path}: expected no statement"
        );
    }
}

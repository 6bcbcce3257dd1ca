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
async fn a_browser_gets_the_page_in_the_language_of_its_reader() {
    let service = Service::start().await;
    for (wish, language, text) in [
        ("de-AT, en;q=0.5", "de", "Ihr Konto"),
        ("en, de;q=0.5", "en", "Your account"),
        ("fr", "en", "Your account"),
    ] {
        let request = service.get("/").header("accept", "text/html").header("accept-language", wish);
        let page = request.send().await.expect(200);
        assert_eq!(page.header("content-type").as_deref(), Some("text/html; charset=utf-8"), "{wish}");
        assert_eq!(page.header("content-language").as_deref(), Some(language), "{wish}");
        assert_eq!(page.header("vary").as_deref(), Some("Accept, Accept-Language"), "{wish}");
        assert!(page.body.contains(&format!("<html lang=\"{language}\">")), "{wish}: {}", page.body);
        assert!(page.body.contains(text), "{wish}: expected {text:?}: {}", page.body);
    }
    let program = service.get("/").header("accept-language", "de").send().await.expect(200);
    assert_eq!(program.header("content-language"), None);
    assert_eq!(program.header("vary").as_deref(), Some("Accept, Accept-Language"));
    assert_eq!(program.json()["name"], "users");
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

//! Tests of an operator's own middleware in front of the service.

use users_tests::{Answer, PASSWORD, Service, assert_problem, environment};

const HEADER: &str = "strict-transport-security";

/// `spin.toml` with `examples/middleware-header` in front of the components that `behind` selects.
fn manifest(behind: impl Fn(&str) -> bool) -> String {
    let manifest = std::fs::read_to_string(&environment().manifest).expect("the manifest can be read");
    let mut lines = Vec::new();
    for line in manifest.lines() {
        lines.push(line);
        if line.strip_prefix("component = ").is_some_and(|name| behind(name.trim_matches('"'))) {
            lines.push(r#"dependencies.middleware = [{ component = "middleware-header" }]"#);
        }
    }
    format!(
        "{}\n[component.middleware-header]\nsource = \"target/wasm/wasm32-wasip2/component/middleware_header.wasm\"\n",
        lines.join("\n")
    )
}

fn header(answer: &Answer) -> Option<String> {
    answer.header(HEADER)
}

#[tokio::test]
async fn middleware_adds_a_header_to_every_response() {
    let service = Service::builder().manifest(&manifest(|_| true)).start().await;
    for path in ["/", "/healthz", "/openapi.json", "/docs"] {
        let answer = service.get(path).send().await;
        assert_eq!(header(&answer).as_deref(), Some("max-age=31536000"), "{path}");
    }
    let unknown = service.get("/nobodys").send().await;
    assert_problem(&unknown, 404, "not_found");
    assert!(header(&unknown).is_some(), "{unknown:#?}");

    let account = service.account("ada@example.com").await;
    service.login("ada@example.com", PASSWORD).await;
    let me = service.me(&account.tokens.access).await;
    assert_eq!(me.expect(200).json()["email"], "ada@example.com");
}

#[tokio::test]
async fn middleware_stands_in_front_of_the_named_triggers_only() {
    let service = Service::builder().manifest(&manifest(|name| name == "auth")).start().await;
    let refused = service.get("/auth/me").send().await;
    assert_problem(&refused, 401, "not_authenticated");
    assert!(header(&refused).is_some(), "{refused:#?}");
    assert_eq!(header(&service.get("/healthz").send().await), None);
}

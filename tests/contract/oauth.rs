//! Tests login and refresh with OAuth 2.0 clients.

use std::process::Command;

use users_tests::{PASSWORD, Service};

use crate::tools::{file, node, node_modules, python, run};

const EMAIL: &str = "ada@example.com";

async fn assert_logs_in_and_refreshes(client: &mut Command) {
    let service = Service::builder().at_its_public_url().start().await;
    service.register(EMAIL, PASSWORD).await.expect(201);
    client.env("OAUTH_URL", format!("http://{}", service.address()));
    client.env("OAUTH_EMAIL", EMAIL).env("OAUTH_PASSWORD", PASSWORD);
    let output = run(client);
    assert!(output.ends_with("logged in and refreshed\n"), "expected the client to reach its end: {output}");
}

#[tokio::test]
async fn requests_oauthlib_and_authlib_log_in_and_refresh() {
    assert_logs_in_and_refreshes(python("python").arg(file("oauth.py"))).await;
}

#[tokio::test]
async fn oauth4webapi_logs_in_and_refreshes() {
    let mut client = node(&file("oauth.mjs"));
    assert_logs_in_and_refreshes(client.env("OAUTH_MODULES", node_modules())).await;
}

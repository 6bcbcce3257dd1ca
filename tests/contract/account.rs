//! The pages that links in e-mails lead to, in a browser.

use std::fs;

use serde_json::json;
use users_tests::{Mail, PASSWORD, Service, assert_problem, environment};

use crate::tools::{chromium, file, node, node_modules, run};

#[tokio::test]
async fn a_browser_uses_the_links_of_e_mails() {
    let service = Service::start().await;
    let account = service.account("ada@example.com").await;
    service.post("/auth/password/forgot").json(&json!({"email": account.email})).send().await.expect(202);
    let url = format!("http://{}", service.address());
    let sent = service.mail_with(&[("PUBLIC_URL", &url)]).await;
    let link = |page: &str| {
        let found = sent.iter().filter_map(Mail::link).find(|link| link.contains(page));
        found.unwrap_or_else(|| panic!("expected a link to {page}: {sent:#?}"))
    };
    let screenshots = environment().root().join("target/screenshots");
    fs::create_dir_all(&screenshots).expect("there is room for pictures");

    let chosen = "nine purple elephants dance";
    let mut browser = node(&file("account.mjs"));
    browser.env("BROWSE_MODULES", node_modules()).env("BROWSE_CHROMIUM", chromium());
    browser.env("BROWSE_SCREENSHOTS", screenshots).env("BROWSE_URL", &url);
    browser.env("BROWSE_VERIFY", link("/account/verify-email"));
    browser.env("BROWSE_RESET", link("/account/reset-password")).env("BROWSE_PASSWORD", chosen);
    let output = run(&mut browser);
    assert!(output.ends_with("seen to the end\n"), "expected all pages to work: {output}");

    service.login(&account.email, chosen).await;
    assert_problem(&service.try_login(&account.email, PASSWORD).await, 401, "invalid_credentials");
    assert_eq!(service.sql("SELECT email_verified FROM users").await, ["t"], "expected a verified address");
}

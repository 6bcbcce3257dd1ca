//! Tests the documentation pages in a browser.

use std::fs;

use users_tests::{PASSWORD, Service, environment};

use crate::tools::{chromium, file, node, node_modules, run};

#[tokio::test]
async fn a_browser_shows_the_pages_and_calls_the_api() {
    let service = Service::start().await;
    let account = service.account("ada@example.com").await;
    let screenshots = environment().root().join("target/screenshots");
    fs::create_dir_all(&screenshots).expect("there is room for pictures");

    let mut browser = node(&file("browser.mjs"));
    browser.env("BROWSE_MODULES", node_modules()).env("BROWSE_CHROMIUM", chromium());
    browser.env("BROWSE_SCREENSHOTS", screenshots);
    browser.env("BROWSE_URL", format!("http://{}", service.address()));
    browser.env("BROWSE_EMAIL", &account.email).env("BROWSE_PASSWORD", PASSWORD);
    let output = run(&mut browser);
    assert!(output.ends_with("seen to the end\n"), "expected all pages to be shown: {output}");
}

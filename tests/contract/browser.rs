//! The pages for people, as a browser shows them.

use std::fs;

use users_tests::{PASSWORD, Service, environment};

use crate::tools::{chromium, file, node, node_modules, run};

#[tokio::test]
async fn a_browser_shows_the_pages_and_tries_the_api_out() {
    let service = Service::start().await;
    let account = service.account("ada@example.com").await;
    let screenshots = environment().root().join("target/screenshots");
    fs::create_dir_all(&screenshots).expect("there is room for pictures");

    let mut browser = node(&file("browser.mjs"));
    browser.env("BROWSE_MODULES", node_modules()).env("BROWSE_CHROMIUM", chromium());
    browser.env("BROWSE_SCREENSHOTS", screenshots);
    browser.env("BROWSE_URL", format!("http://{}", service.address()));
    browser.env("BROWSE_EMAIL", &account.email).env("BROWSE_PASSWORD", PASSWORD);
    let said = run(&mut browser);
    assert!(said.ends_with("seen to the end\n"), "expected all pages to be seen: {said}");
}

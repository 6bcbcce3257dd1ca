//! Web applications on two origins, in a browser: one is listed, the other is not.

use users_tests::{PASSWORD, Service, free_address};

use crate::tools::{chromium, file, node, node_modules, run};

#[tokio::test]
async fn a_browser_lets_only_the_listed_origin_use_the_service() {
    // Two ports are two origins.
    let [listed, other] = [free_address(), free_address()];
    let service = Service::builder().variable("cors_origins", &format!("http://{listed}")).start().await;
    let admin = service.administrator("ada@example.com").await;
    let user = service.register("bob@example.com", PASSWORD).await.expect(201).json();

    let mut browser = node(&file("cors.mjs"));
    browser.env("BROWSE_MODULES", node_modules()).env("BROWSE_CHROMIUM", chromium());
    browser.env("BROWSE_URL", format!("http://{}", service.address()));
    browser.env("BROWSE_LISTED", listed).env("BROWSE_OTHER", other);
    browser.env("BROWSE_EMAIL", &admin.email).env("BROWSE_PASSWORD", PASSWORD);
    browser.env("BROWSE_USER", user["id"].to_string());
    let output = run(&mut browser);
    assert!(output.ends_with("seen to the end\n"), "expected both applications to run: {output}");

    let names = service.sql("SELECT full_name FROM users WHERE email = 'bob@example.com'").await;
    assert_eq!(names, ["Changed by the listed origin"]);
}

//! A client that was generated from the document walks through the API.

use users_tests::Service;

use crate::tools::{document_path, file, python, run};

/// Somebody whom `walk.py` knows as an administrator.
const ADMINISTRATOR: &str = "root@example.com";

#[tokio::test]
async fn a_generated_client_walks_through_the_api() {
    let service = Service::start().await;
    service.administrator(ADMINISTRATOR).await;

    let dir = tempfile::tempdir().expect("there is room for a client");
    let mut generator = python("openapi-python-client");
    generator.args(["generate", "--meta", "none", "--fail-on-warning", "--path"]).arg(document_path());
    generator.arg("--config").arg(file("client.yaml"));
    generator.arg("--output-path").arg(dir.path().join("users_client"));
    run(&mut generator);

    let mut walk = python("python");
    walk.arg(file("walk.py")).env("PYTHONPATH", dir.path());
    walk.env("WALK_URL", format!("http://{}", service.address()));
    walk.env("WALK_ADMINISTRATOR", ADMINISTRATOR).env("WALK_PASSWORD", users_tests::PASSWORD);
    let said = run(&mut walk);
    assert!(said.ends_with("walked to the end\n"), "expected the walk to end: {said}");
}

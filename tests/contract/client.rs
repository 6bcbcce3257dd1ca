//! Tests the API with a client that a generator created from the document.

use users_tests::Service;

use crate::tools::{document_path, file, python, run};

#[tokio::test]
async fn a_generated_client_calls_the_api() {
    let service = Service::start().await;
    let dir = tempfile::tempdir().expect("there is room for a client");
    let mut generator = python("openapi-python-client");
    generator.args(["generate", "--meta", "none", "--fail-on-warning", "--path"]).arg(document_path());
    generator.arg("--config").arg(file("client.yaml"));
    generator.arg("--output-path").arg(dir.path().join("users_client"));
    run(&mut generator);

    let mut walk = python("python");
    walk.arg(file("walk.py")).env("PYTHONPATH", dir.path());
    walk.env("WALK_URL", format!("http://{}", service.address()));
    let output = run(&mut walk);
    assert!(output.ends_with("walked to the end\n"), "expected the walk to end: {output}");
}

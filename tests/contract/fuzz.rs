//! schemathesis reads `openapi.json`, and sends many requests that the document allows and many that it forbids.
//!
//! A seed determines the requests. A failed test prints its seed. To try another seed, run
//! `USERS_TEST_FUZZ_SEED=… cargo xtask test --contract -k fuzz`.

use std::env;
use std::fs;

use serde_json::Value;
use users_tests::{Service, document};

use crate::tools::{document_path, file, outcome, python};

/// The minimum number of requests in each of the three runs: more than 5,000 together.
const REQUESTS: u64 = 1_700;

/// The number of random requests per operation, in addition to the requests that follow from the document.
const EXAMPLES: &str = "30";

/// The objects that requests use. `hooks.py` contains their ids.
const OBJECTS: &str = "
    INSERT INTO users (id, email, password_hash)
    SELECT id, id || '@example.org', '-' FROM generate_series(1001, 1020) AS id;
    INSERT INTO profiles (user_id, is_created, preferences)
    SELECT id, true, '{\"privacy_public_profile\": true}' FROM generate_series(1001, 1010) AS id;
    INSERT INTO permissions (id, name, resource, action)
    SELECT id, 'permission ' || id, 'resource', 'action' FROM generate_series(1001, 1020) AS id;
    INSERT INTO roles (id, name) SELECT id, 'role ' || id FROM generate_series(1001, 1020) AS id;
    INSERT INTO user_roles (user_id, role_id) SELECT id, id FROM generate_series(1001, 1020) AS id";

/// The password of the caller. No example of the document has it: a request that guessed it could change the password or delete the account.
const PASSWORD: &str = "known to nobody but the fuzzer";

fn seed() -> String {
    env::var("USERS_TEST_FUZZ_SEED").unwrap_or_else(|_| "20260515".into())
}

/// A service with objects and without a log of its statements.
async fn service() -> Service {
    let service = Service::builder().variable("log_queries", "false").start().await;
    service.sql(OBJECTS).await;
    // Requests often name the id 1. None of them may end the caller's sessions.
    service
        .sql("ALTER SEQUENCE users_id_seq RESTART 5001; ALTER SEQUENCE sessions_id_seq RESTART 5001")
        .await;
    service
}

/// Runs schemathesis with or without an account.
fn fuzz(service: &Service, email: Option<&str>) {
    let (dir, seed) = (tempfile::tempdir().expect("there is room for a report"), seed());
    let report = dir.path().join("report.json");
    let mut schemathesis = python("schemathesis");
    schemathesis.arg("--no-color").arg("--config-file").arg(file("fuzz/schemathesis.toml"));
    schemathesis.arg("run").arg(document_path());
    schemathesis.args(["--url", &format!("http://{}", service.address()), "--checks", "all"]);
    schemathesis.args(["--seed", &seed, "--max-examples", EXAMPLES, "--workers", "1"]);
    // Each failure is reported once. The seed reproduces its request.
    schemathesis.args(["--continue-on-failure", "--no-shrink", "--generation-database", "none"]);
    schemathesis.args(["--report", "json", "--report-json-path"]).arg(&report);
    schemathesis.current_dir(&dir);
    schemathesis.env("PYTHONPATH", file("fuzz")).env("SCHEMATHESIS_HOOKS", "hooks");
    if let Some(email) = email {
        schemathesis.env("FUZZ_URL", format!("http://{}", service.address()));
        schemathesis.env("FUZZ_EMAIL", email).env("FUZZ_PASSWORD", PASSWORD);
    }
    let (succeeded, output) = outcome(&mut schemathesis);
    let report = fs::read(&report).map(|text| serde_json::from_slice::<Value>(&text));
    let Ok(Ok(report)) = report else {
        panic!("expected a report of the run with seed {seed}; schemathesis printed:\n{output}");
    };
    assert_complete(&report, succeeded, &seed, &output);
}

/// Asserts that every operation was tried and that no request failed.
fn assert_complete(report: &Value, succeeded: bool, seed: &str, output: &str) {
    let cases = &report["test_cases"];
    let requests = cases["generated"].as_u64().unwrap_or_default();
    println!("seed {seed}: {requests} requests in {} s", report["running_time"]);
    assert!(succeeded, "expected no failure with seed {seed}; schemathesis printed:\n{output}");
    assert_eq!(
        (&cases["with_failures"], &cases["errored"], &report["complete"]),
        (&0.into(), &0.into(), &true.into()),
        "expected no failure with seed {seed}; schemathesis printed:\n{output}"
    );
    assert_eq!(
        report["operations"]["tested"],
        document().operations().len(),
        "expected every operation to be tried: {report:#}"
    );
    assert!(requests >= REQUESTS, "expected {REQUESTS} requests at least, not {requests}");
}

#[tokio::test]
async fn fuzzing_without_an_account_finds_no_failure() {
    let service = service().await;
    fuzz(&service, None);
}

#[tokio::test]
async fn fuzzing_as_a_plain_user_finds_no_failure() {
    let service = service().await;
    service.register("plain@example.com", PASSWORD).await.expect(201);
    fuzz(&service, Some("plain@example.com"));
}

#[tokio::test]
async fn fuzzing_as_an_administrator_finds_no_failure() {
    let service = service().await;
    service.register("administrator@example.com", PASSWORD).await.expect(201);
    service.sql("UPDATE users SET is_admin = true WHERE email = 'administrator@example.com'").await;
    fuzz(&service, Some("administrator@example.com"));
}

//! Registers passkeys and logs in by them with a library that knows nothing of this service.

use users_tests::{Service, free_address};

use crate::tools::{file, python, run};

#[tokio::test]
async fn fido2_registers_passkeys_and_logs_in() {
    // Browsers have passkeys on `localhost` without TLS, but for no IP address.
    let address = free_address();
    let port = address.rsplit(':').next().expect("an address has a port");
    let url = format!("http://localhost:{port}");
    let builder = Service::builder().variable("public_url", &url).argument("--listen").argument(&address);
    let service = builder.start().await;
    let ada = service.account("ada@example.com").await;
    let mut client = python("python");
    client.arg(file("passkeys.py")).env("PASSKEYS_URL", url).env("PASSKEYS_TOKEN", &ada.tokens.access);
    let output = run(&mut client);
    let end = "registered and logged in with every algorithm\n";
    assert!(output.ends_with(end), "expected the client to reach its end: {output}");
}

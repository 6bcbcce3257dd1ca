//! Outgoing HTTP: what a component may call, how it reaches the other components of its application, and how calls end.

use std::time::{Duration, Instant};

use users_tests::{HostKind, Service, environment, eventually, free_address};

use crate::guests::{MANIFEST, assert_failed};

/// The probe in three places: `probe` has a route, `other` can only be called by components, and `unused` has no trigger.
const CALLERS: &str = r#"
spin_manifest_version = 2
[application]
name = "callers"
version = "0.1.0"
[variables]
domain = { default = "spin.internal" }
server = { default = "" }
optional = { default = "" }
[[trigger.http]]
route = "/..."
component = "probe"
[[trigger.http]]
route = { private = true }
component = "other"
[component.probe]
source = "target/wasm/wasm32-wasip2/component/probe.wasm"
allowed_outbound_hosts = ["http://other.{{ domain }}", "http://probe.{{ domain }}", "http://unused.{{ domain }}", "http://{{ server }}", "{{ optional }}"]
[component.other]
source = "target/wasm/wasm32-wasip2/component/probe.wasm"
[component.unused]
source = "target/wasm/wasm32-wasip2/component/probe.wasm"
"#;

async fn callers() -> Service {
    Service::builder().manifest(CALLERS).start().await
}

/// Lets the probe make a call, and returns the outcome.
async fn call(service: &Service, call: &str) -> String {
    service.post("/call").body("text/plain", call).send().await.expect(200).body
}

/// The lines of a request that the probe has seen.
async fn seen(service: &Service, order: &str) -> Vec<String> {
    let outcome = call(service, order).await;
    let request = outcome.strip_prefix("200 ").unwrap_or_else(|| panic!("expected 200: {outcome}"));
    request.lines().map(str::to_owned).collect()
}

/// The values of a header.
fn values<'a>(request: &'a [String], name: &str) -> Vec<&'a str> {
    request.iter().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect()
}

/// Waits for a line of the log that has all these parts.
async fn logged(service: &Service, parts: &[&str]) {
    let has_all = |line: &String| parts.iter().all(|part| line.contains(part));
    service.logs().wait_for(&format!("a line with {parts:?}"), |lines| lines.iter().any(has_all)).await;
}

#[tokio::test]
async fn a_call_to_an_allowed_host_is_answered() {
    let server = Service::builder().manifest(MANIFEST).start().await;
    let address = server.address().to_owned();
    let service = Service::builder().manifest(CALLERS).variable("server", &address).start().await;
    let request =
        seen(&service, &format!("PUT http://{address}/seen/x?y=z\nheader x-a: b\nheader x-a: c")).await;
    assert_eq!(request[0], format!("PUT http://{address}/seen/x?y=z"));
    assert_eq!(values(&request, "x-a"), ["b", "c"]);
    assert_eq!(values(&request, "spin-full-url"), [format!("http://{address}/seen/x?y=z")]);
    assert!(values(&request, "spin-client-addr")[0].starts_with("127.0.0.1:"), "{request:?}");
    let sent = call(&service, &format!("POST http://{address}/length\nbody 8388608")).await;
    assert_eq!(sent, "200 8388608");
    let received = call(&service, &format!("GET http://{address}/bytes/8388608")).await;
    assert_eq!(received.len(), "200 ".len() + 8_388_608);
    let elsewhere = call(&service, &format!("GET http://{address}/elsewhere")).await;
    assert_eq!(elsewhere, "302 elsewhere", "a redirect is not followed");
}

#[tokio::test]
async fn a_call_to_any_other_host_is_denied() {
    let server = Service::builder().manifest(MANIFEST).start().await;
    let address = server.address().to_owned();
    let service = Service::builder().manifest(CALLERS).variable("server", &address).start().await;
    let own = service.address().to_owned();
    let port = address.rsplit(':').next().unwrap().to_owned();
    for url in [
        format!("https://{address}/"),
        format!("http://localhost:{port}/"),
        format!("http://other.spin.internal@{own}/"),
        format!("http://{own}/"),
        "http://self.alt/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://127.0.0.1/".to_owned(),
        "http://missing.spin.internal/".to_owned(),
        "http://other.spin.internal:81/".to_owned(),
        "https://other.spin.internal/".to_owned(),
    ] {
        assert_eq!(call(&service, &format!("GET {url}")).await, "error HttpRequestDenied", "{url}");
    }
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_an_error_of_the_call() {
    let address = free_address();
    let service = Service::builder().manifest(CALLERS).variable("server", &address).start().await;
    assert_eq!(call(&service, &format!("GET http://{address}/")).await, "error ConnectionRefused");
    let service = Service::builder().manifest(CALLERS).variable("server", "nowhere.invalid").start().await;
    assert_eq!(call(&service, "GET http://nowhere.invalid/").await, "error DnsError");
}

#[tokio::test]
async fn a_chained_call_reaches_the_component_from_nowhere() {
    let service = callers().await;
    let forged = "GET http://other.spin.internal/seen/x?y=z\nheader spin-client-addr: 1.2.3.4:5";
    let request = seen(&service, forged).await;
    assert_eq!(request[0], "GET http://other.spin.internal/seen/x?y=z");
    assert_eq!(
        values(&request, "spin-client-addr"),
        ["1.2.3.4:5", "0.0.0.0:0"],
        "the last one is the host's"
    );
    for (name, expected) in [
        ("spin-path-info", "/seen/x"),
        ("spin-full-url", "http://localhost/seen/x?y=z"),
        ("spin-matched-route", "/..."),
        ("spin-raw-component-route", "/..."),
        ("spin-component-route", ""),
        ("spin-base-path", "/"),
    ] {
        assert_eq!(values(&request, name), [expected], "{name}: {request:?}");
    }
    assert_eq!(values(&request, "host"), [""; 0], "{request:?}");
    assert_eq!(call(&service, "GET http://probe.spin.internal/fine").await, "200 fine", "itself");
    assert_eq!(call(&service, "GET http://other.spin.internal/elsewhere").await, "302 elsewhere");
}

#[tokio::test]
async fn large_bodies_pass_between_components() {
    let service = callers().await;
    let sent = call(&service, "POST http://other.spin.internal/length\nbody 8388608").await;
    assert_eq!(sent, "200 8388608");
    let received = call(&service, "GET http://other.spin.internal/bytes/8388608").await;
    assert_eq!(received.len(), "200 ".len() + 8_388_608);
}

#[tokio::test]
async fn a_hundred_chained_calls_run_at_once() {
    let service = callers().await;
    call(&service, "GET http://other.spin.internal/fine").await;
    let started = Instant::now();
    let outcomes = call(&service, "GET http://other.spin.internal/slow/500\ntimes 100").await;
    let elapsed = started.elapsed();
    assert_eq!(outcomes.lines().filter(|line| *line == "200 slow").count(), 100, "{outcomes}");
    assert!(elapsed < Duration::from_secs(20), "expected them side by side, not in {elapsed:?}");
}

#[tokio::test]
async fn a_component_that_fails_answers_its_caller_with_500() {
    let service = callers().await;
    let outcome = call(&service, "GET http://other.spin.internal/trap\nheader x-request-id: chained").await;
    assert!(outcome.starts_with("500 "), "{outcome}");
    if environment().host_kind == HostKind::Embedded {
        assert!(outcome.contains("\"request_id\":\"chained\""), "{outcome}");
        logged(&service, &["an instance failed", "\"other\"", "chained"]).await;
    }
    assert_eq!(call(&service, "GET http://other.spin.internal/fine").await, "200 fine");
}

#[tokio::test]
async fn a_call_of_a_component_without_a_trigger_ends_the_caller() {
    let service = callers().await;
    let calling = service.post("/call").body("text/plain", "GET http://unused.spin.internal/");
    assert_failed(&calling.id("lost").send().await);
    if environment().host_kind == HostKind::Embedded {
        logged(&service, &["a component calls one that no trigger names", "\"unused\""]).await;
    }
    assert_eq!(service.get("/fine").send().await.expect(200).body, "fine");
}

#[tokio::test]
async fn a_call_over_the_network_ends_at_its_limits() {
    let server = Service::builder().manifest(MANIFEST).start().await;
    let address = server.address().to_owned();
    let service = Service::builder().manifest(CALLERS).variable("server", &address).start().await;
    for (order, expected) in [
        ("slow/100", "200 slow"),
        ("slow/5000\nfirst-byte 200", "error ConnectionReadTimeout"),
        ("slow/5000\ngive-up 200", "gave up"),
        ("halting/100", "200 begun ended"),
        ("halting/5000\nbetween-bytes 200", "200, then error ConnectionReadTimeout"),
    ] {
        let started = Instant::now();
        assert_eq!(call(&service, &format!("GET http://{address}/{order}")).await, expected, "{order}");
        assert!(started.elapsed() < Duration::from_secs(4), "{order}");
    }
}

/// Only the pauses in the body of a chained call have a limit, as in Spin. A guest that waits no longer for an answer uses its own clock.
#[tokio::test]
async fn a_chained_call_waits_for_its_answer_as_long_as_the_guest_does() {
    let service = callers().await;
    for (order, expected) in [
        ("slow/600\nfirst-byte 200\nconnect 200", "200 slow"),
        ("slow/5000\ngive-up 200", "gave up"),
        ("halting/100", "200 begun ended"),
        ("halting/5000\nbetween-bytes 200", "200, then error ConnectionReadTimeout"),
    ] {
        let order = format!("GET http://other.spin.internal/{order}");
        let started = Instant::now();
        assert_eq!(call(&service, &order).await, expected, "{order}");
        assert!(started.elapsed() < Duration::from_secs(4), "{order}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_harms_no_other_call() {
    let service = callers().await;
    let leaving = call(&service, "GET http://other.spin.internal/slow/2000\ntimes 20");
    assert!(tokio::time::timeout(Duration::from_millis(300), leaving).await.is_err(), "it takes longer");
    assert_eq!(call(&service, "GET http://other.spin.internal/fine").await, "200 fine");
    eventually("no component waits for the client that has left", async || {
        call(&service, "GET http://other.spin.internal/waiting").await == "200 0"
    })
    .await;
}

#[tokio::test]
async fn a_selected_component_may_not_call_one_that_is_not_selected() {
    if environment().host_kind == HostKind::Spin {
        // `spin up` selects before it starts the program that serves.
        return;
    }
    let selected = |manifest: &str| {
        Service::builder().manifest(manifest).argument("--component-id").argument("probe").try_start()
    };
    let literal = CALLERS.replace("http://other.{{ domain }}", "http://other.spin.internal");
    let log = selected(&literal).await.expect_err("expected the host not to start");
    assert!(log.contains("other") && log.contains("selected"), "{log}");
    // A variable may lead elsewhere.
    let service = selected(CALLERS).await.expect("the host starts");
    assert_eq!(call(&service, "GET http://probe.spin.internal/fine").await, "200 fine");
    let calling = service.post("/call").body("text/plain", "GET http://other.spin.internal/fine");
    assert_failed(&calling.send().await);
}

#[tokio::test]
async fn the_application_itself_can_be_called_if_it_is_allowed() {
    let manifest = CALLERS.replace("\"{{ optional }}\"", "\"http://self\"");
    let service = Service::builder().manifest(&manifest).start().await;
    let request = seen(&service, "GET http://self.alt/seen").await;
    assert_eq!(request[0], format!("GET http://{}/seen", service.address()));
    assert!(values(&request, "spin-client-addr")[0].starts_with("127.0.0.1:"), "{request:?}");
}

#[tokio::test]
async fn a_component_without_hosts_calls_nobody() {
    let manifest = CALLERS.replace(
        r#"allowed_outbound_hosts = ["http://other.{{ domain }}", "http://probe.{{ domain }}", "http://unused.{{ domain }}", "http://{{ server }}", "{{ optional }}"]"#,
        "",
    );
    assert!(!manifest.contains("allowed_outbound_hosts"), "{manifest}");
    let service = Service::builder().manifest(&manifest).start().await;
    assert_eq!(call(&service, "GET http://other.spin.internal/").await, "error HttpRequestDenied");
    assert_eq!(
        service.get("/fine").send().await.expect(200).body,
        "fine",
        "the refusal is the guest's to handle"
    );
}

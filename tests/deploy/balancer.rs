//! HAProxy as the load balancer. It replaces a Kubernetes Service and its Ingress.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::haproxy::HaProxy;

/// The time limit for every wait in this module.
const PATIENCE: Duration = Duration::from_secs(30);
/// Columns of HAProxy's statistics (its management guide, section 9.1).
const CURRENT_SESSIONS: usize = 4;
const TOTAL_SESSIONS: usize = 7;

/// A running load balancer.
pub(crate) struct Balancer(HaProxy);

impl Balancer {
    /// Starts HAProxy with `places` for replicas. It probes their readiness like Kubernetes. At first, no place has a replica.
    pub(crate) fn start(places: usize, readiness: &Value) -> Self {
        Self(HaProxy::start(|address, socket| configuration(address, socket, places, readiness)))
    }

    /// The address for clients: `127.0.0.1:port`.
    pub(crate) fn address(&self) -> &str {
        self.0.address()
    }

    /// Adds a ready replica.
    pub(crate) fn add(&self, place: usize, address: &str) {
        let (host, port) = address.rsplit_once(':').expect("an address has a port");
        self.0.command(&format!("set server api/r{place} addr {host} port {port}"));
        self.0.command(&format!("clear counters server api/r{place}"));
        self.0.command(&format!("set server api/r{place} state ready"));
    }

    /// Removes a replica: HAProxy sends it no new requests, and the function waits until the replica has answered the current ones.
    pub(crate) async fn remove(&self, place: usize) {
        self.0.command(&format!("set server api/r{place} state maint"));
        self.until(place, "no open request", CURRENT_SESSIONS, |sessions| sessions == 0).await;
    }

    /// Waits until a replica has received a request.
    pub(crate) async fn until_used(&self, place: usize) {
        let before = self.statistic(place, TOTAL_SESSIONS);
        self.until(place, "a request", TOTAL_SESSIONS, |sessions| sessions > before).await;
    }

    async fn until(&self, place: usize, what: &str, column: usize, holds: impl Fn(u64) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self.statistic(place, column)) {
            assert!(Instant::now() < deadline, "expected of replica {place}: {what}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    fn statistic(&self, place: usize, column: usize) -> u64 {
        let all = self.0.command("show stat api 4 -1");
        let name = format!("api,r{place},");
        let line =
            all.lines().find(|line| line.starts_with(&name)).unwrap_or_else(|| panic!("no {name}: {all}"));
        line.split(',')
            .nth(column)
            .and_then(|it| it.parse().ok())
            .unwrap_or_else(|| panic!("no number: {line}"))
    }
}

/// Each request has its own connection, so no request is sent on a connection that a replica is closing. HAProxy skips a replica
/// that refuses the connection.
fn configuration(address: &str, socket: &str, places: usize, readiness: &Value) -> String {
    let number = |member: &str| readiness[member].as_u64().expect("the check says how often it asks");
    let path = readiness["httpGet"]["path"].as_str().expect("the check asks for a path");
    let (every, failures) = (number("periodSeconds"), number("failureThreshold"));
    let mut text = format!(
        "global
    stats socket {socket} mode 600 level admin
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    timeout check {timeout}s
    retries 3
    option redispatch
    option http-server-close
frontend in
    bind {address}
    default_backend api
backend api
    balance roundrobin
    option httpchk
    http-check send meth GET uri {path} ver HTTP/1.1 hdr Host {address}
    http-check expect status 200
",
        timeout = number("timeoutSeconds"),
    );
    for place in 0..places {
        writeln!(
            text,
            "    server r{place} 127.0.0.1:1 check inter {every}s fall {failures} rise 1 disabled"
        )
        .expect("a text takes lines");
    }
    text
}

//! The embedded host: serves the `spin.toml` of this workspace on Wasmtime, as Spin 4.1 would, for machines without the
//! spin CLI and for tests. Where it does more than Spin, it protects itself: a looping guest is stopped, memory is
//! bounded, and the client of a failed request gets a problem document.
//!
//! Not there: outgoing HTTP (always denied), sockets, files, key-value stores, SQLite, TLS towards clients, WAGI, and
//! components for WASI 0.2's HTTP.

mod app;
mod bindings;
mod cache;
mod compose;
mod engine;
mod handler;
mod log;
mod manifest;
mod networking;
mod postgres;
mod problem;
mod request;
mod routes;
mod server;
mod stdio;
mod turns;
mod variables;

use std::time::Duration;

pub use app::{App, environment};
pub use server::Server;
pub use stdio::Stderr;

/// What guests and clients may use up.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a guest may take for its response, and then for what it does after it.
    pub request_timeout: Duration,
    /// Requests an instance serves in its life.
    pub max_instance_reuse_count: usize,
    /// Requests an instance serves at once.
    pub max_instance_concurrent_reuse_count: usize,
    /// How long an instance waits for its next request.
    pub idle_instance_timeout: Duration,
    /// Bytes of memory of one instance.
    pub max_instance_memory: usize,
    /// Connections at once; more wait to be accepted.
    pub max_connections: usize,
    /// Seconds that the guests' clock is ahead of this machine's.
    pub clock_offset: i64,
}

//! The embedded host: serves the `spin.toml` of this workspace on Wasmtime as Spin 4.1 does, for tests and for machines
//! without the `spin` command. `host/README.md` names the differences, and the test of each.

mod app;
mod bindings;
mod cache;
mod compose;
mod engine;
mod handler;
mod log;
mod networking;
mod postgres;
mod problem;
mod request;
mod server;
mod stdio;
mod variables;

use std::time::Duration;

pub use app::{App, environment};
pub use server::Server;
pub use stdio::Stderr;

/// Limits on guests and clients.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The time that a guest has for its response, and again for its work after the response.
    pub request_timeout: Duration,
    /// Requests that an instance serves before it is replaced.
    pub max_instance_reuse_count: usize,
    /// Requests that an instance serves at once.
    pub max_instance_concurrent_reuse_count: usize,
    /// The time that an idle instance is kept for its next request.
    pub idle_instance_timeout: Duration,
    /// Bytes of memory of one instance.
    pub max_instance_memory: usize,
    /// Concurrent connections; more wait to be accepted.
    pub max_connections: usize,
    /// Seconds that the guests' clock is ahead of this machine's.
    pub clock_offset: i64,
}

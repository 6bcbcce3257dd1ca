//! The embedded host. It serves the `spin.toml` of this workspace on Wasmtime like Spin 4.1, for tests and for machines without the
//! `spin` command. `host/README.md` lists the differences and their tests.

mod app;
mod bindings;
mod cache;
mod chaining;
mod compose;
mod dispatch;
mod engine;
mod handler;
mod log;
mod networking;
mod outgoing;
mod postgres;
mod problem;
mod request;
mod roots;
mod selection;
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
    /// The time that a guest has for its response. After the response, it has the same time again for further work.
    pub request_timeout: Duration,
    /// The number of requests after which an instance is replaced.
    pub max_instance_reuse_count: usize,
    /// The number of requests that an instance serves at once.
    pub max_instance_concurrent_reuse_count: usize,
    /// How long an idle instance waits for its next request.
    pub idle_instance_timeout: Duration,
    /// The maximum memory of one instance, in bytes.
    pub max_instance_memory: usize,
    /// The maximum number of connections. More connections wait until one is closed.
    pub max_connections: usize,
    /// How far the guests' clock is ahead of this machine's clock, in seconds.
    pub clock_offset: i64,
}

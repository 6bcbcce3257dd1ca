//! End-to-end tests over HTTP: a real host, real components, a real Postgres.
//!
//! [`Service::start`] gives each test a database and a host process of its own; both go when it is dropped. The tests
//! themselves are the targets of this package, one per area, with files that mirror the URLs. Run them with
//! `cargo xtask test`, which builds what they need and says where it is.

mod assertions;
mod barrier;
mod builder;
mod client;
mod database;
mod environment;
mod front;
mod host;
mod logs;
mod raw;
mod seen;
mod service;
pub mod token;

pub use assertions::{
    USER_FIELDS, assert_common_headers, assert_is_problem, assert_no_store, assert_problem, assert_timestamp,
    assert_user, etag, fields, pointers,
};
pub use barrier::Barrier;
pub use builder::Builder;
pub use client::{Answer, Request};
pub use database::{APPLICATION, ROLE, TestDatabase};
pub use environment::{Environment, HostKind, environment};
pub use front::{Account, Front, PASSWORD, Tokens};
pub use host::{Host, free_address};
pub use logs::{Log, Logs};
pub use service::{JWT_SECRET, Service};

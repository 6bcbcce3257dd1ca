//! End-to-end tests over HTTP: a real host, real components, a real Postgres.
//!
//! [`Service::start`] starts a host process with its own database for a test. Dropping the service removes both. The tests are the
//! targets of this package, one per area. Their files mirror the URLs. Run them with `cargo xtask test`, which builds the programs
//! and sets the variables of [`Environment`].

mod assertions;
mod asset;
mod authenticator;
mod barrier;
mod browser;
mod builder;
mod call;
mod client;
mod environment;
mod front;
mod host;
mod link;
mod logs;
mod mail;
mod markup;
mod passkey;
mod raw;
mod seen;
mod service;
pub mod token;
mod waiting;

pub use assertions::{
    USER_FIELDS, assert_common_headers, assert_is_problem, assert_no_store, assert_problem, assert_timestamp,
    assert_user, etag, fields, pointers,
};
pub use asset::assert_asset;
pub use authenticator::{Authenticator, within_a_step};
pub use barrier::Barrier;
pub use browser::Browser;
pub use builder::{Builder, LIMITS};
pub use call::{Call, document, methods_by_path, operations};
pub use client::{Answer, Request};
pub use environment::{Environment, HostKind, environment};
pub use front::{Account, Front, PASSWORD, Tokens};
pub use host::{Host, free_address};
pub use logs::{Log, Logs};
pub use mail::{Mail, Postman};
pub use markup::{between, text_of, value_of};
pub use passkey::ORIGIN;
pub use service::{APPLICATION, JWT_SECRET, KEY_SECRET, LIMIT_SECRET, Neighbour, Service};
pub use test_database::{COMPONENTS, ROLE, TestDatabase};
pub use waiting::{eventually, statements_wait, within};

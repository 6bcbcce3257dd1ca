//! Runs a component's whole router on this machine, without a Wasm runtime, against a database of its own in a real
//! Postgres. For the components' own tests; the end-to-end tests in `tests/` run the components as they are deployed.

mod client;
mod database;
mod rights;
mod service;

pub use client::{Answer, Client};
pub use database::TestDatabase;
pub use rights::assert_every_route_has_its_row;
pub use service::Service;

//! Runs a component's router natively with a database on a real Postgres, for the component's own tests. The end-to-end tests in
//! `tests/` run the components as WebAssembly.

mod client;
mod database;
mod rights;
mod service;

pub use client::{Answer, Client};
pub use database::TestDatabase;
pub use rights::assert_every_route_has_its_row;
pub use service::Service;

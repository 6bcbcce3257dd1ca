//! Runs a component's router natively against a database in a real Postgres, for the components' own tests. The end-to-end
//! tests in `tests/` run the components as they are deployed.

mod client;
mod database;
mod rights;
mod service;

pub use client::{Answer, Client};
pub use database::TestDatabase;
pub use rights::assert_every_route_has_its_row;
pub use service::Service;

//! `spin:postgres@4.2.0`, as Spin 4.1 answers it: the same types cross, the same ones fail, the pool is reset but never
//! rolled back.
#![expect(clippy::result_large_err, reason = "the error is the interface's own type")]

mod errors;
mod host;
mod known;
mod pool;
mod query;
mod tls;
mod types;

use std::sync::Arc;

use known::Known;

pub(crate) use host::{HasPostgres, View as PostgresView};
pub(crate) use pool::Pools;

use crate::networking::AllowedHosts;

/// What one instance needs to reach its database. Clones share it.
#[derive(Clone)]
pub(crate) struct PostgresState {
    pub(crate) pools: Arc<Pools>,
    pub(crate) allowed: Arc<AllowedHosts>,
}

/// A connection a guest holds. Clones share it, so that a query can run while the store does something else.
#[expect(unreachable_pub, reason = "the bindings re-export it")]
#[derive(Clone)]
pub struct Connection {
    client: Arc<deadpool_postgres::Object>,
    /// What the pool's connections have learnt.
    known: Arc<Known>,
}

/// An address that may get more settings before it becomes a connection.
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct ConnectionBuilder {
    pub(crate) address: String,
    /// A PEM certificate to trust beside those of the system.
    pub(crate) root: Option<String>,
}

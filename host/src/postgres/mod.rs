//! `spin:postgres@4.2.0` as in Spin 4.1. The same types work, and the same types fail. A pooled connection is reset, but its
//! transaction is not rolled back.
#![expect(clippy::result_large_err, reason = "the error is the interface's own type")]

mod errors;
mod host;
mod pool;
mod query;
mod tls;
mod types;

use std::sync::Arc;

pub(crate) use host::{HasPostgres, View as PostgresView};
pub(crate) use pool::Pools;

use crate::networking::AllowedHosts;

/// An instance's access to Postgres. Clones share the pools.
#[derive(Clone)]
pub(crate) struct PostgresState {
    pub(crate) pools: Arc<Pools>,
    pub(crate) allowed: Arc<AllowedHosts>,
}

/// A guest's connection. Clones share it, so that a query can run while the store is in use elsewhere.
#[expect(unreachable_pub, reason = "the bindings re-export it")]
#[derive(Clone)]
pub struct Connection(Arc<deadpool_postgres::Object>);

/// The settings of a future connection.
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct ConnectionBuilder {
    pub(crate) address: String,
    /// A PEM certificate to trust in addition to the system's certificates.
    pub(crate) root: Option<String>,
}

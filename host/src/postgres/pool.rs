//! Pools of connections: each component has one per address, as in Spin 4.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use indexmap::IndexMap;
use tokio_postgres::NoTls;
use tokio_postgres::config::SslMode;

use super::{Connection, tls};

/// The maximum number of connections per address.
const SIZE: usize = 64;
/// The maximum number of addresses with a pool. The least recently used pool is closed first.
const ADDRESSES: usize = 16;

/// An address, and the additional root certificate for it.
type Key = (String, Option<String>);

/// The pools of a component, shared by its instances.
#[derive(Default)]
pub(crate) struct Pools(Mutex<IndexMap<Key, Pool>>);

impl Pools {
    /// Takes a connection to `address` (a URL or `key=value` pairs) from its pool. Waits while all connections are in use. A
    /// returned connection is reset (`RecyclingMethod::Clean`), but an open transaction is not rolled back.
    pub(super) async fn connect(&self, address: &str, root: Option<String>) -> Result<Connection> {
        let pool = self.pool((address.to_owned(), root))?;
        Ok(Connection(Arc::new(pool.get().await?)))
    }

    fn pool(&self, key: Key) -> Result<Pool> {
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The pool is removed and inserted again at the end, so the map stays in the order of use.
        let pool = match pools.shift_remove(&key) {
            Some(pool) => pool,
            None => create(&key.0, key.1.as_deref())?,
        };
        if pools.len() >= ADDRESSES {
            pools.shift_remove_index(0);
        }
        pools.insert(key, pool.clone());
        Ok(pool)
    }
}

fn create(address: &str, root: Option<&str>) -> Result<Pool> {
    let config: tokio_postgres::Config = address.parse().context("not a Postgres address")?;
    let options = ManagerConfig { recycling_method: RecyclingMethod::Clean };
    let manager = match config.get_ssl_mode() {
        SslMode::Disable => Manager::from_config(config, NoTls, options),
        _ => Manager::from_config(config, tls::connector(root)?, options),
    };
    Ok(Pool::builder(manager).max_size(SIZE).build()?)
}

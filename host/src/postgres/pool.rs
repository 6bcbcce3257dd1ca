//! Pools of connections: each component has one per address, as in Spin 4.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use indexmap::IndexMap;
use tokio_postgres::NoTls;
use tokio_postgres::config::SslMode;

use super::{Connection, Known, tls};

/// Connections per address.
const SIZE: usize = 64;
/// Addresses that are remembered; the one unused for longest is forgotten first.
const ADDRESSES: usize = 16;

/// An address and the extra root certificate it is reached with.
type Key = (String, Option<String>);

/// The pools of a component, shared by its instances.
#[derive(Default)]
pub(crate) struct Pools(Mutex<IndexMap<Key, Entry>>);

/// The connections to an address, and what is known of the statements that ran on them.
#[derive(Clone)]
struct Entry {
    pool: Pool,
    known: Arc<Known>,
}

impl Pools {
    /// A connection to `address` (a URL or `key=value` pairs), waiting for one of the pool if all are taken. A used one
    /// is reset first (`RecyclingMethod::Clean`), which ends no transaction.
    pub(super) async fn connect(&self, address: &str, root: Option<String>) -> Result<Connection> {
        let Entry { pool, known } = self.entry((address.to_owned(), root))?;
        Ok(Connection { client: Arc::new(pool.get().await?), known })
    }

    fn entry(&self, key: Key) -> Result<Entry> {
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out and put back at the end: the order of the map is the order of use.
        let entry = match pools.shift_remove(&key) {
            Some(entry) => entry,
            None => Entry { pool: create(&key.0, key.1.as_deref())?, known: Arc::default() },
        };
        if pools.len() >= ADDRESSES {
            pools.shift_remove_index(0);
        }
        pools.insert(key, entry.clone());
        Ok(entry)
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

//! A private Postgres cluster on this machine, for development and for tests.
//!
//! A [`Cluster`] is either *temporary* (in a directory of its own under the system's temporary directory, gone when
//! the value is dropped) or *persistent* (kept in a directory the caller names, and locked so that only one process
//! uses it). Both listen on 127.0.0.1 only, on a free port of their own, with passwords made for them. Root never
//! runs the server: the process drops to the user `postgres`, or else `nobody`.
//!
//! Nothing here is asynchronous and nothing speaks Postgres' protocol: the binaries that come with the server do the
//! work, so that `cargo xtask` stays quick to build.
//!
//! ```no_run
//! use local_postgres::{Binaries, Cluster, Settings};
//!
//! let cluster = Cluster::temporary(&Binaries::find()?, &Settings::for_tests())?;
//! assert_eq!(cluster.sql("postgres", "SELECT 1 + 1")?, "2");
//! println!("{}", cluster.url("postgres"));
//! # Ok::<(), local_postgres::Error>(())
//! ```

mod binaries;
mod cluster;
mod error;
mod home;
mod identity;
mod keeper;
mod secret;
mod settings;

pub use binaries::Binaries;
pub use cluster::{Cluster, ensure_database_script};
pub use error::Error;
pub use home::{Home, Running};
pub use secret::{random_hex, read_or_create};
pub use settings::Settings;

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

//! A private Postgres cluster on this machine, for development and for tests.
//!
//! A [`Cluster`] is *temporary* or *persistent*. A temporary cluster has its own directory under the system's temporary directory.
//! When the value is dropped, the directory is removed. A persistent cluster stays in a directory that the caller names and locks.
//! Both listen on 127.0.0.1 only, on a free port, with random passwords. The server never runs as root. If this process runs as
//! root, the server runs as the user `postgres`, or as `nobody` if there is no such user.
//!
//! The crate is not asynchronous and contains no Postgres client: it runs `psql` instead, which keeps the build of `cargo xtask`
//! short.
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
pub use cluster::Cluster;
pub use error::Error;
pub use home::{Home, Running};
pub use secret::{random_hex, read_or_create};
pub use settings::Settings;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

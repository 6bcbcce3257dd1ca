//! Errors. Each message is one sentence with the next step.

use std::io;
use std::path::PathBuf;

/// The reason why a cluster could not be found, started, stopped or queried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No directory with `postgres`, `initdb` and `psql` was found.
    #[error(
        "no Postgres on this machine: install it (on Debian: apt-get install postgresql), or set DATABASE_URL to a server that runs"
    )]
    NotInstalled,
    /// The data directory belongs to a major version that is not installed.
    #[error(
        "the data in {} was written by Postgres {made_by}, which is not installed: install postgresql-{made_by}, or remove that directory to start with an empty database",
        path.display()
    )]
    WrongVersion {
        /// The cluster's directory.
        path: PathBuf,
        /// The major version that wrote it.
        made_by: String,
    },
    /// Another process holds the directory's lock.
    #[error("the data directory {} is in use by another process: stop that process first", .0.display())]
    InUse(PathBuf),
    /// This process runs as root, and there is no unprivileged user for the server.
    #[error(
        "Postgres refuses to run as root and this machine has neither a user `postgres` nor `nobody`, or no `setpriv` (package util-linux): run this as another user"
    )]
    NoUnprivilegedUser,
    /// The server's user can access no directory for the data.
    #[error("user {user} can reach neither {} nor a directory of its own in /var/tmp: run this as another user", path.display())]
    Unreachable {
        /// The server's user.
        user: String,
        /// The requested directory.
        path: PathBuf,
    },
    /// `initdb` failed.
    #[error("initdb could not make a cluster in {}: {message}", path.display())]
    Init {
        /// The cluster's directory.
        path: PathBuf,
        /// The last line of `initdb`'s output.
        message: String,
    },
    /// The server ended, or it was not ready in time.
    #[error("Postgres did not start: {message} (the whole log is in {})", log.display())]
    Start {
        /// The errors in the server's log.
        message: String,
        /// The server's log.
        log: PathBuf,
    },
    /// The server did not stop in time.
    #[error("Postgres (process {pid}) did not stop within {seconds} s: kill it and try again")]
    Stop {
        /// The postmaster's process id.
        pid: u32,
        /// The time limit, in seconds.
        seconds: u64,
    },
    /// `psql` reported an error.
    #[error("Postgres refused a statement: {0}")]
    Sql(String),
    /// A file or process operation failed.
    #[error("could not {doing}: {source}")]
    Io {
        /// The action that failed, as an infinitive.
        doing: String,
        /// The system's error.
        source: io::Error,
    },
}

/// Adds the failed action to an input or output error.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|source| Error::Io { doing: what(), source })
    }
}

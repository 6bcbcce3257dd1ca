//! What can go wrong, each in one sentence with the way out.

use std::io;
use std::path::PathBuf;

/// Why a cluster could not be found, started, stopped or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No `postgres` and `initdb` anywhere we look.
    #[error(
        "no Postgres on this machine: install it (on Debian: apt-get install postgresql) or set DATABASE_URL to one that runs"
    )]
    NotInstalled,
    /// The data directory belongs to a major version that is not installed.
    #[error(
        "the data in {} was written by Postgres {made_by}, which is not installed: install postgresql-{made_by}, or remove that directory to start afresh",
        path.display()
    )]
    WrongVersion {
        /// The cluster's directory.
        path: PathBuf,
        /// The major version that wrote it.
        made_by: String,
    },
    /// Another process holds the directory's lock.
    #[error("the data directory {} is in use by another process: stop that one first", .0.display())]
    InUse(PathBuf),
    /// Root runs us and there is nobody to run the server as.
    #[error(
        "Postgres refuses to run as root and this machine has neither a user `postgres` nor `nobody`, or no `setpriv` (package util-linux): run this as another user"
    )]
    NoUnprivilegedUser,
    /// No directory that the server's user may reach.
    #[error("user {user} can reach neither {} nor a directory of its own in /var/tmp: run this as another user", path.display())]
    Unreachable {
        /// The server's user.
        user: String,
        /// Where the cluster should have gone.
        path: PathBuf,
    },
    /// `initdb` failed.
    #[error("initdb could not make a cluster in {}: {message}", path.display())]
    Init {
        /// The cluster's directory.
        path: PathBuf,
        /// The end of what `initdb` said.
        message: String,
    },
    /// The server ended, or did not get ready in time.
    #[error("Postgres did not start: {message} (the whole log is in {})", log.display())]
    Start {
        /// The end of the server's log.
        message: String,
        /// The server's log.
        log: PathBuf,
    },
    /// The server did not stop in time.
    #[error("Postgres (process {pid}) did not stop within {seconds} s: end it by hand and try again")]
    Stop {
        /// The postmaster's process id.
        pid: u32,
        /// How long we waited.
        seconds: u64,
    },
    /// `psql` reported an error.
    #[error("Postgres refused a statement: {0}")]
    Sql(String),
    /// A file or process operation failed.
    #[error("could not {doing}: {source}")]
    Io {
        /// What was being done, as an infinitive.
        doing: String,
        /// The system's answer.
        source: io::Error,
    },
}

/// Says what was being done when an input or output error came up.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|source| Error::Io { doing: what(), source })
    }
}

//! The variables that `cargo xtask test` sets.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The programs and files of a test run.
#[derive(Debug)]
pub struct Environment {
    /// The superuser's URL of a temporary cluster.
    pub database_url: String,
    /// The host program.
    pub host: PathBuf,
    /// The kind of host.
    pub host_kind: HostKind,
    /// The `usersctl` program.
    pub ctl: PathBuf,
    /// The path of `spin.toml`.
    pub manifest: PathBuf,
}

/// The kinds of hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKind {
    /// `users-host`.
    Embedded,
    /// The `spin` command.
    Spin,
}

impl Environment {
    /// The root of the repository.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.manifest.parent().unwrap_or(Path::new("."))
    }

    /// True when a header with this value reaches a component. Spin answers a value that is not UTF-8 with an empty 500.
    #[must_use]
    pub fn lets_header_through(&self, value: &[u8]) -> bool {
        self.host_kind == HostKind::Embedded || std::str::from_utf8(value).is_ok()
    }
}

/// The environment of this run.
///
/// # Panics
/// When the tests were not started by `cargo xtask test`.
#[must_use]
pub fn environment() -> &'static Environment {
    static ENVIRONMENT: LazyLock<Environment> = LazyLock::new(|| {
        let host_kind = match env::var("USERS_TEST_HOST_KIND").as_deref() {
            Ok("spin") => HostKind::Spin,
            Ok("embedded") => HostKind::Embedded,
            _ => unknown(),
        };
        let host = match host_kind {
            HostKind::Embedded => path("USERS_TEST_HOST_BIN"),
            HostKind::Spin => {
                PathBuf::from(env::var("USERS_TEST_SPIN_BIN").unwrap_or_else(|_| "spin".into()))
            }
        };
        Environment {
            database_url: env::var("USERS_TEST_DATABASE_URL").unwrap_or_else(|_| unknown()),
            host,
            host_kind,
            ctl: path("USERS_TEST_CTL_BIN"),
            manifest: path("USERS_TEST_MANIFEST"),
        }
    });
    &ENVIRONMENT
}

fn path(name: &str) -> PathBuf {
    env::var_os(name).map_or_else(|| unknown(), PathBuf::from)
}

fn unknown() -> ! {
    panic!("run the tests with `cargo xtask test`")
}

//! HAProxy with a configuration of its own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use users_tests::free_address;

/// The time limit for the start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running HAProxy.
pub(crate) struct HaProxy {
    child: Child,
    address: String,
    dir: TempDir,
}

impl HaProxy {
    /// Starts HAProxy. `configuration` is the text of its configuration for an address to serve at and the path of a socket for commands.
    pub(crate) fn start(configuration: impl Fn(&str, &str) -> String) -> Self {
        // Another process may take the free port before HAProxy does.
        for _ in 0..5 {
            if let Some(proxy) = Self::try_start(&configuration) {
                return proxy;
            }
        }
        panic!("expected HAProxy to serve");
    }

    fn try_start(configuration: &impl Fn(&str, &str) -> String) -> Option<Self> {
        let dir = tempfile::tempdir().expect("there is room for a file");
        let address = free_address();
        let file = dir.path().join("haproxy.cfg");
        let socket = dir.path().join("socket");
        std::fs::write(&file, configuration(&address, &socket.display().to_string()))
            .expect("there is room for a file");
        let program =
            std::env::var_os("USERS_TEST_HAPROXY_BIN").expect("run the tests with `cargo xtask test`");
        let child = Command::new(program).args(["-db", "-q", "-f"]).arg(&file).stdin(Stdio::null()).spawn();
        let mut proxy = Self { child: child.expect("HAProxy is installed"), address, dir };
        let deadline = std::time::Instant::now() + PATIENCE;
        while TcpStream::connect(&proxy.address).is_err() || UnixStream::connect(&socket).is_err() {
            if matches!(proxy.child.try_wait(), Ok(Some(_))) || std::time::Instant::now() > deadline {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(proxy)
    }

    /// The address for clients: `127.0.0.1:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Sends a command to HAProxy's socket and returns the answer.
    pub(crate) fn command(&self, command: &str) -> String {
        let mut socket = UnixStream::connect(self.socket()).expect("HAProxy listens");
        writeln!(socket, "{command}").expect("HAProxy reads");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("HAProxy answers");
        answer
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }
}

impl Drop for HaProxy {
    fn drop(&mut self) {
        // HAProxy has no state that a kill could lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

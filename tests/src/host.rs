//! The process that serves the components.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::{HostKind, Logs, environment};

/// The time limit for a start. The first host compiles the components.
const START: Duration = Duration::from_secs(180);
/// The time limit for a stop.
const STOP: Duration = Duration::from_secs(5);

/// A running host. Dropping the value stops the host.
#[derive(Debug)]
pub struct Host {
    child: Child,
    address: String,
    logs: Logs,
}

impl Host {
    /// Starts a host with these variables, and waits until it serves requests. It listens on a free address, unless the arguments contain
    /// `--listen` and an address.
    ///
    /// # Errors
    /// The log of the host, if the host ends before it serves requests.
    ///
    /// # Panics
    /// When the host neither serves requests nor ends.
    pub fn start(
        manifest: &Path,
        variables: &BTreeMap<String, String>,
        arguments: &[String],
    ) -> Result<Self, String> {
        let environment = environment();
        let given = arguments.iter().skip_while(|it| *it != "--listen").nth(1);
        let wanted = given.cloned().unwrap_or_else(|| match environment.host_kind {
            HostKind::Embedded => "127.0.0.1:0".to_owned(),
            HostKind::Spin => free_address(),
        });
        let mut command = Command::new(&environment.host);
        match environment.host_kind {
            HostKind::Embedded => {
                let cache = environment.root().join("target/host-cache");
                command.arg("--stop-on-stdin-close").arg("--cache-dir").arg(cache);
            }
            HostKind::Spin => {
                let state = env::temp_dir().join("users-tests-spin");
                command.arg("up").arg("--state-dir").arg(&state).arg("--log-dir").arg(&state);
                // `spin up` starts a child process that serves requests: see `kill`.
                command.process_group(0);
            }
        }
        command.arg("--from").arg(manifest).args(arguments);
        if given.is_none() {
            command.args(["--listen", &wanted]);
        }
        for (name, _) in
            env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SPIN_VARIABLE_"))
        {
            command.env_remove(name);
        }
        command.envs(
            variables.iter().map(|(name, value)| (format!("SPIN_VARIABLE_{}", name.to_uppercase()), value)),
        );
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not run: {error}", environment.host.display()));
        let logs = Logs::collect(child.stderr.take().expect("it is piped"));
        let stdout = child.stdout.take().expect("it is piped");
        // From here on, dropping this value stops the host.
        let mut host = Self { child, address: wanted, logs };
        let lines = lines_of(stdout);
        match environment.host_kind {
            HostKind::Embedded => host.read_address(&lines)?,
            HostKind::Spin => host.wait_until_it_listens()?,
        }
        Ok(host)
    }

    /// The address of the host, as `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The log of the host.
    #[must_use]
    pub fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Kills the host.
    ///
    /// # Panics
    /// When the system cannot kill the host.
    pub fn kill(mut self) {
        if environment().host_kind == HostKind::Spin
            && let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
        {
            kill_process_group(group, Signal::KILL).expect("the group of the host can be killed");
        }
        self.child.kill().expect("the host can be killed");
    }

    fn read_address(&mut self, lines: &mpsc::Receiver<String>) -> Result<(), String> {
        let line = match lines.recv_timeout(START) {
            Ok(line) => line,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                // The last lines may still be in the pipe.
                self.logs.wait_for_end();
                return Err(self.logs.text());
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                panic!("the host serves within {START:?}: {}", self.logs.text())
            }
        };
        let address = line.strip_prefix("listening on http://");
        self.address =
            address.unwrap_or_else(|| panic!("expected `listening on http://…`, got {line:?}")).to_owned();
        Ok(())
    }

    fn wait_until_it_listens(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + START;
        while TcpStream::connect(&self.address).is_err() {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return Err(self.logs.text());
            }
            assert!(Instant::now() < deadline, "the host serves within {START:?}: {}", self.logs.text());
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let running = |child: &mut Child| matches!(child.try_wait(), Ok(None));
        if running(&mut self.child)
            && let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
        {
            // Nobody has waited for the child, so its process id is still valid.
            let _ = kill_process(pid, Signal::TERM);
        }
        let deadline = Instant::now() + STOP;
        while running(&mut self.child) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a stream. The thread reads the stream to its end, so the writer never blocks.
fn lines_of(stream: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // The receiver reads only the first line.
            let _ = sender.send(line);
        }
    });
    lines
}

/// An unused address. Another process may use it before the caller does.
///
/// # Panics
/// When no port is free.
#[must_use]
pub fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("a listener has an address").to_string()
}

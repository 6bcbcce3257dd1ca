//! The server process: the embedded host or `spin up`.

use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::cargo::{built, root};
use crate::database::{Address, Secrets};
use crate::{Host, http, process, say};

/// A free port of the loopback interface.
pub(crate) const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// The longest time to the first answer. The host compiles a new component to machine code first.
const READY: Duration = Duration::from_secs(180);
/// The longest time for pending requests to finish. The host ends each request after 30 s.
const STOP: Duration = Duration::from_secs(40);

/// A host in its own process group: the terminal's Ctrl-C only reaches this program, which then stops the host.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts `host` and waits until `/readyz` answers 200. Its log goes to `log`.
    pub(crate) fn start(
        host: Host,
        listen: SocketAddr,
        database: &Address,
        secrets: &Secrets,
        log: Stdio,
    ) -> anyhow::Result<Self> {
        Self::start_with(host, listen, database, secrets, log, &[])
    }

    /// Like [`Server::start`], with more variables of the application.
    pub(crate) fn start_with(
        host: Host,
        listen: SocketAddr,
        database: &Address,
        secrets: &Secrets,
        log: Stdio,
        variables: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let mut command = match host {
            Host::Embedded => {
                let mut command = Command::new(built("users-host")?);
                // If this program is killed, the pipe closes and the host stops.
                command.arg("--stop-on-stdin-close").stdin(Stdio::piped());
                command
            }
            Host::Spin => {
                let mut command = Command::new("spin");
                command.arg("up").stdin(Stdio::null());
                command
            }
        };
        command
            .args(["--from", "spin.toml", "--listen", &listen.to_string()])
            .current_dir(root())
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(log);
        command.envs(database.of_service()).envs(secrets.variables());
        if listen.port() != 0 {
            command.env("SPIN_VARIABLE_PUBLIC_URL", public_url(listen));
        }
        command.envs(variables.iter().copied());
        let mut child = process::start(&mut command)?;
        let heard = announced(&mut child);
        let mut server = Self { child, address: listen };
        let ready = server.wait_until_ready(&heard);
        if ready.is_err() {
            server.end();
        }
        ready.map(|()| server)
    }

    /// The address that the host listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of the host's process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// The exit status of the host, if it has ended.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    fn wait_until_ready(&mut self, heard: &mpsc::Receiver<SocketAddr>) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY;
        // With port 0 the host chooses a free port and prints its address.
        let mut known = self.address.port() != 0;
        let mut last = None;
        // The pauses grow: a fast start is noticed at once, and a slow start costs few requests.
        let mut pause = process::POLL;
        loop {
            process::go_on()?;
            if let Ok(address) = heard.try_recv() {
                self.address = address;
                known = true;
            }
            if let Some(status) = self.ended() {
                bail!("the host ended ({status}) before it served: see its messages above");
            }
            let now = if known { http::status(reachable(self.address), "/readyz") } else { None };
            if let Some(status) = now.filter(|status| *status != 200 && last != Some(*status)) {
                say(format_args!("waiting: /readyz answers {status}"));
            }
            last = now.or(last);
            if last == Some(200) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let answers = last
                    .map_or_else(|| "does not answer".to_owned(), |status| format!("still answers {status}"));
                bail!("{}/readyz {answers} after {} s: see the log above", self.address, READY.as_secs());
            }
            thread::sleep(pause);
            pause = (pause * 3 / 2).min(Duration::from_secs(1));
        }
    }

    /// Stops the host after its pending requests. A second Ctrl-C stops it at once.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let asked = process::asked_to_stop();
        let deadline = Instant::now() + STOP;
        process::terminate(&self.child);
        while self.ended().is_none() {
            if Instant::now() > deadline || process::asked_to_stop() > asked {
                // The host may have ended just now.
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            thread::sleep(process::POLL);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.end();
        }
    }
}

/// Reads the output of the host. Sends the address that it listens on, and prints any other line.
fn announced(child: &mut Child) -> mpsc::Receiver<SocketAddr> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                match address(&line) {
                    // The receiver is gone once the host has started.
                    Some(address) => drop(sender.send(address)),
                    None => eprintln!("{line}"),
                }
            }
        });
    }
    receiver
}

/// The address in the line that the embedded host or `spin up` prints when it listens.
fn address(line: &str) -> Option<SocketAddr> {
    let address =
        line.strip_prefix("listening on http://").or_else(|| line.strip_prefix("Serving http://"))?;
    address.parse().ok()
}

/// Where people of this machine reach a server that listens there.
pub(crate) fn public_url(listen: SocketAddr) -> String {
    format!("http://{}", reachable(listen))
}

/// An address for connections. A server that listens everywhere is reached on the loopback interface.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

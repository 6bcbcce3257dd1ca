//! Closed-loop load by wrk: each connection waits for an answer before it sends the next request.

use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

use super::routes::{Request, Tokens};
use crate::cargo::root;
use crate::{apt, process};

/// Makes wrk's requests, and prints the results as JSON.
const SCRIPT: &str = "dev/xtask/bench/load.lua";
/// The pause between two measurements of the host's memory.
const LOOK: Duration = Duration::from_millis(50);

/// The result of a load.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Outcome {
    /// Per second.
    pub(super) requests: f64,
    /// Latencies in milliseconds.
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) p999: f64,
    /// The number of answers with status 400 or more, and of broken connections.
    pub(super) errors: u64,
    /// The host's peak resident memory, in MiB.
    pub(super) memory: u64,
}

/// Finds wrk, or installs it.
pub(super) fn ready() -> anyhow::Result<()> {
    let is_found =
        || Command::new("wrk").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().ok().map(drop);
    apt::find_or_install(is_found, &["wrk"], "the measurements need wrk")
}

/// Sends a request for some time, with this many clients.
pub(super) fn run(
    address: SocketAddr,
    host: u32,
    request: &Request,
    clients: u32,
    time: Duration,
) -> anyhow::Result<Outcome> {
    let peak = Peak::watch(host);
    let child = start(address, request, clients, time)?;
    let said = finish(child)?;
    Ok(Outcome { memory: peak.stop(), ..outcome(&said)? })
}

/// Starts a load; [`finish`] waits for the end.
pub(super) fn start(
    address: SocketAddr,
    request: &Request,
    clients: u32,
    time: Duration,
) -> anyhow::Result<std::process::Child> {
    let mut command = Command::new("wrk");
    command.args(["--threads", "1", "--connections", &clients.to_string()]);
    command.args(["--duration", &format!("{}s", time.as_secs()), "--timeout", "60s", "--script"]);
    command.arg(root().join(SCRIPT));
    command.arg(format!("http://{address}{}", request.path)).arg("--").arg(request.method);
    command.arg(request.body.as_deref().unwrap_or("-")).arg(request.media_type.unwrap_or("-"));
    match &request.tokens {
        Tokens::Access(tokens) => command.arg("access").args(tokens),
        Tokens::Refresh(tokens) => command.arg("refresh").args(tokens),
    };
    process::start(command.stdin(Stdio::null()).stdout(Stdio::piped()))
}

/// Waits for the end of wrk. Returns its output.
pub(super) fn finish(mut child: std::process::Child) -> anyhow::Result<String> {
    if !process::wait(&mut child)?.success() {
        bail!("wrk failed: see its messages above");
    }
    Ok(std::io::read_to_string(child.stdout.take().context("wrk's output cannot be read")?)?)
}

/// Reads the line of JSON that the script prints.
pub(super) fn outcome(said: &str) -> anyhow::Result<Outcome> {
    let line = said.lines().find(|line| line.starts_with('{')).context("wrk printed no results")?;
    let value: Value = serde_json::from_str(line).context("wrk's results are not JSON")?;
    let number = |name: &str| value[name].as_f64().with_context(|| format!("wrk's results have no {name}"));
    Ok(Outcome {
        requests: number("requests")? / number("microseconds")? * 1e6,
        p50: number("p50")? / 1e3,
        p99: number("p99")? / 1e3,
        p999: number("p999")? / 1e3,
        errors: value["refused"].as_u64().unwrap_or(0) + value["broken"].as_u64().unwrap_or(0),
        memory: 0,
    })
}

/// Watches the memory of a process and its children.
pub(super) struct Peak {
    stop: std::sync::Arc<AtomicBool>,
    watcher: thread::JoinHandle<u64>,
}

impl Peak {
    pub(super) fn watch(process: u32) -> Self {
        let stop = std::sync::Arc::new(AtomicBool::new(false));
        let told = std::sync::Arc::clone(&stop);
        let watcher = thread::spawn(move || {
            let mut peak = 0;
            while !told.load(Ordering::Relaxed) {
                peak = peak.max(resident(process));
                thread::sleep(LOOK);
            }
            peak
        });
        Self { stop, watcher }
    }

    pub(super) fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.watcher.join().unwrap_or(0)
    }
}

/// The resident memory in MiB of a process and its children (`spin up` serves in a child), or 0 when it is unknown.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|it| it.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let started: Vec<String> = threads
        .map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default())
        .collect();
    let started = started.iter().flat_map(|it| it.split_whitespace()).filter_map(|it| it.parse().ok());
    kib.unwrap_or(0) / 1024 + started.map(resident).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::{Outcome, outcome};

    #[test]
    fn the_results_of_wrk_are_read() {
        let said = "Running 4s test\n{\"requests\":4000,\"microseconds\":4000000,\"p50\":1500,\"p99\":4000,\"p999\":9000,\"max\":9500,\"refused\":1,\"broken\":2}\n";
        let expected = Outcome { requests: 1000.0, p50: 1.5, p99: 4.0, p999: 9.0, errors: 3, memory: 0 };
        assert_eq!(outcome(said).unwrap(), expected);
        assert!(outcome("unable to connect").is_err());
    }
}

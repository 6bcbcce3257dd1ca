//! Running other programs, and stopping on a signal.

use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

/// The pause between two checks of a condition that we wait for.
pub(crate) const POLL: Duration = Duration::from_millis(10);

/// The number of signals so far: SIGINT, SIGTERM or SIGHUP.
static ASKED_TO_STOP: AtomicUsize = AtomicUsize::new(0);

/// The error after a signal to stop. It has no message, because the user sent the signal.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Interrupted {}

/// Counts SIGINT, SIGTERM and SIGHUP from now on, so that we can stop our children before we end.
pub(crate) fn listen_for_signals() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        ASKED_TO_STOP.fetch_add(1, Ordering::Relaxed);
    })
    .context("signals cannot be caught")
}

/// The number of signals that asked us to stop.
pub(crate) fn asked_to_stop() -> usize {
    ASKED_TO_STOP.load(Ordering::Relaxed)
}

/// Returns an error if a signal has asked us to stop.
pub(crate) fn go_on() -> anyhow::Result<()> {
    if asked_to_stop() > 0 { Err(Interrupted.into()) } else { Ok(()) }
}

/// Runs a command. `failure` is the error message when it fails.
pub(crate) fn run(command: &mut Command, failure: &str) -> anyhow::Result<()> {
    let mut child = start(command)?;
    if wait(&mut child)?.success() { Ok(()) } else { bail!("{failure}") }
}

/// Starts a command.
pub(crate) fn start(command: &mut Command) -> anyhow::Result<Child> {
    go_on()?;
    let program = command.get_program().to_string_lossy().into_owned();
    command.spawn().with_context(|| format!("{program} cannot be started"))
}

/// Waits until a child ends. Passes a signal to stop on to it.
pub(crate) fn wait(child: &mut Child) -> anyhow::Result<ExitStatus> {
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait()? {
            go_on()?;
            return Ok(status);
        }
        if asked_to_stop() > 0 && !told {
            terminate(child);
            told = true;
        }
        thread::sleep(POLL);
    }
}

/// Asks a child to stop (SIGTERM).
pub(crate) fn terminate(child: &Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // The child may have ended just now.
        let _ = kill_process(pid, Signal::TERM);
    }
}

/// Runs a short command silently. `None` when it does not exist or takes longer than `limit`.
pub(crate) fn quietly(command: &mut Command, limit: Duration) -> Option<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let deadline = Instant::now() + limit;
    while let Ok(None) = child.try_wait() {
        if Instant::now() > deadline || asked_to_stop() > 0 {
            // The child may have ended just now.
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(POLL);
    }
    child.wait_with_output().ok()
}

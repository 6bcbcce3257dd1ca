//! Running other programs, and stopping when asked to.

use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How often we look at what we wait for.
pub(crate) const POLL: Duration = Duration::from_millis(10);

/// How often Ctrl-C, SIGTERM or SIGHUP has come.
static ASKED_TO_STOP: AtomicUsize = AtomicUsize::new(0);

/// We were asked to stop. No message: whoever asked knows.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Interrupted {}

/// From now on Ctrl-C, SIGTERM and SIGHUP are counted; what we started is stopped before we end.
pub(crate) fn listen_for_signals() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        ASKED_TO_STOP.fetch_add(1, Ordering::Relaxed);
    })
    .context("signals cannot be caught")
}

/// How often we were asked to stop.
pub(crate) fn asked_to_stop() -> usize {
    ASKED_TO_STOP.load(Ordering::Relaxed)
}

/// An error once we were asked to stop.
pub(crate) fn go_on() -> anyhow::Result<()> {
    if asked_to_stop() > 0 { Err(Interrupted.into()) } else { Ok(()) }
}

/// Runs a command to success; `failure` is the sentence for when it fails.
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

/// Waits for a child's end; when we are asked to stop, so is the child.
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
        // One that has just ended needs no signal.
        let _ = kill_process(pid, Signal::TERM);
    }
}

/// Runs a short command silently; `None` when it is not there or takes longer than `limit`.
pub(crate) fn quietly(command: &mut Command, limit: Duration) -> Option<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let deadline = Instant::now() + limit;
    while let Ok(None) = child.try_wait() {
        if Instant::now() > deadline || asked_to_stop() > 0 {
            // It may have ended just now.
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(POLL);
    }
    child.wait_with_output().ok()
}

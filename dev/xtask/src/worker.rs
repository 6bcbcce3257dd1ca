//! The worker of the development service: `usersctl work`, which writes messages to files.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::database::{Database, Secrets, data_dir};
use crate::server::public_url;
use crate::{process, usersctl};

/// The folder of the messages, in the directory of the data. Each message is a file.
const INBOX: &str = "mail";
/// The longest time for a pending delivery.
const STOP: Duration = Duration::from_secs(10);
/// Variables of the terminal that this worker must not use. It must send nothing to a mail server.
const FOREIGN: [&str; 9] = [
    "SMTP_URL",
    "SMTP_CA_FILE",
    "MAIL_DIR",
    "MAIL_FROM",
    "PUBLIC_URL",
    "ACCOUNT_URL",
    "KEY_SECRET",
    "LIMIT_MAILS",
    "WORKER_LISTEN",
];

/// A worker in its own process group: the terminal's Ctrl-C only reaches this program, which stops the worker after the server.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
}

impl Worker {
    /// Starts the worker of the service at this address. It prints the link of each message.
    pub(crate) fn start(database: &Database, secrets: &Secrets, listen: SocketAddr) -> anyhow::Result<Self> {
        let mut command = command(database, &data_dir().join(INBOX), &[])?;
        command.env("PUBLIC_URL", public_url(listen)).envs([secrets.of_worker()]).process_group(0);
        // We hold the other end of the pipe. If we are killed, it closes, and the worker ends, too.
        command.arg("--stop-on-stdin-close").stdin(Stdio::piped());
        Ok(Self { child: process::start(&mut command)? })
    }

    /// The exit status of the worker, if it has ended.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Stops the worker after a pending delivery.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let deadline = Instant::now() + STOP;
        process::terminate(&self.child);
        while self.ended().is_none() {
            if Instant::now() > deadline {
                // The worker may have ended just now.
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            thread::sleep(process::POLL);
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.end();
        }
    }
}

/// Sends all messages that are due to a temporary folder. Returns the lines that the worker prints.
pub(crate) fn send_all(database: &Database) -> anyhow::Result<String> {
    let inbox = tempfile::tempdir().context("there is no place for messages")?;
    let mut command = command(database, inbox.path(), &["--once"])?;
    // Otherwise, log lines would appear between the answers.
    let child = process::start(command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("usersctl work failed ({}): run it on its own to see why", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn command(database: &Database, inbox: &Path, more: &[&str]) -> anyhow::Result<Command> {
    let mut command = usersctl::command(database, &["work"])?;
    for name in FOREIGN {
        command.env_remove(name);
    }
    command.envs(database.address().of_worker());
    command.args(more).arg("--mail-dir").arg(inbox).stdin(Stdio::null());
    Ok(command)
}

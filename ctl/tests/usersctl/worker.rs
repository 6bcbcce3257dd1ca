//! A running `usersctl work`.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::fixture::{Database, eventually, usersctl};

/// A running worker. It is killed when the test ends.
pub(crate) struct Worker {
    child: Child,
    dir: tempfile::TempDir,
}

impl Worker {
    /// Starts a worker that sends through this server.
    pub(crate) fn start(database: &Database, smtp_url: &str, more: &[&str]) -> Self {
        Self::start_at(&database.url(), smtp_url, more)
    }

    /// Starts a worker with the database at this URL.
    pub(crate) fn start_at(database_url: &str, smtp_url: &str, more: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut command: Command = usersctl(&["work"]);
        command.env("DATABASE_URL", database_url);
        command.args(["--smtp-url", smtp_url, "--mail-from", "Users <no-reply@example.com>"]).args(more);
        // A pipe that nobody reads would fill up and stop the worker.
        command.stdout(Stdio::null()).stderr(File::create(dir.path().join("log")).unwrap());
        command.stdin(Stdio::piped());
        Self { child: command.spawn().unwrap(), dir }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap()
    }

    fn log_file(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// Sends SIGTERM, and waits for the end.
    pub(crate) fn terminate(self) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.ended()
    }

    /// Closes its standard input, as the end of its parent does, and waits for its end.
    pub(crate) fn lose_parent(mut self) -> (ExitStatus, String) {
        drop(self.child.stdin.take());
        self.ended()
    }

    fn ended(mut self) -> (ExitStatus, String) {
        let mut ended = None;
        eventually("the worker ends", || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        (ended.unwrap(), self.log())
    }

    /// Sends SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

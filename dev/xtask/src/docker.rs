//! Postgres in a container: the last resort where it is not installed and cannot be.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use local_postgres::{ensure_database_script, read_or_create};

use crate::process;

const IMAGE: &str = "postgres:16-alpine";
const READY: Duration = Duration::from_secs(120);

/// A running container, removed when it is stopped; its data stays in `.data/postgres-docker`.
#[derive(Debug)]
pub(crate) struct Container {
    name: String,
    port: u16,
}

impl Container {
    /// Whether docker answers.
    pub(crate) fn is_possible() -> bool {
        let said = process::quietly(Command::new("docker").args(["info"]), Duration::from_secs(10));
        said.is_some_and(|said| said.status.success())
    }

    /// Starts Postgres on a free port of 127.0.0.1 and waits until it takes connections.
    pub(crate) fn start(data: &Path) -> anyhow::Result<Self> {
        let kept = data.join("postgres-docker");
        std::fs::create_dir_all(&kept).with_context(|| format!("{} cannot be made", kept.display()))?;
        let password = read_or_create(&data.join("postgres").join("superuser_password"))?;
        let name = format!("users-postgres-{}", std::process::id());
        let mut command = Command::new("docker");
        command.args(["run", "--detach", "--rm", "--name", &name, "--publish", "127.0.0.1::5432"]);
        // The value comes from our environment: a command line can be read by everybody.
        command.args(["--env", "POSTGRES_PASSWORD"]).env("POSTGRES_PASSWORD", password);
        command.arg("--volume").arg(format!("{}:/var/lib/postgresql/data", kept.display()));
        command.arg(IMAGE).stdout(Stdio::null());
        process::run(&mut command, "docker cannot start Postgres: see its message above")?;
        let mut container = Self { name, port: 0 };
        container.port = container.published_port()?;
        container.wait()?;
        Ok(container)
    }

    /// The port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Makes the role and the database `name`, unless they are there, and sets the role's password.
    pub(crate) fn ensure_database(&self, name: &str, password: &str) -> anyhow::Result<()> {
        let statements = ensure_database_script(name, name, password)?;
        let mut command = self.docker(&["exec", "-i", &self.name]);
        command.args(["psql", "-q", "-U", "postgres", "-v", "ON_ERROR_STOP=1"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(statements.as_bytes())?;
        }
        if !child.wait()?.success() {
            bail!("the database cannot be made in the container: see psql's message above");
        }
        Ok(())
    }

    /// Stops and removes it.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        // Dropping does it.
        drop(self);
        Ok(())
    }

    fn published_port(&self) -> anyhow::Result<u16> {
        let said = self.docker(&["port", &self.name, "5432/tcp"]).output()?;
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        let port = text
            .lines()
            .next()
            .and_then(|line| line.rsplit(':').next())
            .and_then(|port| port.trim().parse().ok());
        port.context("docker does not tell the port of Postgres")
    }

    fn wait(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY;
        // Over TCP: while it is being made, the cluster listens on its socket only.
        let ready = || {
            let mut command = self.docker(&["exec", &self.name, "pg_isready", "-q", "-h", "127.0.0.1"]);
            process::quietly(&mut command, READY).is_some_and(|said| said.status.success())
        };
        while !ready() {
            process::go_on()?;
            if Instant::now() > deadline {
                bail!(
                    "Postgres in the container {} is not ready after {} s: see `docker logs`",
                    self.name,
                    READY.as_secs()
                );
            }
            thread::sleep(process::POLL * 20);
        }
        Ok(())
    }

    fn docker(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.args(arguments);
        command
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // `--rm` removes it; one that is gone already is fine.
        let _ = self.docker(&["stop", &self.name]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

//! A server and its data directory.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::error::Doing;
use crate::home::{Home, Running, alive};
use crate::identity::Identity;
use crate::{Binaries, Error, Result, Settings, keeper, secret};

/// How long a server may take to get ready; recovery after a crash counts too.
const START: Duration = Duration::from_secs(60);
/// How long a server may take to stop once asked.
const STOP: Duration = Duration::from_secs(30);
/// How often we look whether a server has got where we want it.
const POLL: Duration = Duration::from_millis(10);
/// The name of temporary directories, so that those of a killed process can be told and removed.
const TEMPORARY: &str = "local-postgres-test-";

/// A Postgres server of our own and its data directory.
///
/// Dropping it stops the server; a temporary cluster's directory goes with it. Should this process be killed instead,
/// the kernel tells the server to stop (where `setpriv` is, on every Linux), and the next temporary cluster removes
/// the directory.
#[derive(Debug)]
pub struct Cluster {
    binaries: Binaries,
    identity: Identity,
    settings: Settings,
    data: PathBuf,
    log: PathBuf,
    port: u16,
    password: String,
    child: Option<Child>,
    keep: Keep,
}

/// What a cluster holds on to besides its server.
#[derive(Debug)]
enum Keep {
    /// Removed when dropped, after the lock that tells others it is in use.
    Temporary {
        dir: TempDir,
        _lock: File,
    },
    Persistent {
        _home: Home,
    },
}

/// How a server is asked to stop; see "Shutting Down the Server" in Postgres' manual.
#[derive(Debug, Clone, Copy)]
enum Shutdown {
    /// Ends sessions and writes a checkpoint.
    Fast,
    /// Ends at once; the next start recovers.
    Immediate,
}

impl Cluster {
    /// Makes and starts a cluster in a directory of its own, gone when the value is dropped.
    ///
    /// # Errors
    /// When the directory, the cluster or the server cannot be had.
    pub fn temporary(binaries: &Binaries, settings: &Settings) -> Result<Self> {
        let identity = Identity::find()?;
        let (dir, lock) = temporary_dir(&identity)?;
        let place = dir.path().join("server");
        Self::open(
            binaries,
            identity,
            settings,
            &place,
            secret::random_hex(32)?,
            Keep::Temporary { dir, _lock: lock },
        )
    }

    /// Starts the cluster of a locked directory, and makes it first if need be. Its port and passwords stay what they
    /// were, unless somebody else has taken the port. A server that a killed process left behind is stopped first.
    ///
    /// # Errors
    /// When the cluster or the server cannot be had.
    pub fn persistent(binaries: &Binaries, home: Home, settings: &Settings) -> Result<Self> {
        let password = secret::read_or_create(&home.dir.join("superuser_password"))?;
        let identity = home.identity.clone();
        let place = home.place.clone();
        Self::open(binaries, identity, settings, &place, password, Keep::Persistent { _home: home })
    }

    fn open(
        binaries: &Binaries,
        identity: Identity,
        settings: &Settings,
        place: &Path,
        password: String,
        keep: Keep,
    ) -> Result<Self> {
        let data = place.join("data");
        let log = place.join("log");
        let mut cluster = Self {
            binaries: binaries.for_data(&data)?,
            identity,
            settings: settings.clone(),
            port: 0,
            data,
            log,
            password,
            child: None,
            keep,
        };
        if !cluster.data.exists() {
            cluster.init(place)?;
        }
        if let Some(left) = Running::read(&cluster.data) {
            stop_stranger(left.pid)?;
        }
        let file = place.join("port");
        let kept = fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
        cluster.port = match kept {
            Some(port) if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() => port,
            _ => free_port()?,
        };
        // Between our look at the port and the server's own, another process may take it.
        for left in (0..5).rev() {
            match cluster.start() {
                Err(Error::Start { message, .. })
                    if left > 0 && message.contains("Address already in use") =>
                {
                    cluster.port = free_port()?;
                }
                started => {
                    started?;
                    break;
                }
            }
        }
        if matches!(cluster.keep, Keep::Persistent { .. }) && kept != Some(cluster.port) {
            fs::write(&file, cluster.port.to_string()).doing(|| format!("write {}", file.display()))?;
        }
        Ok(cluster)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The password of the superuser `postgres`.
    #[must_use]
    pub fn superuser_password(&self) -> &str {
        &self.password
    }

    /// The superuser's URL of `database`. It holds the password: not for a command line, nor for a log.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// The server's log.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Whether the server runs, as far as its first process tells.
    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Starts the server and waits until it takes connections. Nothing happens when it runs already.
    ///
    /// # Errors
    /// [`Error::Start`] when it ends or is not ready within a minute.
    pub fn start(&mut self) -> Result<()> {
        if self.is_running() {
            return Ok(());
        }
        let deadline = Instant::now() + START;
        loop {
            match self.start_once(deadline) {
                // Processes of a killed server are still on their way out, and still hold its shared memory.
                Err(Error::Start { message, .. }) if still_ending(&message) && Instant::now() < deadline => {
                    thread::sleep(POLL * 5);
                }
                started => return started,
            }
        }
    }

    fn start_once(&mut self, deadline: Instant) -> Result<()> {
        let writing = || format!("write {}", self.log.display());
        let mut log = File::options().create(true).append(true).open(&self.log).doing(writing)?;
        let before = log.metadata().doing(writing)?.len();
        log.flush().doing(writing)?;
        let death_signal = if self.is_temporary() { "QUIT" } else { "INT" };
        let mut command = self.identity.command(self.binaries.program("postgres"), death_signal);
        command.arg("-D").arg(&self.data).args(self.settings.arguments(self.port));
        command.stdout(log.try_clone().doing(writing)?).stderr(log);
        let mut child = keeper::spawn(command).doing(|| "start postgres".into())?;
        loop {
            if child.try_wait().doing(|| "wait for postgres".into())?.is_some() {
                return Err(Error::Start { message: self.said_since(before), log: self.log.clone() });
            }
            if self.is_ready(child.id()) {
                self.child = Some(child);
                return Ok(());
            }
            if Instant::now() > deadline {
                end(&mut child, Signal::QUIT);
                let message = format!("it was not ready after {} s", START.as_secs());
                return Err(Error::Start { message, log: self.log.clone() });
            }
            thread::sleep(POLL);
        }
    }

    /// As `pg_ctl` does: the eighth line of `postmaster.pid` tells.
    fn is_ready(&self, pid: u32) -> bool {
        let text = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        let line = |number: usize| text.lines().nth(number).map(str::trim);
        line(0) == Some(pid.to_string().as_str()) && line(7) == Some("ready")
    }

    /// The worst of what the server has logged since `offset`, else its last words.
    fn said_since(&self, offset: u64) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text =
            String::from_utf8_lossy(text.get(usize::try_from(offset).unwrap_or(0)..).unwrap_or_default());
        let severe: Vec<&str> = text
            .lines()
            .filter(|line| ["FATAL:", "LOG:  could not bind"].iter().any(|w| line.contains(w)))
            .collect();
        if severe.is_empty() { last_line(&text) } else { severe.join("; ") }
    }

    /// Stops the server as an operator would: sessions end, everything is written. Nothing happens when it is stopped.
    ///
    /// # Errors
    /// [`Error::Stop`] when it still runs after 30 s.
    pub fn stop(&mut self) -> Result<()> {
        self.shut_down(Shutdown::Fast)
    }

    fn shut_down(&mut self, how: Shutdown) -> Result<()> {
        let Some(child) = self.child.as_mut() else {
            return Ok(());
        };
        let pid = child.id();
        let signal = match how {
            Shutdown::Fast => Signal::INT,
            Shutdown::Immediate => Signal::QUIT,
        };
        if !end(child, signal) {
            return Err(Error::Stop { pid, seconds: STOP.as_secs() });
        }
        self.child = None;
        Ok(())
    }

    /// Kills the server's first process, as a crash would; the others notice and end. [`Cluster::start`] recovers.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            end(&mut child, Signal::KILL);
        }
    }

    /// Stops the server and starts it again on the same port.
    ///
    /// # Errors
    /// As [`Cluster::stop`] and [`Cluster::start`].
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.start()
    }

    /// Runs statements as the superuser through `psql` and returns the rows as it prints them: a line per row, `|`
    /// between columns. The statements reach `psql` on its standard input, so they may hold secrets.
    ///
    /// # Errors
    /// [`Error::Sql`] with the server's message.
    pub fn sql(&self, database: &str, statements: &str) -> Result<String> {
        let mut command = Command::new(self.binaries.program("psql"));
        command
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres"])
            .args(["-p", &self.port.to_string(), "-d", database, "-f", "-"]);
        // What the developer set for other servers does not hold for this one.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.env("PGPASSWORD", &self.password).env("PGCONNECT_TIMEOUT", "10");
        let said = feed(command, statements).doing(|| "run psql".into())?;
        if said.status.success() {
            return Ok(String::from_utf8_lossy(&said.stdout).trim_end().to_owned());
        }
        let message = String::from_utf8_lossy(&said.stderr);
        let message = message.lines().find(|line| line.contains("ERROR") || line.contains("FATAL"));
        Err(Error::Sql(message.unwrap_or("psql failed without a message").trim().to_owned()))
    }

    /// Makes `database` and the role that owns it, unless they are there, and sets the role's password. The role is an
    /// ordinary one: it may do everything in that database and nothing elsewhere.
    ///
    /// # Errors
    /// [`Error::Sql`] when a name is no plain identifier, or with the server's message.
    pub fn ensure_database(&self, database: &str, owner: &str, password: &str) -> Result<()> {
        self.sql("postgres", &ensure_database_script(database, owner, password)?).map(drop)
    }

    fn is_temporary(&self) -> bool {
        matches!(self.keep, Keep::Temporary { .. })
    }

    /// Makes the cluster under another name first: one that is there is whole.
    fn init(&self, place: &Path) -> Result<()> {
        self.identity.make_dir(place, 0o700)?;
        let unfinished = place.join("data.unfinished");
        let password = place.join("password.unfinished");
        let clear = || {
            // Nothing to clear is the usual case.
            let _ = fs::remove_dir_all(&unfinished);
            let _ = fs::remove_file(&password);
        };
        clear();
        secret::write_private(&password, &self.password)?;
        self.identity.give(&password)?;
        let mut command = self.identity.command(self.binaries.program("initdb"), "KILL");
        command.arg("-D").arg(&unfinished).arg("--pwfile").arg(&password);
        command.args(["--username=postgres", "--encoding=UTF8", "--auth=scram-sha-256"]);
        // macOS has no C.UTF-8.
        let locale: &[_] = if cfg!(target_os = "macos") {
            &["--locale=C", "--lc-ctype=UTF-8"]
        } else {
            &["--locale=C.UTF-8"]
        };
        command.args(locale);
        if self.is_temporary() {
            command.arg("--no-sync");
        }
        let made = command.output().doing(|| "run initdb".into())?;
        if !made.status.success() {
            clear();
            let message = last_line(&String::from_utf8_lossy(&made.stderr));
            return Err(Error::Init { path: self.data.clone(), message });
        }
        fs::remove_file(&password).doing(|| format!("remove {}", password.display()))?;
        fs::rename(&unfinished, &self.data).doing(|| format!("make {}", self.data.display()))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let how = if self.is_temporary() { Shutdown::Immediate } else { Shutdown::Fast };
        if self.shut_down(how).is_err() {
            self.kill();
        }
        if let Keep::Temporary { dir, .. } = &self.keep {
            // A process of a killed server may write a last file while the directory goes; the next one sweeps it up.
            let _ = fs::remove_dir_all(dir.path());
        }
    }
}

/// What [`Cluster::ensure_database`] has `psql` run, for a server that is not a [`Cluster`].
///
/// # Errors
/// [`Error::Sql`] when a name is no plain identifier or the password would need quoting.
pub fn ensure_database_script(database: &str, owner: &str, password: &str) -> Result<String> {
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !plain(database) || !plain(owner) || password.contains(['\'', '\\']) {
        return Err(Error::Sql("the names of a database and its owner must be a-z, 0-9 and _".into()));
    }
    Ok(format!(
        "SELECT 'CREATE ROLE {owner} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{owner}') \\gexec\n\
         ALTER ROLE {owner} PASSWORD '{password}';\n\
         SELECT 'CREATE DATABASE {database} OWNER {owner}' \
         WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec\n"
    ))
}

/// A directory that the server's user can reach, locked for as long as we live.
fn temporary_dir(identity: &Identity) -> Result<(TempDir, File)> {
    for parent in [std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")] {
        sweep(&parent);
        let made = tempfile::Builder::new().prefix(TEMPORARY).tempdir_in(&parent);
        let dir = made.doing(|| format!("make a directory in {}", parent.display()))?;
        let path = dir.path().join("lock");
        let lock = File::create(&path).doing(|| format!("write {}", path.display()))?;
        lock.lock().doing(|| format!("lock {}", path.display()))?;
        identity.make_dir(&dir.path().join("server"), 0o700)?;
        identity.give(dir.path())?;
        if identity.can_write(&dir.path().join("server")) {
            return Ok((dir, lock));
        }
    }
    Err(Error::Unreachable { user: identity.name().to_owned(), path: std::env::temp_dir() })
}

/// Removes the directories of processes that were killed: those whose lock is free.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            continue;
        }
        let Ok(lock) = File::open(entry.path().join("lock")) else {
            continue;
        };
        let server_gone = Running::read(&entry.path().join("server/data")).is_none();
        if server_gone && lock.try_lock().is_ok() {
            // Somebody else's directory stays; so does one that somebody else removes now.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).doing(|| "find a free port".into())?;
    Ok(listener.local_addr().doing(|| "find a free port".into())?.port())
}

fn still_ending(message: &str) -> bool {
    ["pre-existing shared memory block", "\"postmaster.pid\" already exists"]
        .iter()
        .any(|w| message.contains(w))
}

/// Stops a server that is not our child.
fn stop_stranger(pid: u32) -> Result<()> {
    let deadline = Instant::now() + STOP;
    signal(pid, Signal::INT);
    while alive(pid) {
        if Instant::now() > deadline {
            return Err(Error::Stop { pid, seconds: STOP.as_secs() });
        }
        thread::sleep(POLL);
    }
    Ok(())
}

/// Signals a child of ours and waits for its end; says whether it came in time.
fn end(child: &mut Child, how: Signal) -> bool {
    let deadline = Instant::now() + STOP;
    // A child that was not waited for keeps its number, so this reaches nobody else.
    if matches!(child.try_wait(), Ok(None)) {
        signal(child.id(), how);
    }
    while matches!(child.try_wait(), Ok(None)) {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(POLL);
    }
    true
}

fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // One that has just ended needs no signal.
        let _ = kill_process(pid, signal);
    }
}

/// Runs `command` with `input` on its standard input.
fn feed(mut command: Command, input: &str) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take();
    thread::scope(|scope| {
        scope.spawn(move || {
            // psql stops reading at the first error, which it reports itself.
            let _ = stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
        });
        child.wait_with_output()
    })
}

fn last_line(text: &str) -> String {
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it said nothing").to_owned()
}

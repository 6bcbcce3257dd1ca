//! A server and its data directory.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::error::Doing;
use crate::home::{Home, Running, alive};
use crate::identity::Identity;
use crate::{Binaries, Error, Result, Settings, keeper, secret};

/// The time limit for a start, including the recovery after a crash.
const START: Duration = Duration::from_secs(60);
/// The time limit for a stop.
const STOP: Duration = Duration::from_secs(30);
/// The pause between two checks of a server that starts or stops.
const POLL: Duration = Duration::from_millis(10);
/// The file system in memory that Linux has for all programs.
const MEMORY: &str = "/dev/shm";
/// The free space, in bytes, from which on a temporary cluster is put into memory.
const ENOUGH_MEMORY: u64 = 8 << 30;
/// The prefix of temporary directories. With this prefix, a process finds and removes the directories of killed processes.
const TEMPORARY: &str = "local-postgres-test-";

// The ways to stop a server: see "Shutting Down the Server" in Postgres' manual.
/// Ends sessions and writes a checkpoint.
const FAST: Signal = Signal::INT;
/// Ends at once. The next start recovers the data.
const IMMEDIATE: Signal = Signal::QUIT;

/// A private Postgres server and its data directory.
///
/// When the value is dropped, the server stops. If the cluster is temporary, its directory is removed. If this process is killed
/// instead, the kernel stops the server, and the next temporary cluster removes the directory. This needs `setpriv`, which every
/// Linux has.
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

/// The directory of a cluster, locked for as long as the cluster exists.
#[derive(Debug)]
enum Keep {
    Temporary { dir: TempDir, _lock: File },
    Persistent { _home: Home },
}

impl Cluster {
    /// Creates and starts a cluster in its own directory. Dropping the value removes both.
    ///
    /// # Errors
    /// When the directory, the cluster or the server fails.
    pub fn temporary(binaries: &Binaries, settings: &Settings) -> Result<Self> {
        let identity = Identity::find()?;
        let (dir, lock) = temporary_dir(&identity)?;
        let place = dir.path().join("server");
        let binaries = binaries.reachable_by(&identity, dir.path())?;
        let password = secret::random_hex(32)?;
        let keep = Keep::Temporary { dir, _lock: lock };
        let mut cluster = Self::at(&place, binaries, identity, settings, password, keep);
        cluster.init(&place)?;
        cluster.start_on(None)?;
        Ok(cluster)
    }

    /// Starts the cluster in a locked directory. Creates the cluster if it does not exist. Its passwords stay the same, and so does
    /// its port, unless another process has taken the port. A server that a killed process left behind is stopped first.
    ///
    /// # Errors
    /// When the cluster or the server fails.
    pub fn persistent(binaries: &Binaries, home: Home, settings: &Settings) -> Result<Self> {
        let password = secret::read_or_create(&home.dir.join("superuser_password"))?;
        let (identity, place) = (home.identity.clone(), home.place.clone());
        let binaries = binaries.for_data(&place.join("data"))?;
        let keep = Keep::Persistent { _home: home };
        let mut cluster = Self::at(&place, binaries, identity, settings, password, keep);
        if !cluster.data.exists() {
            cluster.init(&place)?;
        }
        if let Some(left) = Running::read(&cluster.data) {
            stop_stranger(left.pid)?;
        }
        let file = place.join("port");
        let kept = fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
        cluster.start_on(kept)?;
        if kept != Some(cluster.port) {
            fs::write(&file, cluster.port.to_string()).doing(|| format!("write {}", file.display()))?;
        }
        Ok(cluster)
    }

    fn at(
        place: &Path,
        binaries: Binaries,
        identity: Identity,
        settings: &Settings,
        password: String,
        keep: Keep,
    ) -> Self {
        let (data, log) = (place.join("data"), place.join("log"));
        Self {
            binaries,
            identity,
            settings: settings.clone(),
            port: 0,
            data,
            log,
            password,
            child: None,
            keep,
        }
    }

    /// Starts the server on a port. If the port is taken, uses another one.
    fn start_on(&mut self, port: Option<u16>) -> Result<()> {
        self.port = match port {
            Some(port) if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() => port,
            _ => free_port()?,
        };
        // Another process may take the port before the server does.
        for _ in 0..4 {
            match self.start() {
                Err(Error::Start { message, .. }) if message.contains("Address already in use") => {
                    self.port = free_port()?;
                }
                started => return started,
            }
        }
        self.start()
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

    /// The superuser's URL of `database`. It contains the password, so keep it out of command lines and logs.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// The server's log.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// True while the server's first process runs.
    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Starts the server if it does not run yet, and waits until it accepts connections.
    ///
    /// # Errors
    /// [`Error::Start`] when the server ends, or is not ready within a minute.
    pub fn start(&mut self) -> Result<()> {
        if self.is_running() {
            return Ok(());
        }
        let deadline = Instant::now() + START;
        loop {
            match self.start_once(deadline) {
                // The other processes of a killed server end a moment later. Until then, they use its shared memory.
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
                return Err(Error::Start { message: self.errors_since(before), log: self.log.clone() });
            }
            if self.is_ready(child.id()) {
                self.child = Some(child);
                return Ok(());
            }
            if Instant::now() > deadline {
                end(&mut child, IMMEDIATE);
                let message = format!("it was not ready after {} s", START.as_secs());
                return Err(Error::Start { message, log: self.log.clone() });
            }
            thread::sleep(POLL);
        }
    }

    /// Reads the eighth line of `postmaster.pid`, as `pg_ctl` does.
    fn is_ready(&self, pid: u32) -> bool {
        let text = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        let line = |number: usize| text.lines().nth(number).map(str::trim);
        line(0) == Some(pid.to_string().as_str()) && matches!(line(7), Some("ready" | "standby"))
    }

    /// Returns the errors in the server's log after `offset`. If there are none, returns the last line.
    fn errors_since(&self, offset: u64) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text =
            String::from_utf8_lossy(text.get(usize::try_from(offset).unwrap_or(0)..).unwrap_or_default());
        let is_error = |line: &&str| line.contains("FATAL:") || line.contains("LOG:  could not bind");
        let errors: Vec<&str> = text.lines().filter(is_error).collect();
        if errors.is_empty() { last_line(&text) } else { errors.join("; ") }
    }

    /// Stops the server like an operator: it ends sessions and writes a checkpoint.
    ///
    /// # Errors
    /// [`Error::Stop`] when the server still runs after 30 s.
    pub fn stop(&mut self) -> Result<()> {
        self.shut_down(FAST)
    }

    fn shut_down(&mut self, how: Signal) -> Result<()> {
        let Some(child) = self.child.as_mut() else {
            return Ok(());
        };
        if !end(child, how) {
            return Err(Error::Stop { pid: child.id(), seconds: STOP.as_secs() });
        }
        self.child = None;
        Ok(())
    }

    /// Kills the server's first process, like a crash. The other processes notice that and end. [`Cluster::start`] recovers the
    /// data.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            end(&mut child, Signal::KILL);
        }
    }

    /// Stops the server and starts it again on the same port.
    ///
    /// # Errors
    /// See [`Cluster::stop`] and [`Cluster::start`].
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.start()
    }

    /// Runs statements as the superuser with `psql`. Returns the rows as `psql` prints them: one line per row, with `|` between the
    /// columns. `psql` reads the statements from its standard input, so they may contain secrets.
    ///
    /// # Errors
    /// [`Error::Sql`] with the server's message.
    pub fn sql(&self, database: &str, statements: &str) -> Result<String> {
        let mut command = Command::new(self.binaries.program("psql"));
        command
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres"])
            .args(["-p", &self.port.to_string(), "-d", database, "-f", "-"]);
        // The developer's settings are meant for other servers.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.env("PGPASSWORD", &self.password).env("PGCONNECT_TIMEOUT", "10");
        let output = feed(command, statements).doing(|| "run psql".into())?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        let message = String::from_utf8_lossy(&output.stderr);
        let message = message.lines().find(|line| line.contains("ERROR") || line.contains("FATAL"));
        Err(Error::Sql(message.unwrap_or("psql failed without a message").trim().to_owned()))
    }

    /// Creates `database` and the role that owns it, unless they exist. Sets the role's password. The role is an ordinary one: it
    /// has all rights in that database, and none elsewhere.
    ///
    /// # Errors
    /// [`Error::Sql`] with the server's message, or when a name has characters other than a-z, 0-9 and _.
    pub fn ensure_database(&self, database: &str, owner: &str, password: &str) -> Result<()> {
        let is_plain =
            |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !is_plain(database) || !is_plain(owner) || password.contains(['\'', '\\']) {
            return Err(Error::Sql("the names of a database and its owner must be a-z, 0-9 and _".into()));
        }
        let statements = format!(
            "SELECT 'CREATE ROLE {owner} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{owner}') \\gexec\n\
             ALTER ROLE {owner} PASSWORD '{password}';\n\
             SELECT 'CREATE DATABASE {database} OWNER {owner}' \
             WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec\n"
        );
        self.sql("postgres", &statements).map(drop)
    }

    /// Stops the server and starts it again as a standby. A standby answers queries and refuses changes, until `pg_promote()`
    /// promotes it.
    ///
    /// # Errors
    /// See [`Cluster::restart`].
    pub fn restart_as_standby(&mut self) -> Result<()> {
        self.stop()?;
        let file = self.data.join("standby.signal");
        fs::write(&file, "").doing(|| format!("write {}", file.display()))?;
        self.identity.give(&file)?;
        self.start()
    }

    fn is_temporary(&self) -> bool {
        matches!(self.keep, Keep::Temporary { .. })
    }

    /// Creates the cluster under another name and renames it. Therefore, a cluster with the right name is always complete.
    fn init(&self, place: &Path) -> Result<()> {
        self.identity.make_dir(place, 0o700)?;
        let unfinished = place.join("data.unfinished");
        let password = place.join("password.unfinished");
        let clear = || {
            // Usually there is nothing to remove.
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
        let how = if self.is_temporary() { IMMEDIATE } else { FAST };
        if self.shut_down(how).is_err() {
            self.kill();
        }
        if let Keep::Temporary { dir, .. } = &self.keep {
            // A process of a killed server may still write a file at this time. The next temporary cluster removes it.
            let _ = fs::remove_dir_all(dir.path());
        }
    }
}

/// Creates a directory that the server's user can access. Locks it for as long as this process lives.
fn temporary_dir(identity: &Identity) -> Result<(TempDir, File)> {
    let others = [env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    for parent in memory().into_iter().chain(others) {
        sweep(&parent);
        let made = tempfile::Builder::new().prefix(TEMPORARY).tempdir_in(&parent);
        let dir = made.doing(|| format!("make a directory in {}", parent.display()))?;
        let path = dir.path().join("lock");
        let lock = File::create(&path).doing(|| format!("write {}", path.display()))?;
        lock.lock().doing(|| format!("lock {}", path.display()))?;
        identity.make_dir(&dir.path().join("server"), 0o700)?;
        identity.give(dir.path())?;
        if identity.can("-w", &dir.path().join("server")) {
            return Ok((dir, lock));
        }
    }
    Err(Error::Unreachable { user: identity.name().to_owned(), path: env::temp_dir() })
}

/// The file system in memory, if it has room and `TMPDIR` names no other place. To make a database there takes a third of the processor time
/// that it takes on a disk: a database is hundreds of files. A container often has only 64 MiB there, and may start no program from it.
fn memory() -> Option<PathBuf> {
    if env::var_os("TMPDIR").is_some() {
        return None;
    }
    let place = statvfs(MEMORY).ok()?;
    let has_room = place.f_bavail.saturating_mul(place.f_frsize) >= ENOUGH_MEMORY;
    (has_room && !place.f_flag.contains(StatVfsMountFlags::NOEXEC)).then(|| PathBuf::from(MEMORY))
}

/// Removes the directories of killed processes. Their locks are free.
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
            // Removal fails for another user's directory, and for one that another process removes at this moment.
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

/// Stops a server that was started by another process.
fn stop_stranger(pid: u32) -> Result<()> {
    let deadline = Instant::now() + STOP;
    signal(pid, FAST);
    while alive(pid) {
        if Instant::now() > deadline {
            return Err(Error::Stop { pid, seconds: STOP.as_secs() });
        }
        thread::sleep(POLL);
    }
    Ok(())
}

/// Sends a signal to a child and waits for its end. Returns false if that takes too long.
fn end(child: &mut Child, how: Signal) -> bool {
    let deadline = Instant::now() + STOP;
    // A child keeps its process id until its parent has waited for it, so the signal reaches no other process.
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
        // A process that has just ended needs no signal.
        let _ = kill_process(pid, signal);
    }
}

/// Runs `command` with `input` on its standard input.
fn feed(mut command: Command, input: &str) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take();
    thread::scope(|scope| {
        scope.spawn(move || {
            // psql stops reading at the first error, and reports the error.
            let _ = stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
        });
        child.wait_with_output()
    })
}

fn last_line(text: &str) -> String {
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it printed nothing").to_owned()
}

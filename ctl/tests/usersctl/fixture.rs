//! A database for each test, and the built `usersctl` on it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use local_postgres::{Binaries, Cluster, Settings};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

/// The server that `cargo xtask test` started, else one of our own for this run.
pub(crate) fn server() -> String {
    static OWN: OnceLock<Cluster> = OnceLock::new();
    std::env::var("USERS_TEST_DATABASE_URL").unwrap_or_else(|_| {
        let start = || Cluster::temporary(&Binaries::find().unwrap(), &Settings::for_tests()).unwrap();
        OWN.get_or_init(start).url("postgres")
    })
}

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A database that goes when the test ends.
pub(crate) struct Database {
    name: String,
    pub(crate) url: String,
}

impl Database {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("ctl_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let server = server();
        on(&server, &format!("CREATE DATABASE {name}"));
        let (before, _) = server.rsplit_once('/').unwrap();
        Self { url: format!("{before}/{name}"), name }
    }

    /// With the newest schema.
    pub(crate) fn migrated() -> Self {
        let database = Self::new();
        database.ok(&["migrate", "upgrade"]);
        database
    }

    /// With the schema of the first release.
    pub(crate) fn of_the_first_release() -> Self {
        let database = Self::new();
        database.upgrade_to(FIRST_RELEASE);
        database
    }

    /// Applies the service's own migrations up to `version`, and returns what was printed.
    pub(crate) fn upgrade_to(&self, version: i64) -> String {
        self.ok(&["migrate", "--dir", migrations_to(version).path().to_str().unwrap(), "upgrade"])
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// With `input` as standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut run = command.spawn().unwrap();
        // A run that needs no input may have ended.
        _ = run.stdin.take().unwrap().write_all(input.as_bytes());
        run.wait_with_output().unwrap()
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_usersctl"));
        command.args(arguments).env("DATABASE_URL", &self.url).stdin(Stdio::null());
        command
    }

    /// Runs to success and returns what was printed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert!(said.status.success(), "{arguments:?}: {}", text(&said.stderr));
        text(&said.stdout)
    }

    /// Runs to failure and returns the error, which is one line.
    pub(crate) fn fails(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert!(!said.status.success(), "{arguments:?}: {}", text(&said.stdout));
        let error = text(&said.stderr);
        assert_eq!(error.trim_end().lines().count(), 1, "{error}");
        error
    }

    pub(crate) fn all(&self, sql: &str) -> Vec<String> {
        on(&self.url, sql)
    }

    /// Every table with its columns, every index and every function of our own.
    pub(crate) fn schema(&self) -> Vec<String> {
        self.all(
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
             FROM information_schema.columns WHERE table_schema = 'public'
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc p
                WHERE p.pronamespace = 'public'::regnamespace
                  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
             ORDER BY 1",
        )
    }

    /// How many sessions wait for a lock that another one holds.
    pub(crate) fn waiting(&self) -> usize {
        let waiting = format!(
            "SELECT pid::text FROM pg_stat_activity WHERE datname = '{}' AND wait_event_type = 'Lock'",
            self.name
        );
        self.all(&waiting).len()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        on(&server(), &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// The schema's version in the first release.
pub(crate) const FIRST_RELEASE: i64 = 2;

/// The service's migrations, each a version and its file.
fn migrations() -> Vec<(i64, PathBuf)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let files = dir.read_dir().unwrap().map(|entry| entry.unwrap().path());
    files.filter_map(|path| Some((path.file_name()?.to_str()?.get(..4)?.parse().ok()?, path))).collect()
}

/// The newest version.
pub(crate) fn newest() -> i64 {
    migrations().iter().map(|(version, _)| *version).max().unwrap()
}

/// A directory with the migrations up to `version`.
pub(crate) fn migrations_to(version: i64) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (_, path) in migrations().iter().filter(|(other, _)| *other <= version) {
        fs::copy(path, dir.path().join(path.file_name().unwrap())).unwrap();
    }
    dir
}

/// Runs statements and returns the first column of every row.
pub(crate) fn on(url: &str, sql: &str) -> Vec<String> {
    wait(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    })
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A runtime cannot be entered from within another; this leaves it for a moment.
pub(crate) fn on_another_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

/// Keeps `blocker` in an open transaction while `work` runs, then undoes it.
pub(crate) fn while_blocked_by<T: Send>(
    database: &Database,
    blocker: &str,
    work: impl FnOnce() -> T + Send,
) -> T {
    wait(async {
        let mut holder = PgConnection::connect(&database.url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {blocker}"))).execute(&mut holder).await.unwrap();
        let result = on_another_thread(work);
        holder.close().await.unwrap();
        result
    })
}

/// Kills `usersctl migrate --dir DIR upgrade` while `blocker`, in an open transaction, keeps it waiting.
pub(crate) fn kill_while_blocked_by(database: &Database, dir: &Path, blocker: &str) {
    while_blocked_by(database, blocker, || {
        let mut run = database.start(&["migrate", "--dir", dir.to_str().unwrap(), "upgrade"]);
        eventually("the migration waits", || database.waiting() > 0);
        run.kill().unwrap();
        run.wait().unwrap();
    });
}

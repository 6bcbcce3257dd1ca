//! A database for each test, and the built `usersctl` on it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use test_database::{Server, TestDatabase};

/// The schema's version in the first release.
pub(crate) const FIRST_RELEASE: i64 = 2;

/// The URL of the superuser on the server that `cargo xtask test` started.
pub(crate) fn server_url() -> String {
    std::env::var("USERS_TEST_DATABASE_URL").expect("run the tests with `cargo xtask test`")
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// `usersctl` without the developer's own settings.
pub(crate) fn usersctl(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usersctl"));
    command.args(arguments).env_remove("DATABASE_URL").env_remove("SMTP_URL").env_remove("MAIL_DIR");
    command.env_remove("KEY_SECRET");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A database that is dropped when the test ends.
pub(crate) struct Database(TestDatabase);

impl Database {
    /// A database without a schema.
    pub(crate) fn new() -> Self {
        Self(block_on(TestDatabase::empty(server())))
    }

    /// A database without a schema, with options of `CREATE DATABASE`.
    pub(crate) fn with(options: &str) -> Self {
        Self(block_on(TestDatabase::empty_with(server(), options)))
    }

    /// A database with the newest schema.
    pub(crate) fn migrated() -> Self {
        Self(block_on(TestDatabase::migrated(server())))
    }

    /// A database with the schema of the first release.
    pub(crate) fn of_the_first_release() -> Self {
        let database = Self::new();
        database.upgrade_to(FIRST_RELEASE);
        database
    }

    /// Applies the service's own migrations up to `version`, and returns the standard output.
    pub(crate) fn upgrade_to(&self, version: i64) -> String {
        self.ok(&["migrate", "--dir", migrations_to(version).path().to_str().unwrap(), "upgrade"])
    }

    /// The name of the database.
    pub(crate) fn name(&self) -> &str {
        self.0.name()
    }

    /// The URL of the database.
    pub(crate) fn url(&self) -> String {
        self.0.url()
    }

    /// The connection to the database, as the service's variables.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let variables = self.0.variables().into_iter();
        variables.map(|(name, value)| (format!("SPIN_VARIABLE_{}", name.to_uppercase()), value)).collect()
    }

    /// A command that has not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = usersctl(arguments);
        command.env("DATABASE_URL", self.0.url());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs `usersctl` with `input` as standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut run = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // A run that reads no input may end before this write.
        _ = run.stdin.take().unwrap().write_all(input.as_bytes());
        run.wait_with_output().unwrap()
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Starts `count` runs at the same time, and waits for all.
    pub(crate) fn run_at_once(&self, count: usize, arguments: &[&str]) -> Vec<Output> {
        let runs: Vec<Child> = (0..count).map(|_| self.start(arguments)).collect();
        outputs(runs)
    }

    /// Runs `usersctl`, which must succeed, and returns the standard output.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        successful(&self.run(arguments))
    }

    /// Runs `usersctl`, which must fail, and returns the error, which is one line.
    pub(crate) fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {}", text(&output.stdout));
        let error = text(&output.stderr);
        assert_eq!(error.trim_end().lines().count(), 1, "{error}");
        error
    }

    /// Runs statements as the superuser and returns their rows.
    pub(crate) fn sql(&self, statements: &str) -> Vec<String> {
        block_on(self.0.sql(statements))
    }

    /// Every table with its columns, every index and every function, without those of extensions.
    pub(crate) fn schema(&self) -> Vec<String> {
        self.sql(
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
             FROM information_schema.columns WHERE table_schema = 'public'
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc p
                WHERE p.pronamespace = 'public'::regnamespace
                  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
             ORDER BY 1",
        )
    }

    /// The number of sessions that wait for a lock of another session of this database. A wait for a role, which another test is making,
    /// does not count: roles belong to the whole cluster.
    pub(crate) fn waiting(&self) -> usize {
        self.sql(
            "SELECT FROM pg_stat_activity waiting
              WHERE datname = current_database() AND wait_event_type = 'Lock'
                AND EXISTS (
                        SELECT FROM pg_stat_activity holding
                         WHERE holding.datname = current_database() AND holding.pid = ANY (pg_blocking_pids(waiting.pid))
                    )",
        )
        .len()
    }

    /// Keeps `blocker` in an open transaction while `work` runs, then undoes it.
    pub(crate) fn while_blocked_by<T: Send>(&self, blocker: &str, work: impl FnOnce() -> T + Send) -> T {
        block_on(async {
            let holder = self.0.connect().await;
            holder.batch_execute(&format!("BEGIN; {blocker}")).await.unwrap();
            let result = on_another_thread(work);
            holder.batch_execute("ROLLBACK").await.unwrap();
            result
        })
    }

    /// Kills `usersctl migrate --dir DIR upgrade` while `blocker`, in an open transaction, keeps it waiting.
    pub(crate) fn kill_while_blocked_by(&self, dir: &Path, blocker: &str) {
        self.while_blocked_by(blocker, || {
            let mut run = self.start(&["migrate", "--dir", dir.to_str().unwrap(), "upgrade"]);
            eventually("the migration waits", || self.waiting() > 0);
            run.kill().unwrap();
            run.wait().unwrap();
        });
    }
}

fn server() -> Server {
    Server::new(&server_url(), env!("CARGO_BIN_EXE_usersctl"))
}

/// The service's migrations: versions and files.
fn migrations() -> Vec<(i64, PathBuf)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let files = dir.read_dir().unwrap().map(|entry| entry.unwrap().path());
    files.filter_map(|path| Some((path.file_name()?.to_str()?.get(..4)?.parse().ok()?, path))).collect()
}

/// The versions after the first release, oldest first.
pub(crate) fn after_the_first_release() -> Vec<i64> {
    let versions: BTreeSet<i64> = migrations().into_iter().map(|(version, _)| version).collect();
    versions.into_iter().filter(|version| *version > FIRST_RELEASE).collect()
}

/// A directory with the migrations up to `version`.
pub(crate) fn migrations_to(version: i64) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (_, path) in migrations().iter().filter(|(other, _)| *other <= version) {
        fs::copy(path, dir.path().join(path.file_name().unwrap())).unwrap();
    }
    dir
}

pub(crate) fn outputs(runs: Vec<Child>) -> Vec<Output> {
    runs.into_iter().map(|run| run.wait_with_output().unwrap()).collect()
}

/// The standard output of a run that succeeded.
pub(crate) fn successful(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// How often `word` is in the standard output of runs that succeeded.
pub(crate) fn count_in(outputs: &[Output], word: &str) -> usize {
    outputs.iter().map(|output| successful(output).matches(word).count()).sum()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn eventually(condition: &str, holds: impl FnMut() -> bool) {
    eventually_within(Duration::from_secs(30), condition, holds);
}

pub(crate) fn eventually_within(limit: Duration, condition: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !holds() {
        assert!(Instant::now() < deadline, "expected that {condition}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A thread of a runtime cannot start another runtime.
fn on_another_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

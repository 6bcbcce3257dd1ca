//! Tests of temporary and persistent clusters with the Postgres of this machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use local_postgres::{Binaries, Cluster, Error, Home, Settings};

fn temporary() -> Cluster {
    Cluster::temporary(&Binaries::find().unwrap(), &Settings::for_tests()).unwrap()
}

fn persistent(dir: &Path) -> Cluster {
    let home = Home::lock(dir).unwrap();
    Cluster::persistent(&Binaries::find().unwrap(), home, &Settings::for_development()).unwrap()
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A directory that every user can enter, like the usual checkout.
fn open_dir() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

#[test]
fn a_temporary_cluster_recovers_from_a_crash_and_is_removed() {
    let mut cluster = temporary();
    let data = cluster.sql("postgres", "SHOW data_directory").unwrap();
    cluster.sql("postgres", "CREATE TABLE t (a int); INSERT INTO t VALUES (7)").unwrap();
    assert_eq!(cluster.sql("postgres", "SHOW max_connections").unwrap(), "300");
    let port = cluster.port();

    cluster.kill();
    assert!(!cluster.is_running());
    cluster.start().unwrap();
    assert_eq!(cluster.port(), port);
    assert_eq!(cluster.sql("postgres", "SELECT a FROM t").unwrap(), "7");

    cluster.restart().unwrap();
    assert_eq!(cluster.sql("postgres", "SELECT a FROM t").unwrap(), "7");

    drop(cluster);
    let top = Path::new(&data).ancestors().nth(2).unwrap();
    assert!(!top.exists(), "{} is left", top.display());
}

#[test]
fn a_standby_refuses_changes_until_it_is_promoted() {
    let mut cluster = temporary();
    cluster.sql("postgres", "CREATE TABLE t (a int)").unwrap();
    cluster.restart_as_standby().unwrap();
    let error = cluster.sql("postgres", "INSERT INTO t VALUES (7)").unwrap_err().to_string();
    assert!(error.contains("read-only"), "{error}");
    cluster.sql("postgres", "SELECT pg_promote(); INSERT INTO t VALUES (7)").unwrap();
    assert_eq!(cluster.sql("postgres", "SELECT a FROM t").unwrap(), "7");
}

#[test]
fn an_ordinary_role_owns_its_database_and_a_second_call_changes_nothing() {
    let cluster = temporary();
    for _ in 0..2 {
        cluster.ensure_database("users", "users", "secret").unwrap();
    }
    let role = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'users'";
    assert_eq!(cluster.sql("postgres", role).unwrap(), "f|f|f");
    let owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'users'";
    assert_eq!(cluster.sql("users", owner).unwrap(), "users");
    assert!(matches!(cluster.ensure_database("a\"b", "users", "x"), Err(Error::Sql(_))));
}

#[test]
fn a_failed_statement_returns_the_error_of_the_server() {
    let cluster = temporary();
    let error = cluster.sql("postgres", "SELECT no_such_column").unwrap_err().to_string();
    assert!(error.contains("no_such_column"), "{error}");
}

#[test]
fn a_persistent_cluster_keeps_data_port_and_password_and_is_locked() {
    let dir = open_dir();
    let path = dir.path().join("postgres");
    let first = persistent(&path);
    first.sql("postgres", "CREATE TABLE kept (a int)").unwrap();
    let (port, password) = (first.port(), first.superuser_password().to_owned());
    assert!(matches!(Home::lock(&path), Err(Error::InUse(_))));
    assert_eq!(Home::running(&path).map(|running| running.port), Some(port));
    drop(first);
    assert!(Home::running(&path).is_none());

    let second = persistent(&path);
    assert_eq!((second.port(), second.superuser_password()), (port, password.as_str()));
    assert_eq!(second.sql("postgres", "SELECT count(*) FROM kept").unwrap(), "0");
}

#[test]
fn a_taken_port_is_replaced() {
    let dir = open_dir();
    let first = persistent(dir.path());
    let port = first.port();
    drop(first);
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let second = persistent(dir.path());
    assert_ne!(second.port(), port);
    drop(taken);
}

/// Starts the helper below in its own process, so that a test can kill it.
fn in_a_process(dir: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hold_a_cluster", "--ignored"])
        .env("HOLD_A_CLUSTER_IN", dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "a helper of the test that kills it"]
fn hold_a_cluster() {
    let Some(dir) = std::env::var_os("HOLD_A_CLUSTER_IN") else {
        return;
    };
    let _temporary = temporary();
    let _persistent = persistent(Path::new(&dir));
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn the_servers_of_a_killed_process_stop_and_the_next_process_takes_over() {
    let dir = open_dir();
    let mut holder = in_a_process(dir.path());
    eventually("the holder's cluster runs", || Home::running(dir.path()).is_some());
    let mut kept = None;
    eventually("its server is ready", || {
        kept = Home::running(dir.path());
        let pid_file = dir.path().join("server/data/postmaster.pid");
        fs::read_to_string(pid_file).is_ok_and(|text| text.contains("ready"))
    });
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", holder.id()));
    holder.kill().unwrap();
    holder.wait().unwrap();

    let taken_over = persistent(dir.path());
    assert_eq!(taken_over.sql("postgres", "SELECT 1").unwrap(), "1");
    assert_ne!(Home::running(dir.path()).map(|running| running.pid), kept.map(|kept| kept.pid));
    for pid in children.unwrap_or_default().split_whitespace().map(str::to_owned) {
        eventually("the temporary server stops too", || !Path::new(&format!("/proc/{pid}")).exists());
    }
}

//! `usersctl --wait`: Postgres may be on its way up.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use local_postgres::{Binaries, Cluster, Settings};

fn usersctl(cluster: &Cluster, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usersctl"));
    command.args(arguments).env("DATABASE_URL", cluster.url("postgres"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn who_waits_goes_on_once_postgres_is_there() {
    let mut cluster = Cluster::temporary(&Binaries::find().unwrap(), &Settings::for_tests()).unwrap();
    cluster.stop().unwrap();
    let mut waiting = usersctl(&cluster, &["--wait=60s", "migrate", "current"]).spawn().unwrap();
    let mut said = BufReader::new(waiting.stderr.take().unwrap()).lines();
    let first = said.next().unwrap().unwrap();
    assert_eq!(first, format!("waiting for Postgres at 127.0.0.1:{}", cluster.port()));
    cluster.start().unwrap();
    assert!(waiting.wait().unwrap().success());
    assert_eq!(said.count(), 0, "expected nothing more on standard error");
}

#[test]
fn waiting_ends() {
    let mut cluster = Cluster::temporary(&Binaries::find().unwrap(), &Settings::for_tests()).unwrap();
    cluster.stop().unwrap();
    for wait in ["--wait=0s", "--wait=600ms"] {
        let said = usersctl(&cluster, &[wait, "migrate", "current"]).output().unwrap();
        let stderr = String::from_utf8(said.stderr).unwrap();
        assert_eq!(said.status.code(), Some(1));
        assert!(stderr.contains("cannot be reached"), "{stderr}");
    }
}

#[test]
fn a_refusal_is_not_waited_out() {
    let cluster = Cluster::temporary(&Binaries::find().unwrap(), &Settings::for_tests()).unwrap();
    let said = usersctl(&cluster, &["--wait=1h", "migrate", "current"])
        .env("DATABASE_URL", format!("postgres://postgres:wrong@127.0.0.1:{}/postgres", cluster.port()))
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(1));
    let stderr = String::from_utf8(said.stderr).unwrap();
    assert!(stderr.contains("refuses this user or password"), "{stderr}");
}

//! `usersctl --wait`.

use std::io::{BufRead, BufReader};
use std::process::Command;

use local_postgres::{Binaries, Cluster, Settings};

use crate::fixture::{text, usersctl};

fn cluster() -> Cluster {
    Cluster::temporary(&Binaries::find().unwrap(), &Settings::for_tests()).unwrap()
}

fn current(cluster: &Cluster, wait: &str) -> Command {
    let mut command = usersctl(&[wait, "migrate", "current"]);
    command.env("DATABASE_URL", cluster.url("postgres"));
    command
}

#[test]
fn a_waiting_command_continues_once_postgres_is_up() {
    let mut cluster = cluster();
    cluster.stop().unwrap();
    let mut waiting = current(&cluster, "--wait=60s").spawn().unwrap();
    let mut lines = BufReader::new(waiting.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert_eq!(first, format!("waiting for Postgres at 127.0.0.1:{}", cluster.port()));
    cluster.start().unwrap();
    assert!(waiting.wait().unwrap().success());
    assert_eq!(lines.count(), 0, "expected nothing more on standard error");
}

#[test]
fn the_wait_ends_after_the_given_time() {
    let mut cluster = cluster();
    cluster.stop().unwrap();
    for wait in ["--wait=0s", "--wait=600ms"] {
        let output = current(&cluster, wait).output().unwrap();
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr.contains("cannot be reached"), "{stderr}");
    }
}

#[test]
fn a_wrong_password_ends_the_wait() {
    let cluster = cluster();
    let output = current(&cluster, "--wait=1h")
        .env("DATABASE_URL", format!("postgres://postgres:wrong@127.0.0.1:{}/postgres", cluster.port()))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("refuses this user or password"), "{stderr}");
}

//! `cargo xtask demo`: the whole API, one request after the other, as somebody who has just found it would try it.

mod accounts;
mod client;
mod profile;
mod rbac;
mod service;
mod show;
mod users;

use std::fs::File;
use std::io::{Read, Seek};
use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::Context;
use local_postgres::random_hex;

use crate::database::Database;
use crate::server::{Server, reachable};
use crate::{Host, build, process, say, up, usersctl};
use client::Client;

/// A free port that only this machine reaches.
pub(crate) const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
/// The administrator's address.
const ADMIN: &str = "admin@example.com";
/// How much of the server's log is shown when something goes wrong.
const LOG_LINES: usize = 20;

/// Somebody who can log in. Passwords are made for the run.
struct Person {
    email: &'static str,
    password: String,
}

impl Person {
    fn new(email: &'static str) -> anyhow::Result<Self> {
        Ok(Self { email, password: random_hex(16)? })
    }
}

/// Builds the service, starts it on an empty database, and walks through it. Nothing is left behind.
pub(crate) fn run() -> anyhow::Result<()> {
    build::components()?;
    up::build_programs(Host::Embedded)?;
    say("starting a Postgres of its own, which goes when this ends");
    let database = Database::temporary()?;
    let walked = serve_and_walk(&database);
    let stopped = database.stop();
    walked.and(stopped)
}

fn serve_and_walk(database: &Database) -> anyhow::Result<()> {
    usersctl::prepare(database)?;
    let admin = Person::new(ADMIN)?;
    create_admin(database, &admin)?;
    // Its log would stand between the answers.
    let mut log = tempfile::tempfile().context("there is no place for the server's log")?;
    let walked = serve(database, log.try_clone()?).and_then(|server| {
        let walked = walk(server.address(), &admin);
        server.stop();
        walked
    });
    walked.inspect_err(|error| {
        if !error.is::<process::Interrupted>() {
            show_end_of(&mut log);
        }
    })
}

fn serve(database: &Database, log: File) -> anyhow::Result<Server> {
    say("starting the service");
    Server::start(Host::Embedded, ANY_PORT, database.address(), &random_hex(32)?, Stdio::from(log))
}

/// Every chapter needs those before it.
fn walk(address: SocketAddr, admin: &Person) -> anyhow::Result<()> {
    let client = Client::new(reachable(address));
    service::walk(&client)?;
    let ada = accounts::walk(&client)?;
    let admin = client.log_in("The administrator logs in.", admin)?;
    users::walk(&client, &admin, &ada)?;
    profile::walk(&client, &admin, &ada)?;
    rbac::walk(&client, &admin, &ada)?;
    println!("\nThat was the whole API: {} answers, each as expected.", client.answers());
    Ok(())
}

/// As an operator makes the first administrator.
fn create_admin(database: &Database, admin: &Person) -> anyhow::Result<()> {
    println!("\nThe operator makes an administrator.");
    println!("  usersctl create-admin {} --password-stdin", admin.email);
    usersctl::create_admin(database, admin.email, &admin.password, Stdio::inherit())
}

/// The reason is often there. When the log cannot be read, the error itself is all there is.
fn show_end_of(log: &mut File) {
    let mut text = Vec::new();
    if log.rewind().and_then(|()| log.read_to_end(&mut text)).is_ok() {
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        for line in lines.iter().skip(lines.len().saturating_sub(LOG_LINES)) {
            eprintln!("{line}");
        }
    }
}

//! `cargo xtask up`: builds and starts the service from a fresh clone.

use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::thread;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use crate::database::{self, Database, Secrets};
use crate::server::{Server, public_url};
use crate::watch::{Changes, Watch};
use crate::worker::Worker;
use crate::{Host, build, cargo, process, say, spin, usersctl};

/// `cargo xtask up …`
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// The address to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The host that runs the components.
    #[arg(long, value_enum, default_value_t)]
    host: Choice,
    /// Build and restart whenever a source file changes.
    #[arg(long)]
    watch: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Choice {
    /// The `spin` command when it is 4.1 or newer, else the embedded host.
    #[default]
    Auto,
    /// The host in `host/`, which needs nothing installed.
    Embedded,
    /// The `spin` command, 4.1 or newer.
    Spin,
}

impl Choice {
    fn host(self) -> anyhow::Result<Host> {
        match self {
            Self::Embedded => Ok(Host::Embedded),
            Self::Spin => spin::check().map(|()| Host::Spin),
            Self::Auto => Ok(match spin::usable() {
                Ok(version) => {
                    say(format_args!("using {version}; for the embedded host, add --host embedded"));
                    Host::Spin
                }
                Err(reason) => {
                    say(format_args!("using the embedded host, because {reason}"));
                    Host::Embedded
                }
            }),
        }
    }
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) fn run(up: &Up) -> anyhow::Result<()> {
    let host = up.host.host()?;
    let home = database::claim()?;
    check_address(up.listen)?;
    build::components()?;
    build_programs(host)?;
    let mut database = Database::open(home)?;
    let served = serve(up, host, &mut database);
    let stopped = database.stop();
    match served {
        // Ctrl-C ends the service normally.
        Err(error) if error.is::<process::Interrupted>() => stopped,
        Err(error) => Err(error),
        Ok(()) => stopped,
    }
}

/// Reports an address that is already in use, before the long steps.
fn check_address(listen: SocketAddr) -> anyhow::Result<()> {
    TcpListener::bind(listen).map(drop).with_context(|| {
        format!("{listen} cannot be listened on: stop what uses it, or name another with --listen")
    })
}

pub(crate) fn build_programs(host: Host) -> anyhow::Result<()> {
    match host {
        Host::Embedded => {
            say("building usersctl and the embedded host");
            cargo::build_programs(&["usersctl", "users-host"])
        }
        Host::Spin => {
            say("building usersctl");
            cargo::build_programs(&["usersctl"])
        }
    }
}

fn serve(up: &Up, host: Host, database: &mut Database) -> anyhow::Result<()> {
    let secrets = Secrets::kept()?;
    usersctl::prepare(database)?;
    // The watch starts before the server, so that it misses no change.
    let mut watch = up.watch.then(Watch::new);
    let start = |address, database: &Database| {
        Server::start(host, address, database.address(), &secrets, Stdio::inherit())
    };
    let mut server = start(up.listen, database)?;
    let address = server.address();
    let mut worker = Worker::start(database, &secrets, address)?;
    greet(address);
    while process::asked_to_stop() == 0 {
        thread::sleep(process::POLL * 5);
        if let Some(status) = server.ended() {
            bail!("the host ended by itself ({status}): see its messages above");
        }
        if let Some(status) = worker.ended() {
            bail!("the worker ended by itself ({status}): see its messages above");
        }
        if database.has_died() {
            bail!("Postgres ended by itself: see its log in .data/postgres/server/log");
        }
        if let Some(changes) = watch.as_mut().and_then(Watch::look)
            && rebuild(host, database, changes)?
        {
            server.stop();
            worker.stop();
            server = start(address, database)?;
            worker = Worker::start(database, &secrets, address)?;
            say("serving the new build");
        }
    }
    say("stopping: requests in flight are finished first");
    server.stop();
    worker.stop();
    Ok(())
}

/// Rebuilds after a change, and returns true on success. After a failed build, the running server stays.
fn rebuild(host: Host, database: &Database, changes: Changes) -> anyhow::Result<bool> {
    let rebuilt = build::components().and_then(|()| {
        if changes.programs {
            build_programs(host)?;
        }
        usersctl::prepare(database)
    });
    match rebuilt {
        Ok(()) => Ok(true),
        Err(error) if error.is::<process::Interrupted>() => Err(error),
        Err(error) => {
            say(format_args!("{error:#}; the last good build goes on serving"));
            Ok(false)
        }
    }
}

/// Prints the next steps.
fn greet(address: SocketAddr) {
    let url = public_url(address);
    println!("The users service is ready on {url}");
    println!("  documentation  {url}/docs");
    println!("  next, make the first administrator:");
    println!("    cargo xtask create-admin you@example.com");
    println!("  or register an account:");
    println!("    curl -i {url}/auth/register -H 'Content-Type: application/json' \\");
    println!("      -d '{{\"email\": \"ada@example.com\", \"password\": \"correct horse battery staple\"}}'");
    println!("  e-mails are files in .data/mail, and the link of each is printed here");
    println!("  Ctrl-C stops it.");
}

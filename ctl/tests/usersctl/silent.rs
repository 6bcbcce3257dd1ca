//! A network between `usersctl` and Postgres that may fall silent.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// A proxy for Postgres.
pub(crate) struct Proxy {
    url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    is_silent: AtomicBool,
    /// The octets that clients sent during the silence.
    lost: AtomicUsize,
}

impl Proxy {
    /// `url` is that of a database: `postgres://user:password@host:port/name`.
    pub(crate) fn start(url: &str) -> Self {
        let (user, rest) = url.rsplit_once('@').unwrap();
        let (postgres, name) = rest.split_once('/').unwrap();
        let postgres = postgres.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{user}@{}/{name}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let of_connections = Arc::clone(&shared);
        // It ends with the process of the tests.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&postgres) else { continue };
                let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let shared = Arc::clone(&of_connections);
                thread::spawn(move || forward(client, server, &shared));
                let shared = Arc::clone(&of_connections);
                thread::spawn(move || forward(back.0, back.1, &shared));
            }
        });
        Self { url, shared }
    }

    /// The URL of the database by way of the proxy.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Drops all data from now on. Connections stay open.
    pub(crate) fn fall_silent(&self) {
        self.shared.lost.store(0, Ordering::Relaxed);
        self.shared.is_silent.store(true, Ordering::Relaxed);
    }

    /// Serves new connections again. Those that fell silent stay so, as if a firewall had forgotten them.
    pub(crate) fn heal(&self) {
        self.shared.is_silent.store(false, Ordering::Relaxed);
    }

    /// The octets that clients have sent in vain since the silence began.
    pub(crate) fn lost(&self) -> usize {
        self.shared.lost.load(Ordering::Relaxed)
    }
}

/// A silence lasts for the life of the connection.
fn forward(mut from: TcpStream, mut to: TcpStream, shared: &Shared) {
    let mut is_silent = false;
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        is_silent |= shared.is_silent.load(Ordering::Relaxed);
        if is_silent {
            shared.lost.fetch_add(length, Ordering::Relaxed);
        } else if to.write_all(&piece[..length]).is_err() {
            break;
        }
    }
}
